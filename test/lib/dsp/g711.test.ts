import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ULAW_PEAK,
  ULAW_SILENCE,
  ulawDecode,
  ulawDecodeBlock,
  ulawEncode,
  ulawEncodeBlock,
} from '../../../lib/dsp/g711.ts';

describe('G.711 µ-law', () => {
  it('has the corner values of Table 2 of the Recommendation', () => {
    expect(ulawDecode(0x80)).toBe(ULAW_PEAK);
    expect(ulawDecode(0x00)).toBe(-ULAW_PEAK);
    expect(ulawDecode(0xff)).toBe(0);
    expect(ulawDecode(0x7f)).toBeCloseTo(0);
    expect(ulawEncode(0)).toBe(ULAW_SILENCE);
    expect(ulawEncode(32_767)).toBe(0x80);
    expect(ulawEncode(-32_768)).toBe(0x00);
  });

  it('gives every byte back after decoding and encoding, but for negative zero', () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(ulawEncode(ulawDecode(byte))).toBe(byte === 0x7f ? 0xff : byte);
    }
  });

  it('rounds to the nearest level: the error is within half a step', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
        const back = ulawDecode(ulawEncode(sample));
        expect(Math.abs(back - sample)).toBeLessThanOrEqual(
          Math.abs(sample) / 32 + 8 + (Math.abs(sample) > ULAW_PEAK ? 700 : 0),
        );
      }),
    );
  });

  it('clips what is outside 16 bits', () => {
    expect(ulawEncode(100_000)).toBe(0x80);
    expect(ulawEncode(-100_000)).toBe(0x00);
  });

  it('does blocks as it does samples', () => {
    const samples = Int16Array.from({ length: 500 }, (_, index) => (index - 250) * 131);
    const bytes = ulawEncodeBlock(samples);
    expect([...bytes]).toEqual([...samples].map(ulawEncode));
    expect([...ulawDecodeBlock(bytes)]).toEqual([...bytes].map(ulawDecode));
  });
});
