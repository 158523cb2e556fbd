import type { Clock, Timer } from '../../../base/clock.ts';
import type { Effect, Step, TimerName } from './effects.ts';

/** A machine with its present state inside. */
export interface Machine<Input> {
  /** What to do at the start. */
  readonly begin: readonly Effect[];
  feed(input: Input): readonly Effect[];
}

/** Closes over the state of a pure step function. */
export function machineOf<State, Input>(
  first: Step<State>,
  step: (state: State, input: Input) => Step<State>,
): Machine<Input> {
  let state = first.state;
  return {
    begin: first.effects,
    feed(input) {
      const next = step(state, input);
      state = next.state;
      return next.effects;
    },
  };
}

/** The timers of one transaction. */
export class Timers {
  readonly #clock: Clock;
  readonly #fire: (name: TimerName) => void;
  readonly #armed = new Map<TimerName, Timer>();

  constructor(clock: Clock, fire: (name: TimerName) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  arm(name: TimerName, ms: number): void {
    this.disarm(name);
    const timer = this.#clock.after(ms, `SIP timer ${name}`, () => {
      this.#armed.delete(name);
      this.#fire(name);
    });
    this.#armed.set(name, timer);
  }

  disarm(name: TimerName): void {
    this.#armed.get(name)?.cancel();
    this.#armed.delete(name);
  }

  disarmAll(): void {
    for (const name of [...this.#armed.keys()]) this.disarm(name);
  }
}
