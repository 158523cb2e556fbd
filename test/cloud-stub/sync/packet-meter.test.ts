import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONNECT_LIMIT_BYTES,
  PACKET_LIMIT_BYTES,
  PacketMeter,
} from '../../../cloud-stub/sync/packet-meter.ts';

function packet(length: number): Buffer {
  const header = [0x30];
  let rest = length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

describe('the packet meter', () => {
  it('reads the header of the README: 30 80 01 is a packet of 128 bytes', () => {
    expect(packet(128).subarray(0, 3)).toEqual(Buffer.from([0x30, 0x80, 0x01]));
    expect(new PacketMeter().push(packet(128))).toBe('ok');
  });

  it('lets any stream of small packets through, however it is cut', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 10 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 700 }), (sizes, step) => {
        const stream = Buffer.concat(sizes.map(packet));
        const meter = new PacketMeter();
        for (let at = 0; at < stream.length; at += step) {
          expect(meter.push(stream.subarray(at, at + step))).toBe('ok');
        }
      }),
    );
  });

  it('says at the header that a packet is too large, before its body comes', () => {
    const meter = new PacketMeter();
    expect(meter.push(packet(10))).toBe('ok');
    expect(meter.push(packet(PACKET_LIMIT_BYTES - 4))).toBe('ok');
    expect(meter.push(packet(PACKET_LIMIT_BYTES).subarray(0, 4))).toBe('tooLarge');
  });

  it('allows the first packet less: nobody has shown a password yet', () => {
    expect(new PacketMeter().push(packet(CONNECT_LIMIT_BYTES).subarray(0, 3))).toBe('tooLarge');
  });

  it('refuses a length of five bytes', () => {
    expect(new PacketMeter().push(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80]))).toBe('badLength');
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void new PacketMeter().push(bytes)));
  });
});
