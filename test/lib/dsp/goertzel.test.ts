import { describe, expect, it } from 'vitest';
import { ulawDecode } from '../../../lib/dsp/g711.ts';
import { levelDbm0, strongestTone, tonePower } from '../../../lib/dsp/goertzel.ts';
import { peakOf, SILENCE_DBM0 } from '../../../lib/dsp/level.ts';

function sine(hz: number, dbm0: number, length = 800, phase = 0.3): Int16Array {
  return Int16Array.from({ length }, (_, index) =>
    Math.round(peakOf(dbm0) * Math.sin(phase + (2 * Math.PI * hz * index) / 8_000)),
  );
}

describe('levels', () => {
  it('calls the digital milliwatt of G.711 0 dBm0', () => {
    const cycle = [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e];
    const samples = Int16Array.from({ length: 800 }, (_, index) => ulawDecode(cycle[index % 8] ?? 0xff));
    expect(levelDbm0(samples)).toBeCloseTo(0, 1);
    expect(tonePower(samples, 1_000)).toBeCloseTo(0, 1);
  });

  it('measures a sine to a tenth of a dB', () => {
    for (const dbm0 of [0, -13, -19, -30]) {
      expect(Math.abs(levelDbm0(sine(440, dbm0)) - dbm0)).toBeLessThan(0.1);
      expect(Math.abs(tonePower(sine(440, dbm0), 440) - dbm0)).toBeLessThan(0.1);
    }
  });

  it('says a floor, never minus infinity, for silence', () => {
    expect(levelDbm0(new Int16Array(0))).toBe(SILENCE_DBM0);
    expect(levelDbm0(new Int16Array(80))).toBe(SILENCE_DBM0);
    expect(tonePower(new Int16Array(80), 400)).toBe(SILENCE_DBM0);
  });
});

describe('strongest tone', () => {
  it('finds frequency within 3 Hz on 100 ms', () => {
    for (const hz of [350, 400, 523.25, 659.25, 783.99, 1046.5, 3_000]) {
      for (const phase of [0, 1, 2]) {
        const found = strongestTone(sine(hz, -20, 800, phase), { fromHz: 200, toHz: 3_600 });
        expect(Math.abs((found?.hz ?? 0) - hz)).toBeLessThan(3);
      }
    }
  });

  it('picks the stronger of two', () => {
    const weak = sine(700, -25);
    const both = sine(1_200, -15).map((sample, index) => sample + (weak[index] ?? 0));
    expect(strongestTone(both, { fromHz: 200, toHz: 3_600 })?.hz).toBeCloseTo(1_200, 0);
  });

  it('finds nothing in silence, in nothing and in an empty range', () => {
    expect(strongestTone(new Int16Array(800), { fromHz: 200, toHz: 3_600 })).toBeUndefined();
    expect(strongestTone(new Int16Array(0), { fromHz: 200, toHz: 3_600 })).toBeUndefined();
    expect(strongestTone(sine(440, -10), { fromHz: 900, toHz: 300 })).toBeUndefined();
  });
});
