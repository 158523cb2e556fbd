import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyPress, readKeyPress, readRtpBytes, rtpBytes } from '../../../hal/phones/media/rtp.ts';
import { decodeG711, encodeG711, Microphone, Receiver } from '../../../hal/phones/media/sound.ts';
import { SrtpStream } from '../../../hal/phones/media/srtp.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { hex } from '../../support/hex.ts';

const packet = (sequence: number, payload = Buffer.from('hello')) => ({
  ...{ payloadType: 0, marker: false, sequence, timestamp: sequence * 160, ssrc: 0x01020304, payload },
});

describe('RTP of the phones', () => {
  it('a packet to the byte', () => {
    expect(hex(rtpBytes(packet(1, Buffer.from([0xff]))))).toBe('80 00 00 01 00 00 00 a0 01 02 03 04 ff');
  });

  it('is read past contributors, an extension and padding; lengths that lie are refused', () => {
    const plain = rtpBytes(packet(1));
    const [head, body] = [Buffer.from(plain.subarray(0, 12)), plain.subarray(12)];
    head[0] = 0x80 | 0x20 | 0x10 | 1;
    const whole = Buffer.concat([
      head,
      Buffer.alloc(4),
      Buffer.from([0, 0, 0, 1, 9, 9, 9, 9]),
      body,
      Buffer.from([0, 0, 3]),
    ]);
    expect(readRtpBytes(whole)?.payload.toString()).toBe('hello');
    expect(readRtpBytes(whole.subarray(0, 16))).toBeUndefined();
    expect(readRtpBytes(Buffer.from([0x40, ...plain.subarray(1)]))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void readRtpBytes(Buffer.from(bytes))),
    );
  });

  it('key presses', () => {
    expect(hex(keyPress('#', 800, true))).toBe('0b 8a 03 20');
    expect(readKeyPress(keyPress('5', 160, false))).toEqual({ digit: '5', over: false });
    expect(readKeyPress(Buffer.from([99, 0, 0, 0]))).toBeUndefined();
  });
});

describe('SRTP of the phones', () => {
  // RFC 3711 appendix B.3.
  const keySalt = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6', 'hex');
  const key = { suite: 'AES_CM_128_HMAC_SHA1_80', keySalt } as const;

  it('hides the sound, keeps the header, and is opened by the other side once', () => {
    const [out, into] = [new SrtpStream(key), new SrtpStream(key)];
    const plain = rtpBytes(packet(1));
    const sealed = out.protect(plain);
    expect(sealed).toHaveLength(plain.length + 10);
    expect(sealed.subarray(0, 12)).toEqual(plain.subarray(0, 12));
    expect(sealed.includes('hello')).toBe(false);
    expect(into.unprotect(sealed)).toEqual(plain);
    expect(into.unprotect(sealed)).toBeUndefined();
  });

  it('matches the key stream that RFC 3711 (B.2, B.3) leads to: session keys of the appendix, first block of packet 0', () => {
    // AES-CM of the appendix's session key C61E7A93744F39EE10734AFE3FF7A087 over salt 30CBBC08863D8C85D49DB34A9AE1, SSRC 0, index 0.
    const zeros = Buffer.alloc(16);
    const sealed = new SrtpStream(key).protect(rtpBytes({ ...packet(0, zeros), ssrc: 0, timestamp: 0 }));
    expect(hex(sealed.subarray(12, 28))).toBe(hex(keystream()));
  });

  it('goes on over the end of the sequence numbers, in whatever order packets come', () => {
    const [out, into] = [new SrtpStream(key), new SrtpStream(key)];
    const sealed = [65_533, 65_534, 65_535, 0, 1, 2].map((sequence) =>
      out.protect(rtpBytes(packet(sequence))),
    );
    const order = [0, 2, 1, 4, 3, 5];
    expect(order.map((at) => into.unprotect(sealed[at] ?? Buffer.alloc(0)) !== undefined)).toEqual(
      order.map(() => true),
    );
  });

  it('a byte that was changed, or another key, and nothing comes out', () => {
    const sealed = new SrtpStream({ ...key, suite: 'AES_CM_128_HMAC_SHA1_32' }).protect(rtpBytes(packet(7)));
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(new SrtpStream({ ...key, suite: 'AES_CM_128_HMAC_SHA1_32' }).unprotect(changed)).toBeUndefined();
    }
    expect(new SrtpStream({ ...key, keySalt: Buffer.alloc(30) }).unprotect(sealed)).toBeUndefined();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        (bytes) => void new SrtpStream(key).unprotect(Buffer.from(bytes)),
      ),
    );
  });
});

function keystream(): Buffer {
  const salt = Buffer.from('30CBBC08863D8C85D49DB34A9AE10000', 'hex');
  const cipher = createCipheriv('aes-128-ctr', Buffer.from('C61E7A93744F39EE10734AFE3FF7A087', 'hex'), salt);
  return cipher.update(Buffer.alloc(16));
}

describe('what is said and heard', () => {
  it('A-law and µ-law come back as they went, but for their steps', () => {
    const microphone = new Microphone();
    microphone.speak(440, -10);
    const samples = microphone.next(160);
    for (const type of [0, 8]) {
      const back = decodeG711(type, encodeG711(type, samples));
      expect(
        back.every(
          (sample, at) => Math.abs(sample - (samples[at] ?? 0)) <= Math.abs(samples[at] ?? 0) * 0.04 + 16,
        ),
      ).toBe(true);
    }
  });

  it('a tone is heard at its level, a lost packet is a gap', async () => {
    const clock = new VirtualClock();
    const receiver = new Receiver(clock);
    const microphone = new Microphone();
    microphone.speak(600, -15);
    const hearing = receiver.hear(400);
    for (let at = 0; at < 20; at++) {
      const samples = microphone.next(160);
      if (at < 5 || at >= 10) receiver.take('a', at * 160, samples);
      clock.advance(20);
    }
    const heard = await hearing;
    expect(heard.windows.map(({ hz }) => Math.round(hz / 10) * 10)).toEqual([600, 0, 600, 600]);
    expect(heard.windows[0]?.dbm0).toBeCloseTo(-15, 0);
  });

  it('nobody speaks: silence', async () => {
    const clock = new VirtualClock();
    const hearing = new Receiver(clock).hear(200);
    clock.advance(200);
    expect((await hearing).tones).toEqual([]);
  });
});
