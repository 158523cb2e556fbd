import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom, systemRandom } from '../../../../lib/base/random.ts';
import { encodeRtcp, isRtcp } from '../../../../lib/voice/rtcp/packet.ts';
import { encodeRtp } from '../../../../lib/voice/rtp/packet.ts';
import { answerOffer, makeOffer, readAnswer } from '../../../../lib/voice/sdp/index.ts';
import type { AudioPath } from '../../../../lib/voice/sdp/types.ts';
import { SrtcpReceiver, SrtcpSender } from '../../../../lib/voice/srtp/rtcp-protection.ts';
import { SrtpReceiver, SrtpSender } from '../../../../lib/voice/srtp/rtp-protection.ts';
import { makeSrtpKeys, readSrtpKey, type SrtpSuite } from '../../../../lib/voice/srtp/suites.ts';
import { Rtpengine } from '../../../../scripts/benches/rtpengine.part.ts';

const ENGINE = '127.68.5.1';
const PLAIN = '127.68.5.2';
const SECRET = '127.68.5.3';

let engine: Rtpengine;
const sockets: Socket[] = [];
beforeAll(async () => {
  engine = await Rtpengine.start(ENGINE, 22_223);
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await engine.stop();
});

interface End {
  readonly socket: Socket;
  readonly port: number;
  readonly came: Buffer[];
}

/** RTP and RTCP share the port here. */
async function end(host: string, port: number): Promise<End> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(port, host, resolve));
  const came: Buffer[] = [];
  socket.on('message', (datagram) => came.push(datagram));
  return { socket, port, came };
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3_000 && !done(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(done()).toBe(true);
}

const packet = (index: number): Buffer =>
  encodeRtp({
    payloadType: 0,
    marker: index === 0,
    // Across the turn of the numbers.
    sequence: (65_500 + index) & 0xffff,
    timestamp: index * 160,
    ssrc: 77,
    payload: Buffer.alloc(160, index & 0xff),
  });

const REPORT = encodeRtcp([
  { type: 'receiverReport', ssrc: 77, reports: [] },
  { type: 'sourceDescription', chunks: [{ ssrc: 77, cname: 'x@y' }] },
]);

const SUITES: readonly SrtpSuite[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
];

describe('rtpengine takes our encrypted sound for its own', () => {
  it.each(SUITES.map((suite, index) => [suite, 30_000 + 10 * index] as const))(
    '%s, both ways, and reports',
    async (suite, port) => {
      const plain = await end(PLAIN, port);
      const secret = await end(SECRET, port + 2);
      const common = {
        'call-id': `srtp-${suite}-${systemRandom.bytes(4).toString('hex')}`,
        'from-tag': 'a',
        replace: ['origin', 'session-connection'],
        ICE: 'remove',
      };
      const offer = makeOffer({ host: PLAIN, port: plain.port, id: 1, version: 1 });
      const encrypted = await engine.describe('offer', {
        ...common,
        sdp: offer,
        'transport-protocol': 'RTP/SAVP',
        SDES: [`only-${suite}`],
      });
      expect(encrypted).toContain('RTP/SAVP');
      const keys = makeSrtpKeys(seededRandom(port), [suite]);
      const local = {
        host: SECRET,
        port: secret.port,
        id: 2,
        version: 1,
        srtp: { use: 'required', keys },
      } as const;
      const answered = answerOffer(encrypted, local);
      if (!answered.ok) throw new Error(`${answered.error.say}\n${encrypted}`);
      const back = await engine.describe('answer', { ...common, 'to-tag': 'b', sdp: answered.value.sdp });
      const towards = readAnswer(back, 'sendrecv', offer);
      if (!towards.ok) throw new Error(towards.error.say);
      await talk(plain, towards.value, secret, answered.value.path, suite);
    },
  );
});

async function talk(
  plain: End,
  toPlain: AudioPath,
  secret: End,
  toSecret: AudioPath,
  suite: SrtpSuite,
): Promise<void> {
  const { srtp } = toSecret;
  if (srtp === undefined) throw new Error('no keys');
  const [own, theirs] = [readSrtpKey(suite, srtp.local), readSrtpKey(suite, srtp.remote)];
  if (own === undefined || theirs === undefined) throw new Error('keys of another length');
  const [sender, receiver] = [new SrtpSender(suite, own), new SrtpReceiver(suite, theirs)];
  for (let index = 0; index < 60; index++) {
    plain.socket.send(packet(index), toPlain.port, toPlain.host);
    secret.socket.send(sender.protect(packet(index)) ?? '', toSecret.port, toSecret.host);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const sound = ({ came }: End): Buffer[] => came.filter((one) => !isRtcp(one));
  await until(() => sound(plain).length >= 59 && sound(secret).length >= 59);
  const heard = sound(secret).map((one) => receiver.unprotect(Buffer.from(one)));
  for (const one of heard) expect(one).toBeInstanceOf(Buffer);
  const payloads = new Set(
    Array.from({ length: 60 }, (_, index) => packet(index).subarray(12).toString('hex')),
  );
  for (const one of [...heard, ...sound(plain)]) {
    expect(payloads.has(Buffer.from(one).subarray(12).toString('hex'))).toBe(true);
  }
  const reports = await end(SECRET, secret.port + 1);
  const plainReports = await end(PLAIN, plain.port + 1);
  const [rtcpOut, rtcpIn] = [new SrtcpSender(suite, own), new SrtcpReceiver(suite, theirs)];
  for (let tries = 0; tries < 20; tries++) {
    reports.socket.send(rtcpOut.protect(REPORT) ?? '', toSecret.port + 1, toSecret.host);
    plainReports.socket.send(REPORT, toPlain.port + 1, toPlain.host);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(() => plainReports.came.length > 5 && reports.came.length > 5);
  for (const one of reports.came) expect(rtcpIn.unprotect(Buffer.from(one))).toBeInstanceOf(Buffer);
  for (const one of plainReports.came) expect(isRtcp(one)).toBe(true);
}
