import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand, MediaEvent, RtpFigures, RtpOpened } from '../../../agent/media/protocol.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { dtmfSamples } from '../../../lib/dsp/dtmf-generator.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { levelDbm0, strongestTone } from '../../../lib/dsp/goertzel.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { decodeRtp, encodeRtp, type RtpPacket } from '../../../lib/voice/rtp/packet.ts';
import { encodeTelephoneEvent } from '../../../lib/voice/rtp/telephone-event.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';

const HOST = '127.53.1.1';
const PEER = '127.53.1.2';
const RANGE = { fromHz: 200, toHz: 3_600 };

let clock: VirtualClock;
let board: FakeBoard;
let engine: MediaEngine;
let events: MediaEvent[];
let peer: Socket;
let peerPort: number;
let arrived: RtpPacket[];

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

/** Lets the kernel carry datagrams. */
function settle(ms = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The board's clock runs; after every 10 ms of it, real sockets get a moment. */
async function pass(ms: number, each: (frame: number) => void = () => {}): Promise<void> {
  for (let frame = 0; frame < ms / 10; frame++) {
    each(frame);
    board.frame();
    clock.advance(10);
    if (frame % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function talk(port: number, session = `s-${port}`): Promise<number> {
  const { localPort } = (await run({ type: 'rtpOpen', session, localHost: HOST, note: 'n' })) as RtpOpened;
  await run({
    type: 'rtpConnect',
    session,
    host: PEER,
    port: peerPort,
    payloadType: 0,
    dtmfPayloadType: 101,
  });
  board.hook(port, true);
  await run({ type: 'attach', port, attachment: { to: 'rtp', session } });
  return localPort;
}

function voice(index: number, hz: number, payloadType = 0): Buffer {
  const samples = Int16Array.from({ length: 160 }, (_, at) => sine(hz)(index * 160 + at));
  return encodeRtp({
    payloadType,
    marker: index === 0,
    sequence: index,
    timestamp: index * 160,
    ssrc: 5,
    payload: ulawEncodeBlock(samples),
  });
}

beforeEach(async () => {
  clock = new VirtualClock();
  board = new FakeBoard();
  events = [];
  arrived = [];
  engine = new MediaEngine({ board, clock, random: seededRandom(7), log: silentLog() });
  engine.start();
  engine.adopt((event) => events.push(event));
  board.emit({ type: 'up', board: FAKE_BOARD });
  peer = createSocket('udp4');
  await new Promise<void>((resolve) => peer.bind(0, PEER, resolve));
  peerPort = peer.address().port;
  peer.on('message', (datagram) => {
    const packet = decodeRtp(datagram);
    if (packet.ok) arrived.push(packet.value);
  });
});

afterEach(async () => {
  peer.close();
  await engine.stop();
});

describe('tones', () => {
  it('gives dial tone of 400 Hz to a phone off hook, and nothing to one on hook', async () => {
    await run({ type: 'attach', port: 1, attachment: { to: 'tone', tone: 'dial' } });
    await pass(100);
    expect(board.ears.size).toBe(0);
    board.hook(1, true);
    expect(board.commands).toContainEqual({ port: 1, command: { type: 'audio', on: true } });
    await pass(500);
    const found = strongestTone(board.heard(1).subarray(800, 2_400), RANGE);
    expect(found?.hz).toBeCloseTo(400, 0);
    expect(found?.dbm0).toBeCloseTo(-19, 0);
  });

  it('plays busy tone at 0.5 s on and 0.5 s off', async () => {
    board.hook(1, true);
    await run({ type: 'attach', port: 1, attachment: { to: 'tone', tone: 'busy' } });
    await pass(2_000);
    const levels = [250, 750, 1_250, 1_750].map((ms) =>
      levelDbm0(board.heard(1).subarray(ms * 8 - 400, ms * 8 + 400)),
    );
    expect(levels.map((level) => level > -30)).toEqual([true, false, true, false]);
  });
});

describe('digits', () => {
  it('finds DTMF that is dialled over dial tone, and passes pulse digits on', async () => {
    board.hook(1, true);
    await run({ type: 'attach', port: 1, attachment: { to: 'tone', tone: 'dial' } });
    const samples = new Int16Array(8_000);
    for (const [index, digit] of [...'03#'].entries()) {
      samples.set(dtmfSamples(digit, 80, -10), 800 + index * 1_600);
    }
    board.microphones.set(1, (position) => samples[position] ?? 0);
    await pass(900);
    board.emit({ type: 'pulseDigit', port: 1 as never, digit: '7', tick: 0 });
    expect(events.filter((event) => event.event === 'digit')).toEqual([
      { event: 'digit', port: 1, digit: '0', by: 'dtmf' },
      { event: 'digit', port: 1, digit: '3', by: 'dtmf' },
      { event: 'digit', port: 1, digit: '#', by: 'dtmf' },
      { event: 'digit', port: 1, digit: '7', by: 'pulse' },
    ]);
  });

  it('tells a key press of the far end once', async () => {
    const localPort = await talk(1);
    const payload =
      encodeTelephoneEvent({ digit: '9', end: false, volume: 10, duration: 160 }) ?? Buffer.of();
    for (const sequence of [1, 2, 3]) {
      const header = { payloadType: 101, marker: false, sequence, timestamp: 77, ssrc: 5 };
      peer.send(encodeRtp({ ...header, payload }), localPort, HOST);
    }
    await settle(20);
    expect(events.filter((event) => event.event === 'digit')).toEqual([
      { event: 'digit', port: 1, digit: '9', by: 'rtp' },
    ]);
  });
});

describe('a call over the network', () => {
  it('carries sound both ways in packets of 20 ms, found by frequency', async () => {
    const localPort = await talk(1);
    board.microphones.set(1, sine(770));
    await pass(2_000, (frame) => {
      if (frame % 2 === 0) peer.send(voice(frame / 2, 1_046), localPort, HOST);
    });
    await settle();
    expect(arrived.length).toBe(100);
    for (const [index, packet] of arrived.entries()) {
      expect(packet.payload.length).toBe(160);
      expect(packet.payloadType).toBe(0);
      expect((packet.timestamp - (arrived[0]?.timestamp ?? 0)) >>> 0).toBe(index * 160);
    }
    const sent = ulawDecodeBlock(Buffer.concat(arrived.map((packet) => packet.payload)));
    expect(strongestTone(sent.subarray(0, 1_600), RANGE)?.hz).toBeCloseTo(770, 0);
    expect(strongestTone(board.heard(1).subarray(8_000, 9_600), RANGE)?.hz).toBeCloseTo(1_046, 0);
    const figures = (await run({ type: 'rtpClose', session: 's-1' })) as RtpFigures;
    expect(figures).toMatchObject({ packetsSent: 100, packetsReceived: 100, packetsLost: 0 });
    expect(board.heard(1).length).toBe(16_000);
  });

  it('conceals 5 % of random loss without a gap', async () => {
    const localPort = await talk(1);
    const random = seededRandom(11);
    let lost = 0;
    await pass(6_000, (frame) => {
      if (frame % 2 !== 0) return;
      if (frame > 10 && random.fraction() < 0.05) lost++;
      else peer.send(voice(frame / 2, 600), localPort, HOST);
    });
    const heard = board.heard(1);
    for (let ms = 100; ms < 5_900; ms += 20) {
      expect(levelDbm0(heard.subarray(ms * 8, ms * 8 + 160))).toBeGreaterThan(-25);
    }
    const figures = (await run({ type: 'rtpFigures', session: 's-1' })) as RtpFigures;
    expect(lost).toBeGreaterThan(5);
    expect(figures.packetsLost).toBeGreaterThanOrEqual(lost - 1);
    expect(figures.concealedMs).toBeGreaterThanOrEqual((lost - 1) * 20);
  });

  it('makes up frames that were lost between board and box, so that the time of the packets goes on', async () => {
    await talk(1);
    board.microphones.set(1, sine(500));
    await pass(200);
    board.frame(4);
    await pass(210);
    await settle();
    const span = ((arrived.at(-1)?.timestamp ?? 0) - (arrived[0]?.timestamp ?? 0)) >>> 0;
    expect(span).toBe((arrived.length - 1) * 160);
    expect(arrived.length).toBe(23);
    expect(board.heard(1).length).toBe(46 * 80);
  });

  it('says after 2 s that nothing comes, and again every 10 s', async () => {
    await talk(1);
    await pass(13_000);
    const silences = events.filter((event) => event.event === 'rtpSilent');
    expect(silences.map((event) => Math.round(event.silentMs / 1_000))).toEqual([2, 12]);
  });

  it('hears only the peer it was connected to, and survives garbage from it', async () => {
    const localPort = await talk(1);
    const stranger = createSocket('udp4');
    stranger.send(voice(0, 600), localPort, HOST);
    await settle(20);
    stranger.close();
    for (let size = 0; size < 60; size++) peer.send(seededRandom(size).bytes(size), localPort, HOST);
    await settle(20);
    expect(await run({ type: 'rtpFigures', session: 's-1' })).toMatchObject({ packetsReceived: 0 });
  });

  it('goes on when the peer has no socket open, and can be given another peer', async () => {
    const localPort = await talk(1);
    await run({
      type: 'rtpConnect',
      session: 's-1',
      host: '127.53.1.9',
      port: 9,
      payloadType: 0,
      dtmfPayloadType: null,
    });
    await pass(200);
    await settle(20);
    expect(arrived).toEqual([]);
    await run({
      type: 'rtpConnect',
      session: 's-1',
      host: PEER,
      port: peerPort,
      payloadType: 0,
      dtmfPayloadType: null,
    });
    await pass(200);
    await settle(20);
    expect(arrived.length).toBeGreaterThan(8);
    expect(localPort % 2).toBe(0);
  });
});

describe('an extension call', () => {
  it('joins two lines both ways within one frame, and parts them both', async () => {
    for (const port of [1, 2]) board.hook(port, true);
    board.microphones.set(1, sine(500));
    board.microphones.set(2, sine(900));
    await run({ type: 'attach', port: 1, attachment: { to: 'line', port: 2 } });
    await pass(300);
    expect(strongestTone(board.heard(1).subarray(0, 1_600), RANGE)?.hz).toBeCloseTo(900, 0);
    expect(strongestTone(board.heard(2).subarray(0, 1_600), RANGE)?.hz).toBeCloseTo(500, 0);
    expect(levelDbm0(board.heard(2).subarray(0, 80))).toBeGreaterThan(-20);
    await run({ type: 'attach', port: 2, attachment: { to: 'tone', tone: 'busy' } });
    expect(engine.adopt(() => {}).lines.map((line) => line.attachment.to)).toEqual(['silence', 'tone']);
    expect(await code({ type: 'attach', port: 1, attachment: { to: 'line', port: 1 } })).toBe(
      'media.sameLine',
    );
  });
});

describe('ringing and faults', () => {
  it('rings, and stops when the phone is lifted', async () => {
    await run({ type: 'ring', port: 1, cadence: [1_000, 2_000] });
    expect(engine.adopt((event) => events.push(event)).lines[0]?.ringing).toBe(true);
    board.emit({ type: 'ringTrip', port: 1 as never, tick: 5 });
    board.hook(1, true);
    expect(events.filter((event) => event.event === 'hook')).toEqual([
      { event: 'hook', port: 1, offHook: true },
    ]);
    expect(board.commands.map(({ command }) => command.type)).toEqual(['ring', 'ringStop', 'audio']);
    expect(await code({ type: 'ring', port: 1, cadence: [1_000, 2_000] })).toBe('media.lineOffHook');
  });

  it('tells that the board is down, takes every phone as on hook, and says why commands fail', async () => {
    board.hook(1, true);
    board.emit({ type: 'down', code: 'board.silent', say: 'The board is silent.' });
    expect(events.slice(-2)).toEqual([
      { event: 'board', up: false, code: 'board.silent', say: 'The board is silent.' },
      { event: 'hook', port: 1, offHook: false },
    ]);
    board.takesCommands = false;
    expect(await code({ type: 'ring', port: 1, cadence: [1_000, 2_000] })).toBe('media.boardBusy');
    board.takesCommands = true;
    board.emit({ type: 'up', board: FAKE_BOARD });
    expect(await code({ type: 'measure', port: 2 })).toBe('ok');
    expect(await code({ type: 'measure', port: 3 })).toBe('media.noPort');
  });

  it('refuses what is not there, by code', async () => {
    expect(await code({ type: 'rtpFigures', session: 'x' })).toBe('media.noSession');
    expect(await code({ type: 'attach', port: 1, attachment: { to: 'rtp', session: 'x' } })).toBe(
      'media.noSession',
    );
    expect(await code({ type: 'rtpOpen', session: 'x', localHost: '192.0.2.1', note: '' })).toBe(
      'media.bind',
    );
  });
});

describe('an agent that is gone', () => {
  it('keeps the talk; a phone hung up meanwhile falls silent and is marked for the next agent', async () => {
    const localPort = await talk(1);
    engine.orphan();
    board.microphones.set(1, sine(770));
    await pass(200);
    await settle();
    expect(arrived.length).toBe(10);
    board.hook(1, false);
    await pass(200);
    const snapshot = engine.adopt(() => {});
    expect(snapshot.sessions).toEqual([
      { session: 's-1', note: 'n', localPort, connected: true, hungUpAt: expect.any(Number) },
    ]);
    expect(snapshot.lines[0]).toMatchObject({ offHook: false, attachment: { to: 'silence' } });
    expect(await run({ type: 'rtpClose', session: 's-1' })).toMatchObject({ packetsSent: 10 });
  });

  it('marks a call whose phone is hung up under an agent that goes before it has ended it', async () => {
    await talk(1);
    board.hook(1, false);
    expect(events.at(-1)).toEqual({ event: 'hook', port: 1, offHook: false });
    engine.orphan();
    expect(engine.adopt(() => {}).sessions).toMatchObject([{ session: 's-1', hungUpAt: expect.any(Number) }]);
    board.hook(1, true);
    await run({ type: 'attach', port: 1, attachment: { to: 'silence' } });
    await run({ type: 'attach', port: 1, attachment: { to: 'rtp', session: 's-1' } });
    expect(engine.adopt(() => {}).sessions[0]?.hungUpAt).toBeUndefined();
  });

  it('after a minute alone closes the sockets of hung up calls and stops ringing, and still tells of them', async () => {
    await talk(1);
    await run({ type: 'ring', port: 2, cadence: [1_000, 2_000] });
    engine.orphan();
    board.hook(1, false);
    clock.advance(61_000);
    expect(board.commands.at(-1)).toEqual({ port: 2, command: { type: 'ringStop' } });
    expect(engine.adopt(() => {}).sessions).toMatchObject([{ session: 's-1', connected: false }]);
  });
});
