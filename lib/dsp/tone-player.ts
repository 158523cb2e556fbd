import { peakOf } from './level.ts';
import type { Tone } from './tone-plan.ts';

const SAMPLES_PER_MS = 8;
const RADIANS_PER_HZ = (2 * Math.PI) / 8_000;
/** Edges of a cadence are ramped over this many samples (2 ms), so that they do not click. */
const RAMP_SAMPLES = 16;

/** Plays one tone from its beginning, without a break in phase from one block to the next. */
export class TonePlayer {
  readonly #tone: Tone;
  readonly #peak: number;
  readonly #cycleSamples: number;
  #position = 0;
  #phase = 0;
  #modulationPhase = 0;
  #gain = 0;

  constructor(tone: Tone) {
    this.#tone = tone;
    this.#peak = peakOf(tone.levelDbm0);
    this.#cycleSamples = tone.cadence.reduce((sum, step) => sum + step.forMs, 0) * SAMPLES_PER_MS;
  }

  /** Fills `out` with the next samples. */
  fill(out: Int16Array): void {
    const { hz, modulation } = this.#tone;
    const step = hz * RADIANS_PER_HZ;
    for (let index = 0; index < out.length; index++) {
      const wanted = this.#sounding() ? 1 : 0;
      if (this.#gain < wanted) this.#gain = Math.min(1, this.#gain + 1 / RAMP_SAMPLES);
      else if (this.#gain > wanted) this.#gain = Math.max(0, this.#gain - 1 / RAMP_SAMPLES);
      out[index] = Math.round(this.#peak * this.#gain * this.#swell() * Math.sin(this.#phase));
      this.#phase = (this.#phase + step) % (2 * Math.PI);
      if (modulation !== undefined) {
        this.#modulationPhase = (this.#modulationPhase + modulation.hz * RADIANS_PER_HZ) % (2 * Math.PI);
      }
      this.#position = this.#cycleSamples === 0 ? 0 : (this.#position + 1) % this.#cycleSamples;
    }
  }

  #swell(): number {
    const modulation = this.#tone.modulation;
    if (modulation === undefined) return 1;
    return (1 + modulation.depth * Math.sin(this.#modulationPhase)) / (1 + modulation.depth);
  }

  #sounding(): boolean {
    if (this.#cycleSamples === 0) return true;
    let at = this.#position;
    for (const step of this.#tone.cadence) {
      at -= step.forMs * SAMPLES_PER_MS;
      if (at < 0) return step.sounding;
    }
    return false;
  }
}
