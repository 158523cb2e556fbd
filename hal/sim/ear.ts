import { levelDbm0 } from '../../lib/dsp/level.ts';
import { powerSpectrum, strongestTones, type Tone, WINDOW_SAMPLES } from './spectrum.ts';

/** The strongest frequency in 100 ms of what an ear heard; `hz` 0 is silence. */
export interface HeardWindow {
  readonly atMs: number;
  readonly hz: number;
  readonly dbm0: number;
}

/** What an ear heard. Levels of `tones` are averages over the whole time. */
export interface Heard {
  readonly levelDbm0: number;
  readonly tones: readonly Tone[];
  readonly windows: readonly HeardWindow[];
  /** Every sample, for tests that want more than frequencies. */
  readonly samples: Int16Array;
}

/** Longest recording of one ear. */
export const HEAR_LIMIT_MS = 60_000;

const TONES_LIMIT = 6;
const TONES_RANGE_DB = 30;

/**
 * Records what an ear hears for a given time. The analysis is done window by window as the sound comes, so that no
 * step takes long enough to stall the board's clock.
 */
export class Ear {
  readonly #samples: Int16Array;
  readonly #windows: HeardWindow[] = [];
  readonly #sum = new Float64Array(1_024);
  #filled = 0;

  constructor(forMs: number) {
    this.#samples = new Int16Array(Math.max(1, Math.min(forMs, HEAR_LIMIT_MS)) * 8);
  }

  get full(): boolean {
    return this.#filled === this.#samples.length;
  }

  /** Takes as many as still fit. */
  take(samples: Int16Array): void {
    const fitting = samples.subarray(0, this.#samples.length - this.#filled);
    this.#samples.set(fitting, this.#filled);
    this.#filled += fitting.length;
    while ((this.#windows.length + 1) * WINDOW_SAMPLES <= this.#filled) this.#analyse();
  }

  heard(): Heard {
    const count = Math.max(1, this.#windows.length);
    const average = this.#sum.map((power) => power / count);
    return {
      levelDbm0: Math.round(levelDbm0(this.#samples.subarray(0, this.#filled)) * 10) / 10,
      tones: strongestTones(average, TONES_LIMIT, TONES_RANGE_DB),
      windows: this.#windows,
      samples: this.#samples.subarray(0, this.#filled),
    };
  }

  #analyse(): void {
    const index = this.#windows.length;
    const window = this.#samples.subarray(index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES);
    const power = powerSpectrum(window);
    for (let bin = 0; bin < power.length; bin++) this.#sum[bin] = (this.#sum[bin] ?? 0) + (power[bin] ?? 0);
    const strongest = strongestTones(power, 1, 0)[0];
    this.#windows.push({ atMs: index * 100, hz: strongest?.hz ?? 0, dbm0: strongest?.dbm0 ?? -96 });
  }
}
