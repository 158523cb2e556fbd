import type { Random } from '../../lib/base/random.ts';
import { peakOf } from '../../lib/dsp/level.ts';

/** Formants of the five Japanese vowels in Hz (first to third), of one grown-up speaker. */
const VOWELS = [
  [750, 1_200, 2_600],
  [300, 2_250, 3_000],
  [340, 1_250, 2_300],
  [500, 1_950, 2_550],
  [480, 850, 2_500],
] as const;
const BANDWIDTHS_HZ = [80, 110, 160] as const;

/** Two-pole resonance. */
class Formant {
  #a = 0;
  #b = 0;
  #gain = 1;
  #one = 0;
  #two = 0;

  tune(hz: number, bandwidthHz: number): void {
    const radius = Math.exp((-Math.PI * bandwidthHz) / 8_000);
    this.#a = 2 * radius * Math.cos((2 * Math.PI * hz) / 8_000);
    this.#b = -radius * radius;
    this.#gain = 1 - radius;
  }

  filter(sample: number): number {
    const out = this.#gain * sample + this.#a * this.#one + this.#b * this.#two;
    this.#two = this.#one;
    this.#one = out;
    return out;
  }
}

/**
 * Talk-like sound at 8 kHz: syllables of a glottal pulse train (90 to 320 Hz, gliding) through three formants, hissed
 * consonants between them, pauses. Its level while it sounds is about `levelDbm0`. Not a person, but with the harmonics,
 * glides and formants that make detectors of tones mistake talk for digits.
 */
export function talk(random: Random, ms: number, levelDbm0: number): Int16Array {
  const out = new Float64Array(ms * 8);
  const between = (least: number, most: number): number => least + random.fraction() * (most - least);
  const formants = BANDWIDTHS_HZ.map(() => new Formant());
  let pitch = between(90, 320);
  let phase = 0;
  for (let at = 0; at < out.length; ) {
    at += Math.round(random.fraction() < 0.15 ? between(150, 500) * 8 : 0);
    at = hiss(out, at, Math.round(between(20, 70) * 8), random);
    const vowel = VOWELS[Math.floor(random.fraction() * VOWELS.length)] ?? VOWELS[0];
    const stretch = between(0.9, 1.25);
    for (const [index, formant] of formants.entries()) {
      formant.tune((vowel[index] ?? 500) * stretch, BANDWIDTHS_HZ[index] ?? 100);
    }
    const length = Math.round(between(70, 320) * 8);
    const glide = between(-0.15, 0.15) / length;
    pitch = Math.min(320, Math.max(90, pitch * between(0.85, 1.18)));
    for (let index = 0; index < length && at < out.length; index++, at++) {
      phase += (pitch * (1 + glide * index)) / 8_000;
      const pulse = phase >= 1 ? 1 : 0;
      phase %= 1;
      const rise = Math.min(1, index / 160, (length - index) / 160);
      let sound = pulse;
      for (const formant of formants) sound = sound * 0.3 + formant.filter(sound) * 8;
      out[at] = (out[at] ?? 0) + sound * rise;
    }
  }
  return scaled(out, levelDbm0);
}

/** White noise whose level is `levelDbm0`. */
export function noise(random: Random, ms: number, levelDbm0: number): Int16Array {
  const peak = peakOf(levelDbm0) * Math.sqrt(1.5);
  return Int16Array.from({ length: ms * 8 }, () => Math.round((random.fraction() * 2 - 1) * peak));
}

function hiss(out: Float64Array, from: number, length: number, random: Random): number {
  let last = 0;
  for (let at = from; at < Math.min(out.length, from + length); at++) {
    const sample = random.fraction() * 2 - 1;
    out[at] = (sample - last) * 0.05;
    last = sample;
  }
  return from + length;
}

/** Level over what sounds, so that pauses do not make the rest louder. */
function scaled(sound: Float64Array, levelDbm0: number): Int16Array {
  const loud = sound.filter((sample) => Math.abs(sample) > 0);
  const rms = Math.sqrt(loud.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, loud.length));
  const factor = peakOf(levelDbm0) / Math.SQRT2 / (rms || 1);
  return Int16Array.from(sound, (sample) => Math.max(-32_124, Math.min(32_124, Math.round(sample * factor))));
}
