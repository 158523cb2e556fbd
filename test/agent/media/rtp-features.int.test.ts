import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand, MediaEvent, RtpFigures, RtpOpened } from '../../../agent/media/protocol.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { dtmfSamples } from '../../../lib/dsp/dtmf-generator.ts';
import { DtmfReceiver } from '../../../lib/dsp/dtmf-receiver.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { levelDbm0, strongestTone } from '../../../lib/dsp/goertzel.ts';
import { decodeRtcp, encodeRtcp, isRtcp, type RtcpPacket } from '../../../lib/voice/rtcp/packet.ts';
import { decodeRtp, type RtpPacket } from '../../../lib/voice/rtp/packet.ts';
import { decodeTelephoneEvent, encodeTelephoneEvent } from '../../../lib/voice/rtp/telephone-event.ts';
import { SrtpReceiver, SrtpSender } from '../../../lib/voice/srtp/rtp-protection.ts';
import { makeSrtpKeys, readSrtpKey, type SrtpKeys } from '../../../lib/voice/srtp/suites.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';
import { voice } from './voice-packet.ts';

const HOST = '127.68.4.1';
const PEER = '127.68.4.2';
const MOVED = '127.68.4.3';
const STRANGER = '127.69.4.4';
const RANGE = { fromHz: 200, toHz: 3_600 };

let clock: VirtualClock;
let board: FakeBoard;
let engine: MediaEngine;
let events: MediaEvent[];
const sockets: Socket[] = [];

/** A far end: a socket, and what has come to it. */
interface FarEnd {
  readonly socket: Socket;
  readonly port: number;
  readonly datagrams: Buffer[];
  readonly packets: () => RtpPacket[];
}

async function farEnd(host = PEER, port = 0): Promise<FarEnd> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(port, host, resolve));
  const datagrams: Buffer[] = [];
  socket.on('message', (datagram) => datagrams.push(datagram));
  const packets = (): RtpPacket[] =>
    datagrams.flatMap((one) => {
      const decoded = isRtcp(one) ? undefined : decodeRtp(one);
      return decoded?.ok === true ? [decoded.value] : [];
    });
  return { socket, port: socket.address().port, datagrams, packets };
}

async function run(command: MediaCommand): Promise<unknown> {
  const result = await engine.execute(command);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.say}`);
  return result.value;
}

async function code(command: MediaCommand): Promise<string> {
  const result = await engine.execute(command);
  return result.ok ? 'ok' : result.error.code;
}

const figuresOf = async (session: string): Promise<RtpFigures> =>
  (await run({ type: 'rtpFigures', session })) as RtpFigures;

type Target = Omit<Extract<MediaCommand, { readonly type: 'rtpConnect' }>, 'type' | 'session'>;

/** Opens a session towards a far end; answers its port. */
async function call(session: string, to: FarEnd, more: Partial<Target> = {}): Promise<number> {
  const { localPort } = (await run({ type: 'rtpOpen', session, localHost: HOST, note: 'n' })) as RtpOpened;
  const target = { host: PEER, port: to.port, payloadType: 0, dtmfPayloadType: 101, ...more };
  await run({ type: 'rtpConnect', session, ...target });
  return localPort;
}

/** Line 1 speaks and listens. */
async function lift(session: string): Promise<void> {
  board.hook(1, true);
  await run({ type: 'attach', port: 1, attachment: { to: 'rtp', session } });
}

const settle = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 5_000 && !done(); tries++) await settle();
  expect(done()).toBe(true);
}

async function pass(ms: number, each: (frame: number) => void | Promise<void> = () => {}): Promise<void> {
  for (let frame = 0; frame < ms / 10; frame++) {
    await each(frame);
    board.frame();
    clock.advance(10);
    if (frame % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

const send = (from: FarEnd, bytes: Uint8Array, port: number): Promise<unknown> =>
  new Promise((resolve) => from.socket.send(bytes, port, HOST, resolve));

beforeEach(() => {
  clock = new VirtualClock();
  board = new FakeBoard();
  events = [];
  engine = new MediaEngine({ board, clock, random: seededRandom(7), log: silentLog() });
  engine.start();
  engine.adopt((event) => events.push(event));
  board.emit({ type: 'up', board: FAKE_BOARD });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await engine.stop();
});

describe('keys pressed at the far end', () => {
  it('go as events (RFC 4733), and the sound is held back meanwhile', async () => {
    const far = await farEnd();
    await call('a', far);
    await lift('a');
    await pass(100);
    await run({ type: 'dtmf', session: 'a', digits: '5#', durationMs: 100 });
    await pass(600);
    await until(() => far.packets().filter(({ payloadType }) => payloadType === 101).length === 14);
    const packets = far.packets();
    const first = packets.findIndex(({ payloadType }) => payloadType === 101);
    const last = packets.findLastIndex(({ payloadType }) => payloadType === 101);
    const within = packets.slice(first, last + 1);
    expect(within.filter(({ payloadType }) => payloadType === 0)).toEqual([]);
    expect(within.map(({ payload }) => decodeTelephoneEvent(payload)?.digit).join('')).toBe(
      `${'5'.repeat(7)}${'#'.repeat(7)}`,
    );
    expect(new Set(within.map(({ timestamp }) => timestamp)).size).toBe(2);
    for (const [index, { sequence }] of packets.entries()) {
      expect(sequence).toBe(((packets[0]?.sequence ?? 0) + index) & 0xffff);
    }
    // Time has gone on: the sound behind them is not older than they.
    const after = packets[last + 1];
    expect(((after?.timestamp ?? 0) - (within.at(-1)?.timestamp ?? 0)) | 0).toBeGreaterThan(800);
  });

  it('go as tones to a far end that takes no events', async () => {
    const far = await farEnd();
    await call('a', far, { dtmfPayloadType: null });
    await run({ type: 'dtmf', session: 'a', digits: '19' });
    await pass(600);
    await until(() => far.packets().length >= 18);
    const receiver = DtmfReceiver.open();
    if (!receiver.ok) throw new Error(receiver.error.say);
    const heard = far
      .packets()
      .map(({ payload }) => receiver.value.push(ulawDecodeBlock(payload, new Int16Array(160))));
    expect(heard.join('')).toBe('19');
    receiver.value.close();
  });

  it('are refused when they are none, or too many', async () => {
    await call('a', await farEnd());
    expect(await code({ type: 'dtmf', session: 'b', digits: '1' })).toBe('media.noSession');
    expect(await code({ type: 'dtmf', session: 'a', digits: 'x' })).toBe('media.keys');
    expect(await code({ type: 'dtmf', session: 'a', digits: '1'.repeat(60) })).toBe('ok');
    expect(await code({ type: 'dtmf', session: 'a', digits: '1'.repeat(60) })).toBe('media.keys');
  });

  it('in the sound of a far end without events they are heard, too', async () => {
    const far = await farEnd();
    const port = await call('a', far, { dtmfPayloadType: null });
    await lift('a');
    const tone = new Int16Array(160 * 40);
    tone.set(dtmfSamples('7', 120, -9), 160 * 5);
    await pass(800, async (frame) => {
      if (frame % 2 === 1) return;
      const payload = ulawEncodeBlock(tone.subarray(frame * 80, frame * 80 + 160));
      await send(far, voice(frame / 2, { payload }), port);
    });
    expect(events.filter((event) => event.event === 'digit')).toEqual([
      { event: 'digit', port: 1, digit: '7', by: 'rtp' },
    ]);
  });

  it('pass through a joined call, as tones where the other side takes no events', async () => {
    const [one, other, plain] = [await farEnd(), await farEnd(), await farEnd()];
    const port = await call('a', one);
    await call('b', other, { dtmfPayloadType: 96 });
    await run({ type: 'bridge', session: 'a', other: 'b' });
    const press = (end: boolean): Buffer =>
      encodeTelephoneEvent({ digit: '3', end, volume: 10, duration: 800 }) ?? Buffer.alloc(0);
    await send(one, voice(1, { payloadType: 101, payload: press(false) }), port);
    await until(() => other.packets().length === 1);
    expect(other.packets()[0]).toMatchObject({ payloadType: 96, payload: press(false) });
    await call('c', plain, { dtmfPayloadType: null });
    await run({ type: 'bridge', session: 'a', other: 'c' });
    await send(one, voice(2, { payloadType: 101, timestamp: 99_999, payload: press(false) }), port);
    await settle(50);
    await pass(300);
    await until(() => plain.packets().length >= 9);
    expect(plain.packets().every(({ payloadType }) => payloadType === 0)).toBe(true);
  });
});

describe('keys of a phone', () => {
  /** Keys that a receiver of tones finds in what came as sound. */
  function keysInSound(packets: readonly RtpPacket[]): string {
    const receiver = DtmfReceiver.open();
    if (!receiver.ok) throw new Error(receiver.error.say);
    const sound = packets.filter(({ payloadType }) => payloadType === 0);
    const heard = sound.map(({ payload }) =>
      receiver.value.push(ulawDecodeBlock(payload, new Int16Array(160))),
    );
    receiver.value.close();
    return heard.join('');
  }

  /** Each press as it was told: the digit, and how long it lasted in ms. */
  function presses(packets: readonly RtpPacket[]): { digit: string; ms: number }[] {
    const told = new Map<number, { digit: string; ms: number }>();
    for (const { payloadType, payload, timestamp } of packets) {
      const event = payloadType === 101 ? decodeTelephoneEvent(payload) : undefined;
      if (event?.end === true) told.set(timestamp, { digit: event.digit, ms: event.duration / 8 });
    }
    return [...told.values()];
  }

  /** Line 1 says what `tone` has, from now on. */
  function speak(tone: Int16Array): void {
    let from: number | undefined;
    board.microphones.set(1, (position) => {
      from ??= position;
      return tone[position - from] ?? 0;
    });
  }

  it('go to the far end as events that last as long as the key is down, and not in the sound', async () => {
    const far = await farEnd();
    await call('a', far);
    await lift('a');
    const tone = new Int16Array(8 * 1_500);
    tone.set(dtmfSamples('5', 100, -9), 8 * 100);
    tone.set(dtmfSamples('#', 700, -12), 8 * 400);
    speak(tone);
    await pass(1_600);
    await until(() => presses(far.packets()).length === 2);
    const [short, long] = presses(far.packets());
    expect([short?.digit, long?.digit]).toEqual(['5', '#']);
    expect(Math.abs((short?.ms ?? 0) - 100)).toBeLessThanOrEqual(40);
    expect(Math.abs((long?.ms ?? 0) - 700)).toBeLessThanOrEqual(40);
    expect(keysInSound(far.packets())).toBe('');
    expect(events.filter((event) => event.event === 'digit')).toHaveLength(2);
  });

  it('stay in the sound of a far end that takes no events', async () => {
    const far = await farEnd();
    await call('a', far, { dtmfPayloadType: null });
    await lift('a');
    speak(dtmfSamples('8', 100, -9));
    await pass(400);
    await until(() => far.packets().length >= 18);
    expect(keysInSound(far.packets())).toBe('8');
  });

  it('are told to every far end of a conference in its own way', async () => {
    const [one, plain] = [await farEnd(), await farEnd()];
    await call('a', one);
    await call('b', plain, { dtmfPayloadType: null });
    board.hook(1, true);
    const both = (['a', 'b'] as const).map((session) => ({ to: 'rtp', session }) as const);
    await run({ type: 'attach', port: 1, attachment: { to: 'conference', with: both } });
    speak(dtmfSamples('4', 100, -9));
    await pass(600);
    await until(() => presses(one.packets()).length === 1 && keysInSound(plain.packets()) !== '');
    expect(presses(one.packets())[0]?.digit).toBe('4');
    expect(keysInSound(one.packets())).toBe('');
    expect(keysInSound(plain.packets())).toBe('4');
  });

  it('played in the sound of a desk phone without events go on as events where the other side takes them', async () => {
    const [phone, trunk] = [await farEnd(), await farEnd()];
    const port = await call('a', phone, { dtmfPayloadType: null });
    await call('b', trunk);
    await run({ type: 'bridge', session: 'a', other: 'b' });
    const tone = new Int16Array(160 * 40);
    tone.set(dtmfSamples('7', 120, -9), 160 * 5);
    await pass(800, async (frame) => {
      if (frame % 2 === 1) return;
      const payload = ulawEncodeBlock(tone.subarray(frame * 80, frame * 80 + 160));
      await send(phone, voice(frame / 2, { payload }), port);
    });
    await until(() => presses(trunk.packets()).length === 1);
    expect(presses(trunk.packets())[0]?.digit).toBe('7');
    expect(keysInSound(trunk.packets())).toBe('');
  });

  it('of the far end sound in the ear of a line, and their echo is nobody’s press', async () => {
    const far = await farEnd();
    const port = await call('a', far);
    await lift('a');
    // What the hybrid gives back, 60 ms later: enough for a receiver of tones.
    board.microphones.set(1, (position) => Math.round(0.2 * (board.heard(1)[position - 480] ?? 0)));
    await pass(100);
    for (let packet = 0; packet < 8; packet++) {
      const payload = encodeTelephoneEvent({
        digit: '9',
        end: packet > 5,
        volume: 10,
        duration: Math.min(960, 160 * (packet + 1)),
      });
      await send(
        far,
        voice(packet, { payloadType: 101, timestamp: 500, payload: payload ?? Buffer.alloc(0) }),
        port,
      );
      await settle();
      await pass(20);
    }
    await pass(500);
    const receiver = DtmfReceiver.open();
    if (!receiver.ok) throw new Error(receiver.error.say);
    expect(receiver.value.push(board.heard(1))).toBe('9');
    receiver.value.close();
    expect(presses(far.packets())).toEqual([]);
    expect(events.filter((event) => event.event === 'digit')).toEqual([
      { event: 'digit', port: 1, digit: '9', by: 'rtp' },
    ]);
  });
});

describe('reports (RTCP)', () => {
  const reportsOf = (far: FarEnd): RtcpPacket[] =>
    far.datagrams.filter(isRtcp).flatMap((one) => {
      const decoded = decodeRtcp(one);
      return decoded.ok ? [...decoded.value] : [];
    });

  it('go one port higher, tell of both directions, and end with BYE', async () => {
    const far = await farEnd(PEER, 31_000);
    const farReports = await farEnd(PEER, 31_001);
    const port = await call('a', far);
    await lift('a');
    await pass(9_000, async (frame) => {
      if (frame % 2 === 0 && frame % 50 !== 20) await send(far, voice(frame / 2), port);
    });
    await until(() => reportsOf(farReports).some(({ type }) => type === 'senderReport'));
    const report = reportsOf(farReports).find(({ type }) => type === 'senderReport');
    if (report?.type !== 'senderReport') throw new Error('no report');
    expect(report.reports[0]).toMatchObject({ ssrc: 5 });
    expect(report.reports[0]?.lost).toBeGreaterThan(2);
    expect(report.ssrc).toBe(far.packets()[0]?.ssrc);
    expect(reportsOf(farReports).some(({ type }) => type === 'extendedReport')).toBe(true);
    expect(far.datagrams.some(isRtcp)).toBe(false);
    await run({ type: 'rtpClose', session: 'a' });
    await until(() => reportsOf(farReports).some(({ type }) => type === 'bye'));
  });

  it('on the port of the sound where that is agreed; the round trip and the far end’s ear come into the figures', async () => {
    const far = await farEnd();
    const port = await call('a', far, { rtcpMux: true });
    await lift('a');
    const last = (): Extract<RtcpPacket, { readonly type: 'senderReport' }> | undefined =>
      reportsOf(far).findLast((one) => one.type === 'senderReport');
    let answered = 0;
    await pass(8_000, async (frame) => {
      if (frame % 2 === 0) await send(far, voice(frame / 2), port);
      const report = last();
      if (report === undefined || report.packets === answered) return;
      answered = report.packets;
      const lastReport = (((report.ntpSeconds & 0xffff) << 16) | (report.ntpFraction >>> 16)) >>> 0;
      const block = { ssrc: report.ssrc, fractionLost: 51, lost: 5, extendedHighest: 1, jitter: 80 };
      const reports = [{ ...block, lastReport, sinceLastReport: 0 }];
      await send(far, encodeRtcp([{ type: 'receiverReport', ssrc: 5, reports }]), port);
    });
    const { quality } = await figuresOf('a');
    expect(quality?.remoteLossPercent).toBeCloseTo(19.92, 1);
    expect(quality?.remoteJitterMs).toBe(10);
    expect(quality?.roundTripMs).toBeLessThan(500);
    expect(quality?.mos).toBeGreaterThan(4.2);
    expect(quality).toMatchObject({ lossPercent: 0 });
  });

  it('a far end that takes our SSRC makes us take another, after a BYE', async () => {
    const far = await farEnd();
    const port = await call('a', far, { rtcpMux: true });
    await lift('a');
    await pass(200);
    await until(() => far.packets().length > 3);
    const ours = far.packets()[0]?.ssrc ?? 0;
    await send(far, voice(1, { ssrc: ours }), port);
    await settle(20);
    await pass(200);
    await until(() => far.packets().some(({ ssrc }) => ssrc !== ours));
    expect(reportsOf(far).find(({ type }) => type === 'bye')).toMatchObject({ ssrcs: [ours] });
  });
});

describe('SRTP', () => {
  const [mine, theirs, newer] = [1, 2, 3].map((seed) => makeSrtpKeys(seededRandom(seed))[0]?.key ?? '');
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const keys: SrtpKeys = { suite, local: mine ?? '', remote: theirs ?? '' };
  const master = (key: string | undefined): Buffer => readSrtpKey(suite, key ?? '') ?? Buffer.alloc(0);
  const ear = async (): Promise<number> => {
    const heard = board.heard(1);
    return strongestTone(heard.subarray(-1_600), RANGE)?.hz ?? 0;
  };

  it('what is said is encrypted, what is heard is genuine, and plain sound is refused', async () => {
    const far = await farEnd();
    const port = await call('a', far, { srtp: keys });
    await lift('a');
    const sender = new SrtpSender(suite, master(theirs));
    await pass(400, async (frame) => {
      if (frame % 2 === 0) await send(far, sender.protect(voice(frame / 2)) ?? Buffer.alloc(0), port);
    });
    expect(await ear()).toBeCloseTo(1_000, -1);
    const receiver = new SrtpReceiver(suite, master(mine));
    await until(() => far.datagrams.length > 10);
    for (const datagram of far.datagrams) {
      expect(datagram.length).toBe(182);
      expect(receiver.unprotect(Buffer.from(datagram))).toBeInstanceOf(Buffer);
    }
    const before = (await figuresOf('a')).packetsReceived;
    await pass(400, async (frame) => {
      if (frame % 2 === 0) await send(far, voice(1_000 + frame / 2), port);
    });
    const after = await figuresOf('a');
    expect(after.packetsReceived).toBe(before);
    expect(after.srtp?.suite).toBe(suite);
    expect(after.srtp?.refused).toBeGreaterThan(10);
  });

  it('a rekey loses nothing, and the same keys again go on where they stand', async () => {
    const far = await farEnd();
    const port = await call('a', far, { srtp: keys });
    await lift('a');
    const target = { host: PEER, port: far.port, payloadType: 0, dtmfPayloadType: 101 };
    const old = new SrtpSender(suite, master(theirs));
    const fresh = new SrtpSender(suite, master(newer));
    let index = 0;
    const talk = async (sender: SrtpSender, packets: number): Promise<void> => {
      await pass(packets * 20, async (frame) => {
        if (frame % 2 === 0) await send(far, sender.protect(voice(index++)) ?? Buffer.alloc(0), port);
      });
    };
    await talk(old, 20);
    await run({ type: 'rtpConnect', session: 'a', ...target, srtp: keys });
    await talk(old, 20);
    await run({ type: 'rtpConnect', session: 'a', ...target, srtp: { ...keys, remote: newer ?? '' } });
    await talk(old, 5);
    await talk(fresh, 20);
    await settle(20);
    expect(await figuresOf('a')).toMatchObject({ packetsReceived: 65, packetsLost: 0, srtp: { refused: 0 } });
    const receiver = new SrtpReceiver(suite, master(mine));
    expect(far.datagrams.map((one) => typeof receiver.unprotect(Buffer.from(one)))).not.toContain('string');
  });

  it('joined to a plain call, each side has its own', async () => {
    const [one, other] = [await farEnd(), await farEnd()];
    const port = await call('a', one, { srtp: keys });
    await call('b', other);
    await run({ type: 'bridge', session: 'a', other: 'b' });
    const sender = new SrtpSender(suite, master(theirs));
    for (let index = 0; index < 5; index++)
      await send(one, sender.protect(voice(index)) ?? Buffer.alloc(0), port);
    await until(() => other.packets().length === 5);
    expect(other.packets().map(({ payload }) => payload)).toEqual(
      Array.from({ length: 5 }, (_, index) => voice(index).subarray(12)),
    );
  });

  it('keys that are none are refused', async () => {
    const far = await farEnd();
    await call('a', far);
    const target = { host: PEER, port: far.port, payloadType: 0, dtmfPayloadType: 101 };
    for (const bad of [
      { ...keys, local: 'short' },
      { ...keys, remote: keys.local },
    ]) {
      expect(await code({ type: 'rtpConnect', session: 'a', ...target, srtp: bad })).toBe('media.badKeys');
    }
  });
});

describe('a phone behind another address than it says', () => {
  const latch = { network: '127.68.4.0', prefix: 24 };

  it('is followed inside the LAN, and only the described address is sent to before', async () => {
    const described = await farEnd();
    const moved = await farEnd(MOVED);
    const port = await call('a', described, { latch });
    await lift('a');
    await pass(100);
    await until(() => described.packets().length > 0);
    for (let index = 0; index < 5; index++) await send(moved, voice(index), port);
    await settle(20);
    expect(moved.packets()).toEqual([]);
    await pass(200);
    await until(() => moved.packets().length > 3);
    expect((await figuresOf('a')).packetsReceived).toBeGreaterThan(0);
  });

  it('a stranger outside the network, one that guesses once, and one that sends rubbish, get nothing', async () => {
    const described = await farEnd();
    const stranger = await farEnd(STRANGER);
    const moved = await farEnd(MOVED);
    const port = await call('a', described, { latch });
    await lift('a');
    for (let index = 0; index < 20; index++) {
      await send(stranger, voice(index), port);
      await send(moved, Buffer.from('GET / HTTP/1.1\r\n\r\n'), port);
      await send(moved, voice(index, { payloadType: 8 }), port);
    }
    await send(moved, voice(1), port);
    await settle(20);
    expect((await figuresOf('a')).packetsReceived).toBe(0);
    await send(described, voice(1), port);
    await settle(20);
    for (let index = 0; index < 20; index++) await send(moved, voice(index), port);
    await settle(20);
    await pass(100);
    expect((await figuresOf('a')).packetsReceived).toBe(1);
    expect([...moved.packets(), ...stranger.packets()]).toEqual([]);
  });

  it('with keys, only who has them is followed', async () => {
    const [mine, theirs] = [1, 2].map((seed) => makeSrtpKeys(seededRandom(seed))[0]?.key ?? '');
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    const described = await farEnd();
    const moved = await farEnd(MOVED);
    const keys = { suite, local: mine ?? '', remote: theirs ?? '' } as const;
    const port = await call('a', described, { latch, srtp: keys });
    await lift('a');
    for (let index = 0; index < 10; index++)
      await send(moved, Buffer.concat([voice(index), Buffer.alloc(10)]), port);
    await settle(20);
    await pass(100);
    expect(moved.datagrams).toEqual([]);
    const sender = new SrtpSender(suite, readSrtpKey(suite, theirs ?? '') ?? Buffer.alloc(0));
    for (let index = 20; index < 30; index++)
      await send(moved, sender.protect(voice(index)) ?? Buffer.alloc(0), port);
    await settle(20);
    await pass(100);
    await until(() => moved.datagrams.length > 0);
  });

  it('without leave for it nobody but the described address is ever heard', async () => {
    const described = await farEnd();
    const moved = await farEnd(MOVED);
    const port = await call('a', described);
    await lift('a');
    for (let index = 0; index < 20; index++) await send(moved, voice(index), port);
    await settle(20);
    await pass(100);
    expect((await figuresOf('a')).packetsReceived).toBe(0);
  });
});

it('a far end that floods is heard no more than 400 times a second, and is passed on no more', async () => {
  const [one, other] = [await farEnd(), await farEnd()];
  const port = await call('a', one);
  await call('b', other);
  await run({ type: 'bridge', session: 'a', other: 'b' });
  for (let index = 0; index < 1_000; index++) {
    await send(one, voice(index), port);
    if (index % 50 === 49) await settle(2);
  }
  await until(() => other.packets().length === 400);
  await settle(30);
  expect(other.packets()).toHaveLength(400);
  clock.advance(1_000);
  await send(one, voice(1_000), port);
  await until(() => other.packets().length === 401);
});

describe('packets as the far end wants them', () => {
  it.each([
    [10, 80],
    [30, 240],
    [60, 480],
  ])('of %i ms', async (ptimeMs, bytes) => {
    const far = await farEnd();
    await call('a', far, { ptimeMs });
    await lift('a');
    await pass(600);
    await until(() => far.packets().length >= 600 / ptimeMs - 1);
    const packets = far.packets();
    expect(new Set(packets.map(({ payload }) => payload.length))).toEqual(new Set([bytes]));
    expect(((packets[1]?.timestamp ?? 0) - (packets[0]?.timestamp ?? 0)) | 0).toBe(bytes);
  });

  it('silence goes as comfort noise where both sides take it, and theirs is heard', async () => {
    const far = await farEnd();
    const port = await call('a', far, { comfortNoise: true });
    await lift('a');
    board.microphones.set(1, (position) =>
      position < 4_000 ? Math.round(8_000 * Math.sin(position / 3)) : 2,
    );
    await pass(3_000);
    await settle(20);
    const packets = far.packets();
    expect(packets.filter(({ payloadType }) => payloadType === 0).length).toBeLessThan(60);
    const noise = packets.filter(({ payloadType }) => payloadType === 13);
    expect(noise.length).toBeGreaterThanOrEqual(3);
    expect(noise.length).toBeLessThan(8);
    for (let index = 0; index < 10; index++) await send(far, voice(index), port);
    await send(far, voice(10, { payloadType: 13, payload: Uint8Array.of(40) }), port);
    await settle(20);
    await pass(1_000);
    expect(levelDbm0(board.heard(1).subarray(-1_600))).toBeGreaterThan(-45);
    expect((await figuresOf('a')).concealedMs).toBe(0);
  });

  it('a far end that takes no word of silence gets the noise itself, until there is sound again', async () => {
    const [quiet, plain] = [await farEnd(), await farEnd()];
    const port = await call('a', quiet, { comfortNoise: true });
    await call('b', plain);
    await run({ type: 'bridge', session: 'a', other: 'b' });
    await send(quiet, voice(0), port);
    await send(quiet, voice(1, { payloadType: 13, payload: Uint8Array.of(40) }), port);
    await until(() => plain.packets().length > 0);
    await settle(20);
    await pass(1_000);
    await until(() => plain.packets().length >= 50);
    const packets = plain.packets();
    expect(new Set(packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    const level = levelDbm0(
      ulawDecodeBlock(packets.at(-1)?.payload ?? new Uint8Array(0), new Int16Array(160)),
    );
    expect(Math.abs(level - -34)).toBeLessThan(4);
    await send(quiet, voice(60), port);
    await settle(20);
    const before = plain.packets().length;
    await pass(500);
    await settle(20);
    expect(plain.packets().length - before).toBeLessThan(3);
  });
});
