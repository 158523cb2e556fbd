import { peakOf } from '../../lib/dsp/level.ts';

/** ITU-T V.8 §2: 2100 Hz, 15 Hz amplitude modulation between 0.8 and 1.2, its phase reversed every 450 ms. */
const CARRIER_HZ = 2_100;
const MODULATION_HZ = 15;
const MODULATION_DEPTH = 0.2;
const REVERSAL_MS = 450;
const LEVEL_DBM0 = -14;
const SAMPLES_PER_MS = 8;

/** A machine that answers is silent this long, and then says the answer tone this long (ITU-T T.30 §4, as the T.30 machine does). */
const SILENCE_MS = 200;
const TONE_MS = 2_600;

/**
 * The first seconds of a Super G3 machine that answers: ANSam where a G3 machine has CED. What follows is the T.30 machine's
 * own V.21, as of a Super G3 machine whose question nobody answered in V.8.
 */
export class Ansam {
  #sample = 0;

  /** Puts the tone over what the T.30 machine says, while it lasts. */
  cover(samples: Int16Array): void {
    const from = SILENCE_MS * SAMPLES_PER_MS;
    const to = from + TONE_MS * SAMPLES_PER_MS;
    for (let index = 0; index < samples.length; index++, this.#sample++) {
      if (this.#sample >= from && this.#sample < to) samples[index] = this.#at(this.#sample - from);
    }
  }

  #at(sample: number): number {
    const second = sample / (SAMPLES_PER_MS * 1_000);
    const reversed = Math.floor(sample / (REVERSAL_MS * SAMPLES_PER_MS)) % 2 === 1;
    const amplitude = 1 + MODULATION_DEPTH * Math.sin(2 * Math.PI * MODULATION_HZ * second);
    const sine = Math.sin(2 * Math.PI * CARRIER_HZ * second);
    return Math.round(peakOf(LEVEL_DBM0) * amplitude * (reversed ? -sine : sine));
  }
}
