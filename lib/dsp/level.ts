/**
 * The reference level. 0 dBm0 is the level of the digital milliwatt of ITU-T G.711 §4 (µ-law 1E 0B 0B 1E 9E 8B 8B 9E,
 * a 1 kHz sine); the largest sine that µ-law carries is then +3.17 dBm0. As linear 16-bit samples a 0 dBm0 sine peaks
 * at 8159 · 4 / 10^(3.17/20).
 */
export const PEAK_OF_0_DBM0 = (8_159 * 4) / 10 ** (3.17 / 20);

/** What is returned for silence, so that callers never meet -Infinity. */
export const SILENCE_DBM0 = -96;

/** Peak of a sine at `dbm0`, in linear 16-bit units. */
export function peakOf(dbm0: number): number {
  return PEAK_OF_0_DBM0 * 10 ** (dbm0 / 20);
}

/** Level of a sine whose peak is `peak`, in dBm0, not below {@link SILENCE_DBM0}. */
export function dbm0OfPeak(peak: number): number {
  return peak <= 0 ? SILENCE_DBM0 : Math.max(SILENCE_DBM0, 20 * Math.log10(peak / PEAK_OF_0_DBM0));
}

/** Level of a whole signal by its root mean square, in dBm0, not below {@link SILENCE_DBM0}. */
export function levelDbm0(samples: Int16Array): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return samples.length === 0 ? SILENCE_DBM0 : dbm0OfPeak(Math.sqrt((2 * power) / samples.length));
}
