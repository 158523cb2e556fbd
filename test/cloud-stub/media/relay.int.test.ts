import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { openRelay, type Relay } from '../../../cloud-stub/media/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { seededRandom, systemRandom } from '../../../lib/base/random.ts';
import { decodeRtcp, encodeRtcp } from '../../../lib/voice/rtcp/packet.ts';
import { SrtcpReceiver, SrtcpSender } from '../../../lib/voice/srtp/rtcp-protection.ts';
import { SrtpReceiver, SrtpSender } from '../../../lib/voice/srtp/rtp-protection.ts';
import { makeSrtpKeys, readSrtpKey } from '../../../lib/voice/srtp/suites.ts';

const CLOUD = '127.57.2.10';
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Party {
  readonly socket: Socket;
  readonly port: number;
  readonly got: Buffer[];
}

function party(host: string): Promise<Party> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const got: Buffer[] = [];
    socket.on('message', (data) => got.push(data));
    socket.on('error', () => undefined);
    closers.push(() => socket.close());
    socket.bind({ address: host, port: 0 }, () => resolve({ socket, port: socket.address().port, got }));
  });
}

async function relayOf(): Promise<Relay> {
  const opened = await openRelay({ host: CLOUD, clock: systemClock, random: systemRandom });
  if (!opened.ok) throw new Error(opened.error.say);
  closers.push(() => opened.value.close());
  return opened.value;
}

const rtp = (mark: number): Buffer => Buffer.concat([Buffer.from([0x80, 0]), Buffer.alloc(170, mark)]);

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3_000 && !done(); tries++) await moment(10);
  expect(done()).toBe(true);
}

const moment = (ms = 60): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the RTP relay', () => {
  it('passes packets both ways unchanged, from ports in its range', async () => {
    const [relay, a, b] = await Promise.all([relayOf(), party('127.57.2.1'), party('127.57.2.2')]);
    relay.connect('a', '127.57.2.1', a.port);
    relay.connect('b', '127.57.2.2', b.port);
    await moment();
    a.socket.send(rtp(1), relay.a.port, CLOUD);
    b.socket.send(rtp(2), relay.b.port, CLOUD);
    await moment();
    expect(b.got).toEqual([rtp(1)]);
    expect(a.got).toEqual([rtp(2)]);
    for (const side of [relay.a, relay.b]) {
      expect(side.port % 2).toBe(0);
      expect(side.port).toBeGreaterThanOrEqual(16_384);
      expect(side.port).toBeLessThan(32_768);
    }
    expect(relay.figures()).toMatchObject({ a: { received: 1, sent: 1 }, b: { received: 1, sent: 1 } });
    expect(relay.figures().silentMs).toBeLessThan(1_000);
  });

  it('decrypts one side and encrypts towards it, prompts included; what is forged or in the clear does not pass', async () => {
    const [relay, a, b] = await Promise.all([relayOf(), party('127.57.2.1'), party('127.57.2.2')]);
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    const [ours, theirs] = makeSrtpKeys(seededRandom(1), [suite, suite]).map(({ key }) => key);
    const bytes = (key: string | undefined): Buffer => readSrtpKey(suite, key ?? '') ?? Buffer.alloc(0);
    relay.secure('a', { suite, local: ours ?? '', remote: theirs ?? '' });
    relay.connect('a', '127.57.2.1', a.port);
    relay.connect('b', '127.57.2.2', b.port);
    await moment();
    const sender = new SrtpSender(suite, bytes(theirs));
    const receiver = new SrtpReceiver(suite, bytes(ours));
    const secret = sender.protect(rtp(1)) ?? Buffer.alloc(0);
    for (const sent of [secret, rtp(5), secret]) a.socket.send(sent, relay.a.port, CLOUD);
    b.socket.send(rtp(2), relay.b.port, CLOUD);
    await until(() => a.got.length === 1 && b.got.length === 1 && relay.figures().a.refused === 2);
    expect(b.got).toEqual([rtp(1)]);
    expect(receiver.unprotect(Buffer.from(a.got[0] ?? []))).toEqual(rtp(2));
    const stop = relay.play('a', { take: (frame) => frame.fill(7).length > 0 }, () => undefined);
    await until(() => a.got.length > 3);
    stop();
    for (const packet of a.got.slice(1))
      expect(receiver.unprotect(Buffer.from(packet))).toBeInstanceOf(Buffer);
  });

  it("passes reports beside the sound, encrypted where the sound is, and tells nobody a party's own name", async () => {
    const relay = await relayOf();
    const [a, b, aReports, bReports] = await Promise.all(
      ['127.57.2.1', '127.57.2.2', '127.57.2.1', '127.57.2.2'].map(party),
    );
    if (a === undefined || b === undefined || aReports === undefined || bReports === undefined)
      throw new Error();
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    const [ours, theirs] = makeSrtpKeys(seededRandom(2), [suite, suite]).map(({ key }) => key);
    const bytes = (key: string | undefined): Buffer => readSrtpKey(suite, key ?? '') ?? Buffer.alloc(0);
    relay.secure('a', { suite, local: ours ?? '', remote: theirs ?? '' });
    relay.connect('a', '127.57.2.1', a.port, aReports.port);
    relay.connect('b', '127.57.2.2', b.port, bReports.port);
    await moment();
    const said = encodeRtcp([
      { type: 'receiverReport', ssrc: 7, reports: [] },
      { type: 'sourceDescription', chunks: [{ ssrc: 7, cname: 'phone@192.168.1.5' }] },
      { type: 'bye', ssrcs: [7], reason: '192.168.1.5 leaves' },
    ]);
    aReports.socket.send(said, relay.a.port + 1, CLOUD);
    const sent = new SrtcpSender(suite, bytes(theirs)).protect(said) ?? Buffer.alloc(0);
    aReports.socket.send(sent, relay.a.port + 1, CLOUD);
    bReports.socket.send(said, relay.b.port + 1, CLOUD);
    a.socket.send(said, relay.a.port, CLOUD);
    await until(
      () => aReports.got.length === 1 && bReports.got.length === 1 && relay.figures().a.refused === 2,
    );
    const toB = decodeRtcp(bReports.got[0] ?? Buffer.alloc(0));
    const opened = new SrtcpReceiver(suite, bytes(ours)).unprotect(Buffer.from(aReports.got[0] ?? []));
    const toA = opened instanceof Buffer ? decodeRtcp(opened) : undefined;
    for (const shown of [toA, toB]) {
      expect(shown).toMatchObject({
        ok: true,
        value: [{ ssrc: 7 }, { chunks: [{ ssrc: 7 }] }, { ssrcs: [7] }],
      });
      expect(JSON.stringify(shown)).not.toContain('192.168');
    }
    expect([a.got, b.got]).toEqual([[], []]);
    expect(relay.figures()).toMatchObject({ a: { received: 0, reports: 1 }, b: { received: 0, reports: 1 } });
  });

  it('passes nothing from an address that was not signalled, before or after it is connected', async () => {
    const [relay, a, b, thief] = await Promise.all([
      relayOf(),
      party('127.57.2.1'),
      party('127.57.2.2'),
      party('127.57.2.66'),
    ]);
    thief.socket.send(rtp(9), relay.a.port, CLOUD);
    await moment();
    expect(relay.figures().a.refused).toBe(1);
    relay.connect('a', '127.57.2.1', a.port);
    relay.connect('b', '127.57.2.2', b.port);
    await moment();
    thief.socket.send(rtp(9), relay.a.port, CLOUD);
    await moment();
    expect(b.got).toEqual([]);
    expect(thief.got).toEqual([]);
  });

  it('a flood from a stranger, on the ports of sound and of reports, takes no packet of a running call', async () => {
    const [relay, a, b, thief] = await Promise.all([
      relayOf(),
      party('127.57.2.1'),
      party('127.57.2.2'),
      party('127.57.2.66'),
    ]);
    relay.connect('a', '127.57.2.1', a.port);
    relay.connect('b', '127.57.2.2', b.port);
    await moment();
    for (let packet = 0; packet < 40; packet++) {
      for (let index = 0; index < 100; index++) {
        const shape = index % 3 === 0 ? rtp(0xee) : Buffer.alloc(20 + index * 7, index);
        thief.socket.send(
          shape,
          (index % 2 === 0 ? relay.a : relay.b).port + (index % 5 === 0 ? 1 : 0),
          CLOUD,
        );
      }
      a.socket.send(rtp(packet), relay.a.port, CLOUD);
      await moment(20);
    }
    await until(() => b.got.length === 40);
    expect(b.got).toEqual(Array.from({ length: 40 }, (_, packet) => rtp(packet)));
    expect([a.got, thief.got]).toEqual([[], []]);
  });

  it('refuses what is not RTP, and what is over the rate, and counts it', async () => {
    const [relay, a, b] = await Promise.all([relayOf(), party('127.57.2.1'), party('127.57.2.2')]);
    relay.connect('a', '127.57.2.1', a.port);
    relay.connect('b', '127.57.2.2', b.port);
    await moment();
    a.socket.send(Buffer.from('garbage that is not audio'), relay.a.port, CLOUD);
    for (let index = 0; index < 600; index++) a.socket.send(rtp(index & 0xff), relay.a.port, CLOUD);
    const beganMs = performance.now();
    const counted = (): number => relay.figures().a.received + relay.figures().a.refused;
    while (counted() < 601 && performance.now() - beganMs < 5_000) await moment(20);
    await moment();
    // A budget is for a second of the clock, and a busy machine may take more than one to read all.
    const seconds = 1 + Math.ceil((performance.now() - beganMs) / 1_000);
    expect(b.got.length).toBeLessThanOrEqual(200 * seconds);
    expect(relay.figures().a.received).toBeLessThanOrEqual(200 * seconds);
    expect(counted()).toBe(601);
  });

  it('follows a party that moves, and survives a port that is closed', async () => {
    const [relay, a, b, moved] = await Promise.all([
      relayOf(),
      party('127.57.2.1'),
      party('127.57.2.2'),
      party('127.57.2.3'),
    ]);
    relay.connect('a', '127.57.2.1', a.port);
    relay.connect('b', '127.57.2.2', 9);
    await moment();
    a.socket.send(rtp(1), relay.a.port, CLOUD);
    await moment();
    relay.connect('b', '127.57.2.2', b.port);
    relay.connect('b', '127.57.2.3', moved.port);
    await moment();
    a.socket.send(rtp(2), relay.a.port, CLOUD);
    await moment();
    expect(b.got).toEqual([]);
    expect(moved.got).toEqual([rtp(2)]);
  });
});
