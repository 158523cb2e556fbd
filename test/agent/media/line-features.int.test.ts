import { createSocket, type Socket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand, MediaEvent, Party, RtpOpened } from '../../../agent/media/protocol.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { levelDbm0, strongestTone } from '../../../lib/dsp/goertzel.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { decodeRtp, encodeRtp, type RtpPacket } from '../../../lib/voice/rtp/packet.ts';
import { encodeTelephoneEvent } from '../../../lib/voice/rtp/telephone-event.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';

const HOST = '127.53.4.1';
const PEER = '127.53.4.2';
const RANGE = { fromHz: 200, toHz: 3_600 };

/** The far end of one session. */
interface Far {
  readonly socket: Socket;
  readonly port: number;
  readonly arrived: RtpPacket[];
  /** Where it sends. */
  to: number;
  readonly hz: number;
}

let clock: VirtualClock;
let board: FakeBoard;
let engine: MediaEngine;
let events: MediaEvent[];
let folder: string;
let far: Record<'a' | 'b', Far>;

const sine =
  (hz: number, dbm0 = -13) =>
  (position: number): number =>
    Math.round(peakOf(dbm0) * Math.sin((2 * Math.PI * hz * position) / 8_000));

async function run(command: MediaCommand): Promise<unknown> {
  const result = await engine.execute(command);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.say}`);
  return result.value;
}

async function code(command: MediaCommand): Promise<string> {
  const result = await engine.execute(command);
  return result.ok ? 'ok' : result.error.code;
}

async function farEnd(hz: number): Promise<Far> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, PEER, resolve));
  const arrived: RtpPacket[] = [];
  socket.on('message', (datagram) => {
    const packet = decodeRtp(Buffer.from(datagram));
    if (packet.ok) arrived.push(packet.value);
  });
  return { socket, port: socket.address().port, arrived, to: 0, hz };
}

async function open(session: 'a' | 'b'): Promise<void> {
  const { localPort } = (await run({ type: 'rtpOpen', session, localHost: HOST, note: 'n' })) as RtpOpened;
  far[session].to = localPort;
  const { port } = far[session];
  await run({ type: 'rtpConnect', session, host: PEER, port, payloadType: 0, dtmfPayloadType: 101 });
}

function voice(index: number, hz: number): Buffer {
  const samples = Int16Array.from({ length: 160 }, (_, at) => sine(hz)(index * 160 + at));
  const payload = ulawEncodeBlock(samples);
  return encodeRtp({
    payloadType: 0,
    marker: index === 0,
    sequence: index,
    timestamp: index * 160,
    ssrc: 5,
    payload,
  });
}

let sent = 0;

/** What was sent to the far end until now has come; `arrived` counts it. */
async function settle({ arrived }: Far): Promise<number> {
  for (let seen = -1, quiet = 0; quiet < 5; ) {
    quiet = arrived.length === seen ? quiet + 1 : 0;
    seen = arrived.length;
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  return arrived.length;
}

/** Time passes: the board's clock, and both far ends speak their frequency. */
async function pass(ms: number): Promise<void> {
  for (let frame = 0; frame < ms / 10; frame++) {
    if (frame % 2 === 0) {
      for (const each of Object.values(far)) {
        if (each.to !== 0) each.socket.send(voice(sent, each.hz), each.to, HOST);
      }
      sent++;
    }
    board.frame();
    clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function levelAt(samples: Int16Array, hz: number): number {
  return strongestTone(samples, { fromHz: hz - 20, toHz: hz + 20 })?.dbm0 ?? -96;
}

/** The last `ms` that a port's ear heard. */
function ear(port: number, ms = 400): Int16Array {
  return board.heard(port).slice(-ms * 8);
}

function heardFar(session: 'a' | 'b', ms = 400): Int16Array {
  const packets = far[session].arrived.slice(-ms / 20);
  return ulawDecodeBlock(Buffer.concat(packets.map((packet) => packet.payload)));
}

beforeEach(async () => {
  clock = new VirtualClock();
  board = new FakeBoard();
  events = [];
  sent = 0;
  folder = mkdtempSync(join(tmpdir(), 'engawa-capture-'));
  engine = new MediaEngine({
    board,
    clock,
    random: seededRandom(7),
    log: silentLog(),
    captureFolder: folder,
  });
  engine.start();
  engine.adopt((event) => events.push(event));
  board.emit({ type: 'up', board: { ...FAKE_BOARD, ports: 3 } });
  far = { a: await farEnd(700), b: await farEnd(1_100) };
});

afterEach(async () => {
  for (const each of Object.values(far)) each.socket.close();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

const RTP_A: Party = { to: 'rtp', session: 'a' };
const RTP_B: Party = { to: 'rtp', session: 'b' };

describe('conference', () => {
  it('lets one line and two far ends hear each other, and nobody himself', async () => {
    board.microphones.set(1, sine(1_500));
    board.hook(1, true);
    await open('a');
    await open('b');
    await run({ type: 'attach', port: 1, attachment: { to: 'conference', with: [RTP_A, RTP_B] } });
    await pass(1_000);
    const [line, a, b] = [ear(1), heardFar('a'), heardFar('b')];
    for (const [own, heard, others] of [
      [1_500, line, [700, 1_100]],
      [700, a, [1_500, 1_100]],
      [1_100, b, [1_500, 700]],
    ] as const) {
      for (const hz of others) expect(levelAt(heard, hz)).toBeCloseTo(-13, 0);
      expect(levelAt(heard, own)).toBeLessThan(-45);
    }
  });

  it('goes on for the others when one line leaves, and lets the sessions go with the last one', async () => {
    board.microphones.set(1, sine(1_500));
    board.microphones.set(2, sine(2_000));
    board.hook(1, true);
    board.hook(2, true);
    await open('a');
    const parties: Party[] = [{ to: 'line', port: 2 }, RTP_A];
    await run({ type: 'attach', port: 1, attachment: { to: 'conference', with: parties } });
    await pass(600);
    expect(levelAt(ear(2), 1_500)).toBeCloseTo(-13, 0);
    expect(engine.adopt((event) => events.push(event)).lines[1]?.attachment).toEqual({
      to: 'conference',
      with: [{ to: 'line', port: 1 }, RTP_A],
    });
    await run({ type: 'attach', port: 1, attachment: { to: 'silence' } });
    await pass(600);
    expect(levelDbm0(ear(1, 200))).toBeLessThan(-60);
    expect(levelAt(ear(2), 700)).toBeCloseTo(-13, 0);
    expect(levelAt(ear(2), 1_500)).toBeLessThan(-45);
    expect(levelAt(heardFar('a'), 2_000)).toBeCloseTo(-13, 0);
    const before = far.a.arrived.length;
    await run({ type: 'attach', port: 2, attachment: { to: 'tone', tone: 'dial' } });
    await pass(200);
    expect(far.a.arrived.length - before).toBeLessThanOrEqual(1);
  });

  it('clips instead of wrapping when all shout at once', async () => {
    for (const port of [1, 2, 3]) {
      board.microphones.set(port, sine(400, 3));
      board.hook(port, true);
    }
    const parties: Party[] = [2, 3].map((port) => ({ to: 'line', port }));
    await run({ type: 'attach', port: 1, attachment: { to: 'conference', with: parties } });
    await pass(300);
    const heard = ear(1, 200);
    const wraps = heard.some((sample, at) => at > 0 && Math.abs(sample - (heard[at - 1] ?? 0)) > 40_000);
    expect(wraps).toBe(false);
    expect(Math.max(...heard)).toBe(32_124);
  });

  it('is refused whole when somebody in it is unknown, and parts nobody', async () => {
    board.hook(1, true);
    await open('a');
    await run({ type: 'attach', port: 1, attachment: RTP_A });
    const unknown: Party = { to: 'rtp', session: 'nobody' };
    expect(
      await code({ type: 'attach', port: 1, attachment: { to: 'conference', with: [RTP_A, unknown] } }),
    ).toBe('media.noSession');
    const self: Party = { to: 'line', port: 1 };
    expect(
      await code({ type: 'attach', port: 1, attachment: { to: 'conference', with: [RTP_A, self] } }),
    ).toBe('media.sameLine');
    await pass(400);
    expect(levelAt(ear(1, 200), 700)).toBeCloseTo(-13, 0);
  });
});

describe('bridge', () => {
  it('joins two far ends after a transfer, with key presses, and ends when one is closed', async () => {
    board.hook(1, true);
    await open('a');
    await open('b');
    await run({ type: 'attach', port: 1, attachment: RTP_A });
    await pass(200);
    await run({ type: 'bridge', session: 'a', other: 'b' });
    board.hook(1, false);
    for (const each of Object.values(far)) each.arrived.length = 0;
    await pass(600);
    expect(levelAt(heardFar('a'), 1_100)).toBeCloseTo(-13, 0);
    expect(levelAt(heardFar('b'), 700)).toBeCloseTo(-13, 0);
    const sequences = far.b.arrived.map((packet) => packet.sequence);
    expect(sequences.every((each, at) => at === 0 || each === ((sequences[at - 1] ?? 0) + 1) % 65_536)).toBe(
      true,
    );
    const payload = encodeTelephoneEvent({ digit: '7', end: true, volume: 10, duration: 800 });
    const press = { payloadType: 101, marker: true, sequence: sent, timestamp: sent * 160, ssrc: 5 };
    far.a.socket.send(encodeRtp({ ...press, payload: payload ?? Buffer.alloc(0) }), far.a.to, HOST);
    await pass(40);
    const pressed = far.b.arrived.find((packet) => packet.payloadType === 101);
    expect(pressed?.payload).toEqual(payload);
    const sessions = engine.adopt((event) => events.push(event)).sessions;
    expect(sessions.map((each) => each.bridgedTo)).toEqual(['b', 'a']);
    await run({ type: 'rtpClose', session: 'a' });
    far.a.to = 0;
    const before = await settle(far.b);
    await pass(100);
    expect(await settle(far.b)).toBe(before);
    expect(await code({ type: 'bridge', session: 'b', other: 'b' })).toBe('media.sameSession');
  });

  it('ends when a line takes one of the two', async () => {
    board.hook(1, true);
    await open('a');
    await open('b');
    await run({ type: 'bridge', session: 'a', other: 'b' });
    await pass(100);
    await run({ type: 'attach', port: 1, attachment: RTP_A });
    await pass(100);
    const before = await settle(far.b);
    await pass(400);
    expect(await settle(far.b)).toBe(before);
    expect(levelAt(ear(1, 200), 700)).toBeCloseTo(-13, 0);
  });
});

describe('tones beside the call', () => {
  it('mixes call waiting into the ear only, over the talk, until it is told to end', async () => {
    board.microphones.set(1, sine(1_500));
    board.hook(1, true);
    await open('a');
    await run({ type: 'attach', port: 1, attachment: RTP_A });
    await pass(400);
    await run({ type: 'overlay', port: 1, tone: 'callWaiting' });
    await pass(400);
    expect(levelAt(ear(1), 700)).toBeCloseTo(-13, 0);
    expect(levelAt(ear(1), 400)).toBeGreaterThan(-28);
    expect(levelAt(heardFar('a'), 400)).toBeLessThan(-45);
    await pass(400);
    expect(levelAt(ear(1, 200), 400)).toBeLessThan(-45);
    await pass(7_900);
    expect(levelAt(ear(1, 200), 400)).toBeGreaterThan(-28);
    await run({ type: 'overlay', port: 1, tone: null });
    await pass(400);
    expect(levelAt(ear(1, 200), 400)).toBeLessThan(-45);
  });

  it('ends an overlay by itself', async () => {
    board.hook(1, true);
    await run({ type: 'overlay', port: 1, tone: 'dial', forMs: 300 });
    await pass(300);
    expect(levelAt(ear(1, 200), 400)).toBeCloseTo(-19, 0);
    await pass(300);
    expect(levelDbm0(ear(1, 200))).toBeLessThan(-60);
  });

  it('plays hold to a far end though all phones are down, and stops when a line is back', async () => {
    await open('a');
    await run({ type: 'sessionTone', session: 'a', tone: 'hold' });
    await pass(1_000);
    const packets = far.a.arrived;
    expect(packets.length).toBeGreaterThan(45);
    expect(packets.length).toBeLessThan(55);
    const held = heardFar('a', 300);
    expect(levelDbm0(held)).toBeCloseTo(-24, 0);
    board.hook(1, true);
    board.microphones.set(1, sine(1_500));
    await run({ type: 'attach', port: 1, attachment: RTP_A });
    await pass(600);
    const talk = heardFar('a', 300);
    expect(strongestTone(talk, RANGE)?.hz).toBeCloseTo(1_500, -1);
    expect(levelDbm0(talk)).toBeCloseTo(-13, 0);
  });
});

describe('technician', () => {
  it('gives a measuring tone or the own voice back instead of the call, for a bounded time', async () => {
    board.microphones.set(1, sine(1_500));
    board.hook(1, true);
    await run({ type: 'attach', port: 1, attachment: { to: 'tone', tone: 'dial' } });
    await run({ type: 'probe', port: 1, probe: { play: 'tone', tone: 'reference' }, forMs: 500 });
    await pass(500);
    expect(strongestTone(ear(1, 300), RANGE)?.hz).toBeCloseTo(1_020, -1);
    expect(levelDbm0(ear(1, 300))).toBeCloseTo(-10, 0);
    await pass(400);
    expect(strongestTone(ear(1, 300), RANGE)?.hz).toBeCloseTo(400, -1);
    await run({ type: 'probe', port: 1, probe: { play: 'loopback' } });
    await pass(400);
    expect(strongestTone(ear(1, 300), RANGE)?.hz).toBeCloseTo(1_500, -1);
    await run({ type: 'probe', port: 1, probe: null });
    await pass(400);
    expect(strongestTone(ear(1, 300), RANGE)?.hz).toBeCloseTo(400, -1);
  });

  it('records both directions into a file that only its owner reads', async () => {
    board.microphones.set(1, sine(1_500));
    const begun = await run({ type: 'capture', port: 1, forMs: 500, law: 'pcm' });
    expect(await code({ type: 'capture', port: 1, forMs: 500, law: 'pcm' })).toBe('media.captureRunning');
    await pass(300);
    board.hook(1, true);
    await run({ type: 'attach', port: 1, attachment: { to: 'tone', tone: 'dial' } });
    await pass(600);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const told = events.find((event) => event.event === 'captured');
    expect(told).toMatchObject({ port: 1, recordedMs: 500, file: (begun as { file: string }).file });
    const wav = readFileSync((begun as { file: string }).file);
    expect(wav.subarray(0, 4).toString()).toBe('RIFF');
    expect(wav.readUInt16LE(22)).toBe(2);
    const data = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length));
    expect(data.length).toBe(8_000);
    const side = (which: number): Int16Array => data.filter((_, at) => at % 2 === which).slice(1_000);
    expect(strongestTone(side(0), RANGE)?.hz).toBeCloseTo(1_500, -1);
    expect(strongestTone(side(1), RANGE)?.hz).toBeCloseTo(400, -1);
  });

  it('gives a recording up when nobody lifts, and keeps no sound in memory', async () => {
    const begun = (await run({ type: 'capture', port: 2, forMs: 1_000, law: 'ulaw' })) as { file: string };
    onTestFinished(() => rmSync(begun.file, { force: true }));
    clock.advance(61_500);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(events).toContainEqual(expect.objectContaining({ event: 'captured', port: 2, recordedMs: 0 }));
    expect(existsSync(begun.file)).toBe(true);
    expect(readFileSync(begun.file).readUInt16LE(20)).toBe(7);
  });
});
