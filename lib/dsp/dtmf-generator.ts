import { peakOf } from './level.ts';

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1_209, 1_336, 1_477, 1_633];
const KEYS = ['123A', '456B', '789C', '*0#D'];

/** The two frequencies of a digit (ITU-T Q.23), or undefined when it is none of 0-9 * # A-D. */
export function dtmfFrequencies(
  digit: string,
): { readonly lowHz: number; readonly highHz: number } | undefined {
  for (const [row, keys] of KEYS.entries()) {
    const column = digit.length === 1 ? keys.indexOf(digit.toUpperCase()) : -1;
    const lowHz = ROWS_HZ[row];
    const highHz = COLUMNS_HZ[column];
    if (lowHz !== undefined && highHz !== undefined) return { lowHz, highHz };
  }
  return undefined;
}

/**
 * Samples (8 kHz) of one digit of `forMs`, each of its two sines at `eachDbm0`; silence for anything that is not a digit.
 */
export function dtmfSamples(digit: string, forMs: number, eachDbm0: number): Int16Array {
  const pair = dtmfFrequencies(digit);
  const out = new Int16Array(Math.round(forMs * 8));
  if (pair === undefined) return out;
  const peak = peakOf(eachDbm0);
  for (let index = 0; index < out.length; index++) {
    const turn = (2 * Math.PI * index) / 8_000;
    out[index] = Math.round(peak * (Math.sin(turn * pair.lowHz) + Math.sin(turn * pair.highHz)));
  }
  return out;
}
