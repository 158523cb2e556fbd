import type { Clock } from '../../lib/base/clock.ts';

/** Less is no setting of the clock: its milliseconds are whole, and the process may have waited between two looks. */
const SET_MS = 100;

/**
 * The time of day of moments on the monotonic clock, which alone says what came first and how long ago: the time of day may be
 * set at any moment, on a box that starts without it by days. How far the two are apart is looked at each time, and held while
 * nobody sets the clock: the distance between two messages is as true as the monotonic clock.
 */
export class TimeOfDay {
  readonly #clock: Clock;
  #shiftMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Epoch ms, with a fraction, of `monotonicMs` as the clock is set now: of what was before it was set as well. */
  at(monotonicMs: number): number {
    const shiftMs = this.#clock.now() - this.#clock.monotonicMs();
    if (this.#shiftMs === undefined || Math.abs(shiftMs - this.#shiftMs) > SET_MS) this.#shiftMs = shiftMs;
    return monotonicMs + this.#shiftMs;
  }
}
