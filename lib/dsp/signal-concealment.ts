import { ok, type Result } from '../base/errors.ts';
import type { DspError } from './errors.ts';
import { mustBeSamples } from './native-library.ts';

/**
 * 10 ms. The carriers and the symbols of all fax modems fall into it a whole number of times: 1,800 Hz at 2,400 baud (V.17),
 * 1,700 Hz at 2,400 baud (V.29), 1,800 Hz at 1,600 and 1,200 baud (V.27ter).
 */
const PERIOD_SAMPLES = 80;
/** Three packets in a row are filled at full level; then it fades within 20 ms. */
const FULL_SAMPLES = 480;
const FADE_SAMPLES = 160;

/**
 * Fills lost audio with the last 10 ms, again and again: a modem sees its carrier in phase, symbols on their beat and on the
 * points of its constellation. They are the wrong ones, but nothing that it has adapted is spoilt, and it reads on with the
 * first sample that comes. A pitch period found by correlation, as for voice, is no whole number of symbols: its phase jumps,
 * and the equaliser runs away. No time is stretched and nothing is blended.
 */
export class SignalConcealment {
  readonly #last = new Int16Array(PERIOD_SAMPLES);
  #filled = 0;
  #closed = false;

  private constructor() {
    this.#filled = 0;
  }

  static open(): Result<SignalConcealment, DspError> {
    return ok(new SignalConcealment());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Samples that came; they stay as they are. */
  received(samples: Int16Array): void {
    mustBeSamples(samples);
    if (samples.length === 0) return;
    this.#filled = 0;
    this.#remember(samples);
  }

  /** Fills `out` in place of samples that did not come. */
  fill(out: Int16Array): void {
    mustBeSamples(out);
    for (let at = 0; at < out.length; at++, this.#filled++) {
      const past = this.#filled - FULL_SAMPLES;
      const gain = this.#closed ? 0 : Math.max(0, Math.min(1, 1 - past / FADE_SAMPLES));
      out[at] = (this.#last[this.#filled % PERIOD_SAMPLES] ?? 0) * gain;
    }
  }

  /** A closed one leaves what came as it is and fills with silence. Twice is harmless. */
  close(): void {
    this.#closed = true;
  }

  #remember(samples: Int16Array): void {
    const tail = samples.subarray(-PERIOD_SAMPLES);
    this.#last.copyWithin(0, tail.length);
    this.#last.set(tail, PERIOD_SAMPLES - tail.length);
  }
}
