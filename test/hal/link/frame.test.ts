import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cobsDecode, cobsEncode, cobsLimit } from '../../../hal/link/cobs.ts';
import {
  decodeFrame,
  ENCODED_LIMIT_BYTES,
  encodeFrame,
  FLAG_RELIABLE,
  FRAME,
  type Frame,
  HEADER_BYTES,
  PAYLOAD_LIMIT_BYTES,
} from '../../../hal/link/frame.ts';
import { FrameReader } from '../../../hal/link/frame-reader.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { hex } from '../../support/hex.ts';

const hookFrame: Frame = {
  version: 1,
  type: FRAME.hook,
  channel: 1,
  flags: FLAG_RELIABLE,
  seq: 5,
  ack: 3,
  tick: 8_000,
  payload: Buffer.from([1]),
};

const anyFrame: fc.Arbitrary<Frame> = fc.record({
  version: fc.constant(1),
  type: fc.integer({ min: 0, max: 255 }),
  channel: fc.integer({ min: 0, max: 255 }),
  flags: fc.integer({ min: 0, max: 255 }),
  seq: fc.integer({ min: 0, max: 0xffff }),
  ack: fc.integer({ min: 0, max: 0xffff }),
  tick: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: PAYLOAD_LIMIT_BYTES }),
});

function plain(frame: Frame) {
  return { ...frame, payload: Buffer.from(frame.payload).toString('hex') };
}

describe('COBS', () => {
  it('the example of the protocol', () => {
    const target = Buffer.alloc(8);
    const written = cobsEncode(Buffer.from('110022', 'hex'), target);
    expect(hex(target.subarray(0, written))).toBe('02 11 02 22');
  });

  it('any bytes come back, hold no zero, and stay within the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_100 }), (bytes) => {
        const target = Buffer.alloc(cobsLimit(bytes.length));
        const encoded = target.subarray(0, cobsEncode(bytes, target));
        expect(encoded.includes(0)).toBe(false);
        expect(cobsDecode(encoded)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('runs of 253 to 256 bytes without a zero, the block limit, come back', () => {
    for (const length of [0, 1, 253, 254, 255, 256, 508, 509]) {
      const bytes = Buffer.alloc(length, 0x55);
      const target = Buffer.alloc(cobsLimit(length));
      expect(cobsDecode(target.subarray(0, cobsEncode(bytes, target)))).toEqual(bytes);
    }
  });
});

describe('frame', () => {
  it('the example of the protocol, on the wire', () => {
    const wire = encodeFrame(hookFrame);
    const inner = cobsDecode(wire.subarray(1, -1));
    expect(hex(inner ?? Buffer.alloc(0))).toBe('01 10 01 01 05 00 03 00 40 1f 00 00 01 00 01 98 7e 3d c6');
    expect(hex(wire)).toBe('00 06 01 10 01 01 05 02 03 03 40 1f 01 02 01 06 01 98 7e 3d c6 00');
    expect(wire.at(-1)).toBe(0);
  });

  it('any frame comes back', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const outcome = decodeFrame(encodeFrame(frame).subarray(1, -1));
        expect(outcome.ok && plain(outcome.frame)).toEqual(plain(frame));
      }),
    );
  });

  it('one flipped bit anywhere is never taken for a frame', () => {
    const wire = encodeFrame(hookFrame);
    for (let bit = 0; bit < (wire.length - 2) * 8; bit++) {
      const bent = Buffer.from(wire.subarray(1, -1));
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeFrame(bent).ok).toBe(false);
    }
  });

  it('a length field that does not match is refused although the CRC is right', () => {
    const padded = encodeFrame({ ...hookFrame, payload: Buffer.from([1, 2]) });
    const inner = cobsDecode(padded.subarray(1, -1)) ?? Buffer.alloc(0);
    expect(inner.length).toBe(HEADER_BYTES + 2 + 4);
    expect(decodeFrame(Buffer.from([2, 1, 1]))).toEqual({ ok: false, fault: 'short' });
    expect(decodeFrame(Buffer.from([9, 1]))).toEqual({ ok: false, fault: 'cobs' });
  });
});

describe('reader', () => {
  it('finds the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 97 })),
        (frames, cuts) => {
          const stream = Buffer.concat(frames.map(encodeFrame));
          const reader = new FrameReader();
          const found: unknown[] = [];
          let wireBytes = 0;
          for (let at = 0, cut = 0; at < stream.length; cut++) {
            const size = cuts[cut % Math.max(1, cuts.length)] ?? 31;
            for (const item of reader.push(stream.subarray(at, at + size))) {
              wireBytes += item.wireBytes;
              if (item.kind === 'frame') found.push(plain(item.frame));
            }
            at += size;
          }
          expect(found).toEqual(frames.map(plain));
          expect(wireBytes).toBe(stream.length);
        },
      ),
    );
  });

  it('noise, flipped bits and cut frames never throw, never make a frame, and the next frame is found', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seededRandom(seed);
      const reader = new FrameReader();
      const sent = new Set<number>();
      const parts: Buffer[] = [];
      for (let seq = 0; seq < 40; seq++) {
        const kind = random.fraction();
        const frame = encodeFrame({
          ...hookFrame,
          seq,
          payload: random.bytes(Math.floor(random.fraction() * 200)),
        });
        if (kind < 0.2) parts.push(random.bytes(Math.floor(random.fraction() * 3_000)), Buffer.alloc(1));
        else if (kind < 0.4)
          parts.push(frame.subarray(0, Math.floor(random.fraction() * (frame.length - 1))), Buffer.alloc(1));
        else if (kind < 0.6) parts.push(flip(frame, random.fraction()), Buffer.alloc(1));
        else {
          parts.push(frame);
          sent.add(seq);
        }
      }
      const got = reader
        .push(Buffer.concat(parts))
        .flatMap((item) => (item.kind === 'frame' ? [item.frame.seq] : []));
      expect(new Set(got)).toEqual(sent);
      expect(got.length).toBe(sent.size);
    }
  });

  it('holds no more than one frame, however long a stream without delimiter is', () => {
    const reader = new FrameReader();
    for (let chunk = 0; chunk < 100; chunk++) expect(reader.push(Buffer.alloc(10_000, 0x41))).toEqual([]);
    const items = reader.push(encodeFrame(hookFrame));
    expect(items[0]).toMatchObject({ kind: 'bad', fault: 'oversize', wireBytes: 1_000_001 });
    expect(items[1]).toMatchObject({ kind: 'frame' });
    expect(ENCODED_LIMIT_BYTES).toBe(1_047);
  });
});

/** Flips one bit of everything but the delimiters. */
function flip(frame: Buffer, where: number): Buffer {
  const bent = Buffer.from(frame);
  const bit = 8 + Math.floor(where * (frame.length - 2) * 8);
  bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bent;
}
