import { tonePower } from '../../lib/dsp/goertzel.ts';
import { levelDbm0 } from '../../lib/dsp/level.ts';

/** What a fax machine understands of an exchange's tones. */
export interface LineTones {
  /** 400 Hz without a break for {@link DIAL_TONE_MS}. */
  readonly dialTone: boolean;
  /** 400 Hz that comes and goes every half second: busy or congestion. */
  readonly busy: boolean;
}

/** Steady for this long, it is dial tone and neither busy nor ringback: the longest burst of busy tone is 500 ms. */
const DIAL_TONE_MS = 600;
const WINDOW_SAMPLES = 800;
const WINDOW_MS = 100;
const TONE_HZ = 400;
const TONE_LEAST_DBM0 = -40;
/** The tone is nearly all there is: fax signals and talk have a 400 Hz part too. */
const PURITY_DB = 3;
/** Bursts and pauses of busy tone, 500 ms each in Japan, with what windows of 100 ms leave open. */
const BUSY_MS = { least: 400, most: 600 };
/** Two bursts and two pauses. */
const BUSY_RUNS = 4;

/** Listens to the line for the tones of the exchange, 100 ms at a time. */
export class LineToneListener {
  readonly #window = new Int16Array(WINDOW_SAMPLES);
  #filled = 0;
  #tone = false;
  #runMs = 0;
  #busyRuns = 0;

  /** The next samples of the line. */
  take(samples: Int16Array): void {
    let from = 0;
    while (from < samples.length) {
      const piece = samples.subarray(from, from + WINDOW_SAMPLES - this.#filled);
      this.#window.set(piece, this.#filled);
      this.#filled += piece.length;
      from += piece.length;
      if (this.#filled === WINDOW_SAMPLES) this.#analyse();
    }
  }

  get heard(): LineTones {
    return {
      dialTone: this.#tone && this.#runMs >= DIAL_TONE_MS,
      busy: this.#busyRuns >= BUSY_RUNS,
    };
  }

  #analyse(): void {
    this.#filled = 0;
    const dbm0 = tonePower(this.#window, TONE_HZ);
    const tone = dbm0 > TONE_LEAST_DBM0 && levelDbm0(this.#window) - dbm0 < PURITY_DB;
    if (tone !== this.#tone) {
      const fits = this.#runMs >= BUSY_MS.least && this.#runMs <= BUSY_MS.most;
      this.#busyRuns = fits ? this.#busyRuns + 1 : 0;
      this.#tone = tone;
      this.#runMs = 0;
    }
    this.#runMs += WINDOW_MS;
    if (this.#runMs > BUSY_MS.most) this.#busyRuns = 0;
  }
}
