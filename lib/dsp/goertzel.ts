import { dbm0OfPeak } from './level.ts';

export { levelDbm0 } from './level.ts';

/** Samples a second of all telephone audio here. */
export const SAMPLE_RATE_HZ = 8_000;

/** A tone that was found. */
export interface FoundTone {
  readonly hz: number;
  readonly dbm0: number;
}

const windows = new Map<number, Float64Array>();
const WINDOWS_KEPT = 32;

/** Hann window, scaled so that its mean is 1: a sine keeps its amplitude, its neighbours leak less. */
function hann(length: number): Float64Array {
  const kept = windows.get(length);
  if (kept !== undefined) return kept;
  const made = Float64Array.from(
    { length },
    (_, index) => 1 - Math.cos((2 * Math.PI * (index + 0.5)) / length),
  );
  if (windows.size >= WINDOWS_KEPT) windows.clear();
  windows.set(length, made);
  return made;
}

function windowed(samples: Int16Array): Float64Array {
  const window = hann(samples.length);
  return Float64Array.from(samples, (sample, index) => sample * (window[index] ?? 0));
}

function peakAt(shaped: Float64Array, hz: number, sampleRateHz: number): number {
  const step = (2 * Math.PI * hz) / sampleRateHz;
  const twiceCos = 2 * Math.cos(step);
  let before = 0;
  let last = 0;
  for (const value of shaped) {
    const next = value + twiceCos * last - before;
    before = last;
    last = next;
  }
  const power = last * last + before * before - twiceCos * last * before;
  return (2 * Math.sqrt(Math.max(0, power))) / shaped.length;
}

/**
 * Level of the sine at `hz` within `samples`, in dBm0 (see level.ts), by the Goertzel algorithm over a Hann window.
 * Resolution is about 2 · rate / samples: 100 ms tell tones 20 Hz apart.
 */
export function tonePower(samples: Int16Array, hz: number, sampleRateHz: number = SAMPLE_RATE_HZ): number {
  return samples.length === 0 ? dbm0OfPeak(0) : dbm0OfPeak(peakAt(windowed(samples), hz, sampleRateHz));
}

/** Weaker than this is silence, not a tone. */
const TONE_FLOOR_DBM0 = -60;
const REFINEMENTS = 24;

/**
 * The strongest tone between two frequencies, to within 3 Hz on 100 ms of a clean tone; undefined when nothing there
 * is stronger than −60 dBm0. Noise has a strongest frequency too: compare with {@link levelDbm0} to tell.
 */
export function strongestTone(
  samples: Int16Array,
  range: { readonly fromHz: number; readonly toHz: number },
  sampleRateHz: number = SAMPLE_RATE_HZ,
): FoundTone | undefined {
  if (samples.length < 16 || range.toHz < range.fromHz) return undefined;
  const shaped = windowed(samples);
  const step = sampleRateHz / samples.length;
  let bestHz = range.fromHz;
  let best = -1;
  for (let hz = range.fromHz; hz <= range.toHz; hz += step) {
    const peak = peakAt(shaped, hz, sampleRateHz);
    if (peak > best) {
      best = peak;
      bestHz = hz;
    }
  }
  let low = Math.max(range.fromHz, bestHz - step);
  let high = Math.min(range.toHz, bestHz + step);
  for (let round = 0; round < REFINEMENTS && high - low > 0.1; round++) {
    const third = (high - low) / 3;
    if (peakAt(shaped, low + third, sampleRateHz) < peakAt(shaped, high - third, sampleRateHz)) low += third;
    else high -= third;
  }
  const hz = (low + high) / 2;
  const dbm0 = dbm0OfPeak(peakAt(shaped, hz, sampleRateHz));
  return dbm0 < TONE_FLOOR_DBM0 ? undefined : { hz, dbm0 };
}
