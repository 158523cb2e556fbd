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
  /** Three at most: going through them is cheaper than a Map, of which there would be one for each transaction kept. */
  #armed: Armed[] = [];

  constructor(clock: Clock, fire: (name: TimerName) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  arm(name: TimerName, ms: number): void {
    this.disarm(name);
    const timer = this.#clock.after(ms, `SIP timer ${name}`, () => {
      this.#take(name);
      this.#fire(name);
    });
    this.#armed.push({ name, timer });
  }

  disarm(name: TimerName): void {
    this.#take(name)?.timer.cancel();
  }

  disarmAll(): void {
    const armed = this.#armed;
    this.#armed = [];
    for (const { timer } of armed) timer.cancel();
  }

  #take(name: TimerName): Armed | undefined {
    const at = this.#armed.findIndex((one) => one.name === name);
    if (at < 0) return undefined;
    const found = this.#armed[at];
    const last = this.#armed.pop();
    if (last !== undefined && last !== found) this.#armed[at] = last;
    return found;
  }
}

interface Armed {
  readonly name: TimerName;
  readonly timer: Timer;
}
