import type { Clock, Timer } from '../lib/base/clock.ts';
import type { Logger } from '../lib/base/log.ts';
import type { Health } from './ports.ts';
import { knowsTime } from './store/index.ts';

const LOOK_MS = 2_000;

/** Says so while the box cannot know the time, as after a start without a battery and without a network. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #health: Health;
  readonly #log: Logger;
  #timer: Timer | undefined;

  constructor(clock: Clock, health: Health, log: Logger) {
    this.#clock = clock;
    this.#health = health;
    this.#log = log;
  }

  start(): void {
    if (!knowsTime(this.#clock)) {
      this.#health.raise('clock.unset', 'The clock of the box shows a time before this program was made.');
      this.#timer = this.#clock.after(LOOK_MS, 'clock watch', () => this.start());
      return;
    }
    if (this.#timer !== undefined) this.#log.warn({ event: 'clock.set' }, 'the box has learnt the time');
    this.#health.clear('clock.unset');
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
