import { seededRandom } from '../../lib/base/random.ts';
import { peakOf } from '../../lib/dsp/level.ts';

/** A sine, 8,000 samples a second; `amplitude` may change it over time, `phase` turns it. */
export function sine(
  hz: number,
  dbm0: number,
  ms: number,
  shape: { amplitude?(second: number): number; phase?(second: number): number } = {},
): Int16Array {
  const peak = peakOf(dbm0);
  return Int16Array.from({ length: ms * 8 }, (_, at) => {
    const second = at / 8_000;
    const amplitude = shape.amplitude?.(second) ?? 1;
    return Math.round(peak * amplitude * Math.sin(2 * Math.PI * hz * second + (shape.phase?.(second) ?? 0)));
  });
}

/** Frequency shift keying of bits, phase-continuous (V.21: 300 bit/s). */
export function shiftKeyed(bits: readonly number[], zeroHz: number, oneHz: number, dbm0: number): Int16Array {
  const peak = peakOf(dbm0);
  let phase = 0;
  return Int16Array.from({ length: Math.floor((bits.length * 8_000) / 300) }, (_, at) => {
    const bit = bits[Math.floor((at * 300) / 8_000)];
    phase += (2 * Math.PI * (bit === 1 ? oneHz : zeroHz)) / 8_000;
    return Math.round(peak * Math.sin(phase));
  });
}

/** White noise of even distribution. */
export function noiseOf(dbm0: number, ms: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  const peak = (peakOf(dbm0) / Math.SQRT2) * Math.sqrt(3);
  return Int16Array.from({ length: ms * 8 }, () => Math.round((random.fraction() * 2 - 1) * peak));
}

/** Something like speech: a gliding pitch with twelve harmonics under moving formants, in syllables, with hisses. */
export function speechOf(ms: number, seed: number, gain = 1): Int16Array {
  const random = seededRandom(seed);
  const out = new Int16Array(ms * 8);
  let [phase, pitchHz, formantHz, hiss] = [0, 120, 700, 0];
  for (let at = 0; at < out.length; at++) {
    if (at % 1_600 === 0) {
      pitchHz = 90 + random.fraction() * 160;
      formantHz = 400 + random.fraction() * 1_600;
      hiss = random.fraction() < 0.2 ? 900 : 20;
    }
    phase += (2 * Math.PI * pitchHz) / 8_000;
    pitchHz *= 1.00002;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic++) {
      const away = (harmonic * pitchHz - formantHz) / 300;
      sum += Math.sin(phase * harmonic) / (1 + away * away);
    }
    const syllable = Math.sin((Math.PI * (at % 1_600)) / 1_600);
    out[at] = Math.round(gain * (2_500 * sum * syllable + (random.fraction() * 2 - 1) * hiss));
  }
  return out;
}

/** Two signals over each other, as long as the first. */
export function mixed(one: Int16Array, other: Int16Array): Int16Array {
  return one.map((sample, at) => Math.max(-32_768, Math.min(32_767, sample + (other[at] ?? 0))));
}
