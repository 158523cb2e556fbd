import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { encodeRtp } from '../../../../lib/voice/rtp/packet.ts';
import { SrtcpReceiver, SrtcpSender } from '../../../../lib/voice/srtp/rtcp-protection.ts';
import { guessRollover, SrtpReceiver, SrtpSender } from '../../../../lib/voice/srtp/rtp-protection.ts';
import { CounterMode, deriveKey, LABELS } from '../../../../lib/voice/srtp/session-keys.ts';
import { makeSrtpKeys, readSrtpKey, SRTP_SUITES, type SrtpSuite } from '../../../../lib/voice/srtp/suites.ts';

interface Vectors {
  readonly derivation: readonly Record<
    'name' | 'masterKey' | 'masterSalt' | 'cipherKey' | 'cipherSalt' | 'authenticationKey',
    string
  >[];
  readonly keyStream: readonly Record<'name' | 'key' | 'salt' | 'stream', string>[];
  readonly packet: Record<'master' | 'rtp' | 'srtp', string>;
}

const vectors = JSON.parse(readFileSync('test/vectors/srtp/vectors.json', 'utf8')) as Vectors;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const SUITES: readonly SrtpSuite[] = [...SRTP_SUITES, 'AES_256_CM_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_32'];
const masterOf = (suite: SrtpSuite, seed = 1): Buffer => {
  const [made] = makeSrtpKeys(seededRandom(seed), [suite]);
  const master = made === undefined ? undefined : readSrtpKey(suite, made.key);
  if (master === undefined) throw new Error(suite);
  return master;
};
const packet = (sequence: number, ssrc = 7, payload = Buffer.alloc(160, sequence & 0xff)): Buffer =>
  encodeRtp({
    payloadType: 0,
    marker: false,
    sequence: sequence & 0xffff,
    timestamp: sequence * 160,
    ssrc,
    payload,
  });
/** Bytes of a packet that was let through; fails on a refusal. */
const clear = (taken: Buffer | string): string => {
  if (typeof taken === 'string') throw new Error(taken);
  return taken.toString('hex');
};

describe('the vectors of the RFCs', () => {
  it.each(vectors.derivation)('$name: keys are derived', (vector) => {
    const [key, salt] = [hex(vector.masterKey), hex(vector.masterSalt)];
    const derive = (label: number, bytes: number): string =>
      deriveKey(key, salt, label, bytes).toString('hex').toUpperCase();
    expect(derive(LABELS.rtpKey, key.length)).toBe(vector.cipherKey);
    expect(derive(LABELS.rtpSalt, 14)).toBe(vector.cipherSalt);
    expect(derive(LABELS.rtpAuthentication, 20)).toBe(vector.authenticationKey);
  });

  it.each(vectors.keyStream)('$name: the key stream', (vector) => {
    const bytes = Buffer.alloc(48);
    new CounterMode(hex(vector.key), hex(vector.salt)).apply(bytes, 0, 0);
    expect(bytes.toString('hex').toUpperCase()).toBe(vector.stream);
  });

  it('a whole packet, as libsrtp encrypts it', () => {
    const { master, rtp, srtp } = vectors.packet;
    const sender = new SrtpSender('AES_CM_128_HMAC_SHA1_80', hex(master));
    expect(sender.protect(hex(rtp))?.toString('hex').toUpperCase()).toBe(srtp);
    const receiver = new SrtpReceiver('AES_CM_128_HMAC_SHA1_80', hex(master));
    expect(clear(receiver.unprotect(hex(srtp))).toUpperCase()).toBe(rtp);
  });
});

describe.each(SUITES)('%s', (suite) => {
  it('what is sent is heard, with whatever header', () => {
    const sender = new SrtpSender(suite, masterOf(suite));
    const receiver = new SrtpReceiver(suite, masterOf(suite));
    const header = '92800002000000a000000007aaaaaaaabbbbbbbbbede000101020304';
    for (const plain of [packet(0), packet(1, 7, Buffer.alloc(0)), hex(`${header}ffee`)]) {
      const wire = sender.protect(plain);
      expect(wire?.subarray(0, 12)).toEqual(plain.subarray(0, 12));
      if (plain.length > 40) expect(wire?.subarray(12, plain.length)).not.toEqual(plain.subarray(12));
      expect(wire === undefined ? '' : clear(receiver.unprotect(wire))).toBe(plain.toString('hex'));
    }
  });

  it('reports of RTCP are encrypted behind the first eight bytes', () => {
    const sender = new SrtcpSender(suite, masterOf(suite));
    const receiver = new SrtcpReceiver(suite, masterOf(suite));
    const plain = hex('81c9000700000007000000080000000000000001000000000000000000000000');
    for (let index = 0; index < 3; index++) {
      const wire = sender.protect(plain);
      if (wire === undefined) throw new Error('not encrypted');
      expect(wire.length).toBe(plain.length + 14);
      expect(wire.readUInt32BE(plain.length)).toBe(0x8000_0000 + index);
      expect(clear(receiver.unprotect(Buffer.from(wire)))).toBe(plain.toString('hex'));
      expect(receiver.unprotect(Buffer.from(wire))).toBe('replayed');
      wire[20] = (wire[20] ?? 0) ^ 1;
      expect(new SrtcpReceiver(suite, masterOf(suite)).unprotect(wire)).toBe('forged');
    }
  });
});

describe('an attacker on the line', () => {
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const pair = (): { sender: SrtpSender; receiver: SrtpReceiver } => ({
    sender: new SrtpSender(suite, masterOf(suite)),
    receiver: new SrtpReceiver(suite, masterOf(suite)),
  });

  it('cannot change a bit, play a packet again, or use another key', () => {
    fc.assert(
      fc.property(fc.nat(171), fc.nat(7), (at, bit) => {
        const { sender, receiver } = pair();
        const wire = sender.protect(packet(5)) ?? Buffer.alloc(0);
        const bad = Buffer.from(wire);
        bad[at] = (bad[at] ?? 0) ^ (1 << bit);
        expect(typeof receiver.unprotect(bad)).toBe('string');
        expect(receiver.unprotect(Buffer.from(wire))).toBeInstanceOf(Buffer);
        expect(receiver.unprotect(Buffer.from(wire))).toBe('replayed');
        expect(receiver.replayed).toBe(1);
        expect(new SrtpReceiver(suite, masterOf(suite, 2)).unprotect(wire)).toBe('forged');
      }),
      { numRuns: 50 },
    );
  });

  it('cannot move the rollover counter by forged sequence numbers', () => {
    const { sender, receiver } = pair();
    receiver.unprotect(sender.protect(packet(60_000)) ?? Buffer.alloc(0));
    for (const sequence of [100, 200, 60_100]) {
      expect(receiver.unprotect(Buffer.concat([packet(sequence), Buffer.alloc(10)]))).toBe('forged');
    }
    expect(receiver.unprotect(sender.protect(packet(60_001)) ?? Buffer.alloc(0))).toBeInstanceOf(Buffer);
    expect(receiver.forged).toBe(3);
  });

  it('cannot fill memory with streams, and gets no further than the header with rubbish', () => {
    const { sender, receiver } = pair();
    for (let ssrc = 0; ssrc < 8; ssrc++) receiver.unprotect(sender.protect(packet(1, ssrc)) ?? packet(0));
    expect(receiver.unprotect(sender.protect(packet(1, 99)) ?? packet(0))).toBe('streams');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof receiver.unprotect(Buffer.from(bytes))).toBe('string');
        const rtcp = new SrtcpReceiver(suite, masterOf(suite));
        expect(typeof rtcp.unprotect(Buffer.from(bytes))).toBe('string');
        sender.protect(bytes);
      }),
    );
  });
});

describe('the sequence numbers run over', () => {
  it('and reordered packets across the edge are read in their own round', () => {
    const suite = 'AES_CM_128_HMAC_SHA1_32';
    const sender = new SrtpSender(suite, masterOf(suite));
    const receiver = new SrtpReceiver(suite, masterOf(suite));
    const sent: Buffer[] = [];
    for (let sequence = 65_500; sequence < 65_600; sequence++)
      sent.push(sender.protect(packet(sequence)) ?? packet(0));
    const order = [...sent.keys()].map((at) => (at % 10 === 9 ? at - 3 : at % 10 >= 6 ? at + 1 : at));
    for (const at of order) expect(receiver.unprotect(Buffer.from(sent[at] ?? []))).toBeInstanceOf(Buffer);
  });

  it('for hours, with losses: 200,000 packets', () => {
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    const sender = new SrtpSender(suite, masterOf(suite));
    const receiver = new SrtpReceiver(suite, masterOf(suite));
    for (let sequence = 0; sequence < 200_000; sequence += sequence % 1_000 === 999 ? 20_000 : 97) {
      const wire = sender.protect(packet(sequence, 7, Buffer.alloc(10))) ?? packet(0);
      expect(receiver.unprotect(wire)).toBeInstanceOf(Buffer);
    }
  });

  it('the round is guessed as RFC 3711 §3.3.1 says', () => {
    expect(guessRollover(1, 65_535, 0)).toBe(2);
    expect(guessRollover(1, 0, 65_535)).toBe(0);
    expect(guessRollover(0, 0, 65_535)).toBe(0);
    expect(guessRollover(3, 100, 200)).toBe(3);
    expect(guessRollover(3, 40_000, 39_000)).toBe(3);
  });
});

it('keys of another length, or that are not base64, are none', () => {
  expect(readSrtpKey('AES_CM_128_HMAC_SHA1_80', 'short')).toBeUndefined();
  expect(readSrtpKey('AES_CM_128_HMAC_SHA1_80', '*'.repeat(40))).toBeUndefined();
  expect(
    readSrtpKey('AES_256_CM_HMAC_SHA1_80', masterOf('AES_CM_128_HMAC_SHA1_80').toString('base64')),
  ).toBeUndefined();
  expect(readSrtpKey('AES_CM_128_HMAC_SHA1_80', 'x'.repeat(10_000))).toBeUndefined();
});
