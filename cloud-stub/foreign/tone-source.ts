import { peakOf } from '../../lib/dsp/level.ts';

/** What a party of the simulated network plays into the line. */
export type ToneProgramme = { readonly kind: 'melody' } | { readonly kind: 'steady'; readonly hz: number };

/** C5, E5, G5, C6. */
export const MELODY_HZ: readonly number[] = [523.25, 659.25, 783.99, 1046.5];
/** How long each note of the melody lasts. */
export const MELODY_NOTE_MS = 400;

const SAMPLES_PER_MS = 8;
const LEVEL_DBM0 = -13;
const AMPLITUDE = peakOf(LEVEL_DBM0);

/** Endless samples of a programme, 8 kHz, 16-bit linear, at -13 dBm0. The phase never jumps inside a tone. */
export class ToneSource {
  readonly #programme: ToneProgramme;
  #sample = 0;
  #phase = 0;

  constructor(programme: ToneProgramme) {
    this.#programme = programme;
  }

  /** The next `count` samples. */
  next(count: number): Int16Array {
    const out = new Int16Array(count);
    for (let index = 0; index < count; index++) {
      out[index] = Math.round(AMPLITUDE * Math.sin(this.#phase));
      this.#phase = (this.#phase + (2 * Math.PI * this.#hz()) / 8_000) % (2 * Math.PI);
      this.#sample++;
    }
    return out;
  }

  /** Passes over samples that are not sent, so that a late sender keeps the time of the melody. */
  skip(count: number): void {
    this.next(count);
  }

  #hz(): number {
    if (this.#programme.kind === 'steady') return this.#programme.hz;
    const note = Math.floor(this.#sample / (MELODY_NOTE_MS * SAMPLES_PER_MS)) % MELODY_HZ.length;
    return MELODY_HZ[note] ?? 0;
  }
}
