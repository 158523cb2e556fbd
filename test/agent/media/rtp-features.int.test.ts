import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../lib/base/random.ts';
import { ulawDecodeBlock } from '../../../lib/dsp/g711.ts';
import { levelDbm0, strongestTone } from '../../../lib/dsp/goertzel.ts';
import { decodeRtcp, encodeRtcp, isRtcp, type RtcpPacket } from '../../../lib/voice/rtcp/packet.ts';
import { SrtpReceiver, SrtpSender } from '../../../lib/voice/srtp/rtp-protection.ts';
import { makeSrtpKeys, readSrtpKey, type SrtpKeys } from '../../../lib/voice/srtp/suites.ts';
import {
  board,
  call,
  clock,
  code,
  type FarEnd,
  farEnd,
  figuresOf,
  lift,
  MOVED,
  PEER,
  pass,
  RANGE,
  run,
  STRANGER,
  send,
  settle,
  setUp,
  tearDown,
  until,
} from './far-ends.ts';
import { voice } from './voice-packet.ts';

beforeEach(setUp);

afterEach(tearDown);

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
