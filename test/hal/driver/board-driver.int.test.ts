import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { BoardEvent, PortAudio } from '../../../hal/board.ts';
import { openSerialLine } from '../../../hal/driver/serial-line.ts';
import { encodeFrame, FRAME } from '../../../hal/link/frame.ts';
import { FrameReader } from '../../../hal/link/frame-reader.ts';
import { decodeHello, encodeHelloRequest } from '../../../hal/link/link-messages.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { strongestTone } from '../../../lib/dsp/goertzel.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { startBoardSimulator } from '../../support/board-simulator.ts';
import { startPtyPair } from '../../support/pty-pair.ts';
import { pause, port1, port2, type Rig, startRig } from './driver-harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig?.stop());

/** Whatever a test did, the next one begins with a board that is up and both phones on their hooks. */
afterEach(async () => {
  const { control } = rig.sim;
  await control.hangUp(1);
  await control.hangUp(2);
  for (let tries = 0; tries < 100; tries++) {
    const { ports } = await control.state();
    if (rig.board.identity !== undefined && ports.every((port) => !port.offHook)) return;
    await pause(50);
  }
});

/** Events from now on. */
function fromNow(): {
  until: (wanted: (event: BoardEvent) => boolean, limitMs?: number) => Promise<BoardEvent>;
} {
  const from = rig.events.length;
  return { until: (wanted, limitMs) => rig.until(wanted, limitMs, from) };
}

it('HELLO tells model, firmware, ports, limits and capabilities', () => {
  expect(rig.board.identity).toMatchObject({
    protocol: { major: 1 },
    ports: 2,
    bootReason: 'powerOn',
    firmware: '1.0.0',
    limits: { receiveBytes: 32_768, frameBytes: 1024 },
  });
  expect(rig.board.identity?.capabilities).toContain('gr909');
});

it('hook, flash and pulse digits of both speeds come as events', async () => {
  const now = fromNow();
  await rig.sim.control.lift(1);
  await now.until((event) => event.type === 'hook' && event.port === 1 && event.offHook);
  await rig.sim.control.dial(1, '30', 'pulse10');
  await now.until((event) => event.type === 'pulseDigit' && event.digit === '3');
  await now.until((event) => event.type === 'pulseDigit' && event.digit === '0');
  await rig.sim.control.dial(1, '7', 'pulse20');
  await now.until((event) => event.type === 'pulseDigit' && event.digit === '7');
  await rig.sim.control.flash(1, 400);
  const flash = await now.until((event) => event.type === 'flash');
  expect(flash).toMatchObject({ port: 1 });
  expect(flash.type === 'flash' && Math.abs(flash.durationMs - 400)).toBeLessThanOrEqual(10);
  await rig.sim.control.hangUp(1);
  await now.until((event) => event.type === 'hook' && event.port === 1 && !event.offHook);
});

it('ringing follows the Japanese cadence and is tripped by lifting the handset', async () => {
  const now = fromNow();
  expect(rig.board.command(port2, { type: 'ring', cadence: [1000, 2000] })).toBe(true);
  await pause(3_300);
  const { history } = await rig.sim.control.ringing(2);
  expect(history.slice(-3).map((moment) => moment.on)).toEqual([true, false, true]);
  const [on, off, again] = history.slice(-3).map((moment) => moment.atMs);
  expect(Math.abs((off ?? 0) - (on ?? 0) - 1000)).toBeLessThan(100);
  expect(Math.abs((again ?? 0) - (off ?? 0) - 2000)).toBeLessThan(100);
  await rig.sim.control.lift(2);
  await now.until((event) => event.type === 'ringTrip' && event.port === 2);
  await now.until((event) => event.type === 'hook' && event.port === 2 && event.offHook);
  expect((await rig.sim.control.ringing(2)).ringing).toBe(false);
});

/** A sine that goes on from frame to frame. */
function toneSource(hz: number): () => Uint8Array {
  let at = 0;
  return () => {
    const samples = Int16Array.from({ length: 80 }, () =>
      Math.round(peakOf(-12) * Math.sin((2 * Math.PI * hz * at++) / 8000)),
    );
    return ulawEncodeBlock(samples);
  };
}

// Tried again when the machine itself stalled for longer than the board's playout buffer.
it('audio runs both ways on two ports, found by frequency, without a gap', { retry: 2 }, async () => {
  const { board, sim } = rig;
  const before = board.counters;
  const now = fromNow();
  await sim.control.lift(1);
  await sim.control.lift(2);
  await now.until((event) => event.type === 'hook' && event.port === 2 && event.offHook);
  await sim.control.speak(1, 700);
  await sim.control.speak(2, 1_100);
  const sources = new Map([
    [port1, toneSource(523.25)],
    [port2, toneSource(1_318.5)],
  ]);
  const mouths = new Map<number, Int16Array[]>([
    [port1, []],
    [port2, []],
  ]);
  let lost = 0;
  let running = true;
  board.onAudio((frames, _tick, lostFrames) => {
    if (!running) return;
    lost += lostFrames;
    for (const { port, ulaw } of frames) mouths.get(port)?.push(ulawDecodeBlock(ulaw));
    board.sendAudio(
      frames.map(({ port }): PortAudio => ({ port, ulaw: sources.get(port)?.() ?? new Uint8Array(80) })),
    );
  });
  board.command(port1, { type: 'audio', on: true });
  board.command(port2, { type: 'audio', on: true });
  await pause(300);
  const [ear1, ear2] = await Promise.all([sim.control.hear(1, 3_000), sim.control.hear(2, 3_000)]);
  running = false;
  board.command(port1, { type: 'audio', on: false });
  board.command(port2, { type: 'audio', on: false });
  expect(lost).toBe(0);
  expect(board.counters.audioGaps).toBe(before.audioGaps);
  expect(board.counters.audioDroppedForCredit).toBe(before.audioDroppedForCredit);
  expect(ear1.tones[0]?.hz).toBeCloseTo(523.25, -0.5);
  expect(ear2.tones[0]?.hz).toBeCloseTo(1_318.5, -0.5);
  expect(ear1.windows.filter((window) => Math.abs(window.hz - 523.25) > 3)).toEqual([]);
  for (const [port, hz] of [
    [1, 700],
    [2, 1_100],
  ] as const) {
    const heard = Int16Array.from((mouths.get(port) ?? []).slice(20, 220).flatMap((block) => [...block]));
    expect(heard.length).toBe(16_000);
    const found = strongestTone(heard.subarray(0, 800), { fromHz: 300, toHz: 3_000 });
    expect(Math.abs((found?.hz ?? 0) - hz)).toBeLessThan(4);
  }
});

it('DTMF is dialled as audio', async () => {
  const { board, sim } = rig;
  await sim.control.lift(1);
  const heard: Int16Array[] = [];
  let listening = true;
  board.onAudio((frames) => {
    if (listening) for (const { port, ulaw } of frames) if (port === 1) heard.push(ulawDecodeBlock(ulaw));
  });
  board.command(port1, { type: 'audio', on: true });
  await pause(100);
  await sim.control.dial(1, '5');
  await pause(50);
  listening = false;
  board.command(port1, { type: 'audio', on: false });
  const all = Int16Array.from(heard.flatMap((block) => [...block]));
  const start = all.findIndex((sample) => Math.abs(sample) > 1_000);
  const pressed = all.subarray(start, start + 480);
  expect(Math.abs((strongestTone(pressed, { fromHz: 650, toHz: 1_000 })?.hz ?? 0) - 770)).toBeLessThan(8);
  expect(Math.abs((strongestTone(pressed, { fromHz: 1_150, toHz: 1_700 })?.hz ?? 0) - 1_336)).toBeLessThan(8);
});

it('a line is measured on hook and answers why not while off hook', async () => {
  const now = fromNow();
  rig.board.command(port1, { type: 'measure', request: 7 });
  const measured = await now.until((event) => event.type === 'measured' && event.request === 7);
  expect(measured).toMatchObject({ result: { renHundredths: 100, receiverOffHook: false, skipped: [] } });
  await rig.sim.control.lift(1);
  await now.until((event) => event.type === 'hook' && event.offHook);
  rig.board.command(port1, { type: 'measure', request: 8 });
  const skipped = await now.until((event) => event.type === 'measured' && event.request === 8);
  expect(skipped).toMatchObject({
    result: { renHundredths: null, receiverOffHook: true, skipped: ['off-hook'] },
  });
});

it('commands set polarity, line power and caller-ID audio, and a plain board refuses T.38', async () => {
  const now = fromNow();
  const audio = Uint8Array.from({ length: 6_000 }, (_, index) => index & 0xff);
  rig.board.command(port1, { type: 'polarity', reversed: true });
  rig.board.command(port2, { type: 'callerId', ulaw: audio });
  rig.board.command(port1, { type: 't38', sequence: 1, ifp: new Uint8Array(4) });
  const refused = await now.until((event) => event.type === 'warning' && event.code === 'board.refused');
  expect(refused).toMatchObject({ say: expect.stringContaining('notFitted') });
  const { ports } = await rig.sim.control.state();
  expect(ports[0]?.reversed).toBe(true);
  expect(ports[1]?.callerIdBytes).toBe(6_000);
  rig.board.command(port1, { type: 'polarity', reversed: false });
});

it('garbage on the line is a coded warning; hook events still come, once each and in order', async () => {
  const now = fromNow();
  const from = rig.events.length;
  for (let round = 0; round < 3; round++) {
    await rig.sim.control.garbage(2_000);
    await rig.sim.control.lift(1);
    await pause(60);
    await rig.sim.control.garbage(300);
    await rig.sim.control.hangUp(1);
    await pause(1_200);
  }
  await now.until((event) => event.type === 'warning' && event.code === 'board.garbage');
  const hooks = rig.events.slice(from).filter((event) => event.type === 'hook');
  expect(hooks.map((event) => event.type === 'hook' && event.offHook)).toEqual(
    Array.from({ length: 6 }, (_, index) => index % 2 === 0),
  );
  expect(rig.events.slice(from).filter((event) => event.type === 'down')).toEqual([]);
  expect(rig.board.counters.crcErrors + rig.board.counters.framingErrors).toBeGreaterThan(0);
});

it('a board that restarts is down, then up again, and tells which phones are off hook', async () => {
  const now = fromNow();
  await rig.sim.control.lift(2);
  await now.until((event) => event.type === 'hook' && event.offHook);
  const after = fromNow();
  await rig.sim.control.restart();
  await after.until((event) => event.type === 'down' && event.code === 'board.restarted');
  const up = await after.until((event) => event.type === 'up');
  expect(up).toMatchObject({ board: { bootReason: 'software' } });
  await after.until((event) => event.type === 'hook' && event.port === 2 && event.offHook);
  expect(rig.board.counters.restarts).toBe(1);
});

it('a board without power is silent, then comes back', async () => {
  const now = fromNow();
  await rig.sim.control.vanish(2_500);
  await now.until((event) => event.type === 'down' && event.code === 'board.silent');
  expect(rig.board.command(port1, { type: 'ringStop' })).toBe(false);
  const up = await now.until((event) => event.type === 'up');
  expect(up).toMatchObject({ board: { bootReason: 'powerOn' } });
});

it('a serial device that disappears is opened again when it is back', async () => {
  const now = fromNow();
  await rig.pair.cut();
  await now.until((event) => event.type === 'down');
  await pause(500);
  await rig.pair.join();
  await now.until((event) => event.type === 'up', 8_000);
  await rig.sim.control.lift(1);
  await now.until((event) => event.type === 'hook' && event.offHook);
});

it('a terminal that nobody reads does not fill the memory: what is too much is dropped and counted', async () => {
  const pair = await startPtyPair();
  const line = await openSerialLine(pair.box, 3_000_000, {
    onBytes: () => undefined,
    onClosed: () => undefined,
  });
  for (let write = 0; write < 1_000; write++) line.write(Buffer.alloc(1_000, 0x55));
  expect(line.behind).toBe(true);
  expect(line.droppedBytes).toBeGreaterThan(900_000);
  await line.close();
  await pair.stop();
});

it('a control round trip takes less than 50 ms with no timers armed', async () => {
  const pair = await startPtyPair();
  const sim = await startBoardSimulator({ device: pair.board });
  const reader = new FrameReader();
  let answered: (() => void) | undefined;
  let wanted = 0;
  const line = await openSerialLine(pair.box, 3_000_000, {
    onBytes: (bytes) => {
      for (const item of reader.push(bytes)) {
        if (item.kind !== 'frame' || item.frame.type !== FRAME.hello) continue;
        if (decodeHello(item.frame.payload, 1)?.nonce === wanted) answered?.();
      }
    },
    onClosed: () => undefined,
  });
  await pause(200);
  const times: number[] = [];
  for (wanted = 1; wanted <= 100; wanted++) {
    const startMs = performance.now();
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const payload = encodeHelloRequest({ major: 1, minor: 0, nonce: wanted, receiveBytes: 65_536 });
    const header = { version: 1, channel: 0, flags: 0, seq: 0, ack: 0, tick: 0 };
    line.write(encodeFrame({ ...header, type: FRAME.helloRequest, payload }));
    await answer;
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  await line.close();
  await sim.stop();
  await pair.stop();
  expect(times[50]).toBeLessThan(50);
  expect(times[90]).toBeLessThan(50);
});
