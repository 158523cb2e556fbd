import { dbm0OfPeak } from '../../lib/dsp/level.ts';

/** Samples of one window: 100 ms. */
export const WINDOW_SAMPLES = 800;
/** Length of the transform; the window is padded with zeros, so that bins lie 3.9 Hz apart. */
const TRANSFORM = 2_048;
const BIN_HZ = 8_000 / TRANSFORM;
/** A tone is looked for between these. */
const LOWEST_BIN = Math.ceil(200 / BIN_HZ);
const HIGHEST_BIN = Math.floor(3_800 / BIN_HZ);
/** Weaker than this is silence. */
const FLOOR_DBM0 = -55;
/** Bins on either side that belong to one peak: the main lobe of a Hann window of 100 ms is 40 Hz wide. */
const LOBE_BINS = 8;

/** A sine in a signal. */
export interface Tone {
  readonly hz: number;
  readonly dbm0: number;
}

const hann = Float64Array.from(
  { length: WINDOW_SAMPLES },
  (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW_SAMPLES),
);

/** Squared amplitude of a sine in each bin, for one window of samples. */
export function powerSpectrum(samples: Int16Array): Float64Array {
  const real = new Float64Array(TRANSFORM);
  const imaginary = new Float64Array(TRANSFORM);
  for (let index = 0; index < WINDOW_SAMPLES; index++)
    real[index] = (samples[index] ?? 0) * (hann[index] ?? 0);
  transform(real, imaginary);
  // A sine of peak A under a Hann window of N samples shows A·N/4 in its bin.
  const scale = 4 / WINDOW_SAMPLES;
  return Float64Array.from({ length: TRANSFORM / 2 }, (_, bin) => {
    const re = (real[bin] ?? 0) * scale;
    const im = (imaginary[bin] ?? 0) * scale;
    return re * re + im * im;
  });
}

/** The strongest tones, strongest first: at most `limit`, none more than `rangeDb` below the first. */
export function strongestTones(power: Float64Array, limit: number, rangeDb: number): Tone[] {
  const left = Float64Array.from(power);
  const tones: Tone[] = [];
  while (tones.length < limit) {
    const bin = highest(left);
    const tone = toneAt(power, bin);
    const first = tones[0] ?? tone;
    if (tone.dbm0 < FLOOR_DBM0 || tone.dbm0 < first.dbm0 - rangeDb) break;
    tones.push(tone);
    left.fill(0, Math.max(0, bin - LOBE_BINS), bin + LOBE_BINS + 1);
  }
  return tones;
}

function highest(power: Float64Array): number {
  let best = LOWEST_BIN;
  for (let bin = LOWEST_BIN; bin <= HIGHEST_BIN; bin++) {
    if ((power[bin] ?? 0) > (power[best] ?? 0)) best = bin;
  }
  return best;
}

/** The peak between bins, by a parabola through the logarithms of three. */
function toneAt(power: Float64Array, bin: number): Tone {
  const log = (at: number): number => Math.log(Math.max(1e-12, power[at] ?? 0));
  const [below, here, above] = [log(bin - 1), log(bin), log(bin + 1)];
  const bend = below - 2 * here + above;
  const shift = bend === 0 ? 0 : Math.max(-0.5, Math.min(0.5, (below - above) / (2 * bend)));
  const peakLog = here - ((below - above) * shift) / 4;
  const hz = Math.round((bin + shift) * BIN_HZ * 10) / 10;
  return { hz, dbm0: Math.round(dbm0OfPeak(Math.exp(peakLog / 2)) * 10) / 10 };
}

/** Fast Fourier transform in place, radix 2. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  reorder(real);
  for (let span = 1; span < TRANSFORM; span *= 2) {
    const step = -Math.PI / span;
    for (let offset = 0; offset < span; offset++) {
      const cos = Math.cos(step * offset);
      const sin = Math.sin(step * offset);
      for (let at = offset; at < TRANSFORM; at += 2 * span) {
        const to = at + span;
        const re = (real[to] ?? 0) * cos - (imaginary[to] ?? 0) * sin;
        const im = (real[to] ?? 0) * sin + (imaginary[to] ?? 0) * cos;
        real[to] = (real[at] ?? 0) - re;
        imaginary[to] = (imaginary[at] ?? 0) - im;
        real[at] = (real[at] ?? 0) + re;
        imaginary[at] = (imaginary[at] ?? 0) + im;
      }
    }
  }
}

/** Bit reversal; the imaginary part is all zero then. */
function reorder(real: Float64Array): void {
  let mirror = 0;
  for (let index = 1; index < TRANSFORM; index++) {
    let bit = TRANSFORM >> 1;
    for (; (mirror & bit) !== 0; bit >>= 1) mirror ^= bit;
    mirror ^= bit;
    if (index >= mirror) continue;
    const held = real[index] ?? 0;
    real[index] = real[mirror] ?? 0;
    real[mirror] = held;
  }
}
