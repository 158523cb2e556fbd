import { peakOf } from './level.ts';
import type { Tone, ToneStep } from './tone-plan.ts';

const SAMPLES_PER_MS = 8;
const RADIANS_PER_HZ = (2 * Math.PI) / 8_000;
/** Edges of a cadence are ramped over this many samples (2 ms), so that they do not click. */
const RAMP_SAMPLES = 16;

/** Plays one tone from its beginning, without a break in phase from one block to the next. */
export class TonePlayer {
  readonly #tone: Tone;
  readonly #peak: number;
  readonly #openingSamples: number;
  readonly #cycleSamples: number;
  #hz: number;
  #position = 0;
  #phase = 0;
  #modulationPhase = 0;
  #gain = 0;

  constructor(tone: Tone) {
    this.#tone = tone;
    this.#peak = peakOf(tone.levelDbm0);
    this.#openingSamples = samplesOf(tone.opening ?? []);
    this.#cycleSamples = samplesOf(tone.cadence);
    this.#hz = tone.hz;
  }

  /** Fills `out` with the next samples. */
  fill(out: Int16Array): void {
    const { modulation } = this.#tone;
    for (let index = 0; index < out.length; index++) {
      const step = this.#step();
      const wanted = step === undefined || step.sounding ? 1 : 0;
      // A pause fades out at the pitch it had.
      if (wanted === 1) this.#hz = step?.hz ?? this.#tone.hz;
      if (this.#gain < wanted) this.#gain = Math.min(1, this.#gain + 1 / RAMP_SAMPLES);
      else if (this.#gain > wanted) this.#gain = Math.max(0, this.#gain - 1 / RAMP_SAMPLES);
      out[index] = Math.round(this.#peak * this.#gain * this.#swell() * Math.sin(this.#phase));
      this.#phase = (this.#phase + this.#hz * RADIANS_PER_HZ) % (2 * Math.PI);
      if (modulation !== undefined) {
        this.#modulationPhase = (this.#modulationPhase + modulation.hz * RADIANS_PER_HZ) % (2 * Math.PI);
      }
      this.#advance();
    }
  }

  #swell(): number {
    const modulation = this.#tone.modulation;
    if (modulation === undefined) return 1;
    return (1 + modulation.depth * Math.sin(this.#modulationPhase)) / (1 + modulation.depth);
  }

  #advance(): void {
    this.#position++;
    if (this.#position < this.#openingSamples + this.#cycleSamples) return;
    this.#position = Math.min(this.#position, this.#openingSamples);
  }

  /** The stretch that plays now; none when the tone is continuous. */
  #step(): ToneStep | undefined {
    const opening = this.#position < this.#openingSamples;
    const steps = opening ? (this.#tone.opening ?? []) : this.#tone.cadence;
    let at = opening ? this.#position : this.#position - this.#openingSamples;
    for (const step of steps) {
      at -= step.forMs * SAMPLES_PER_MS;
      if (at < 0) return step;
    }
    return undefined;
  }
}

function samplesOf(steps: readonly ToneStep[]): number {
  return steps.reduce((sum, step) => sum + step.forMs, 0) * SAMPLES_PER_MS;
}
