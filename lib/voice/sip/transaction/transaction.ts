import type { Effect, Step } from './effects.ts';

/** A machine with its present state inside. */
export interface Machine<Input> {
  /** What to do at the start. */
  begin(): readonly Effect[];
  feed(input: Input): readonly Effect[];
}

/** Keeps the state of a pure step function. Without a closure of its own: there is one for each transaction. */
export class StepMachine<State, Input, Config> implements Machine<Input> {
  readonly #first: (config: Config) => Step<State>;
  readonly #step: (state: State, input: Input, config: Config) => Step<State>;
  readonly #config: Config;
  #state: State | undefined;

  constructor(
    first: (config: Config) => Step<State>,
    step: (state: State, input: Input, config: Config) => Step<State>,
    config: Config,
  ) {
    this.#first = first;
    this.#step = step;
    this.#config = config;
  }

  begin(): readonly Effect[] {
    return this.#become(this.#first(this.#config));
  }

  /** Nothing comes of it before the start. */
  feed(input: Input): readonly Effect[] {
    return this.#state === undefined ? [] : this.#become(this.#step(this.#state, input, this.#config));
  }

  #become({ state, effects }: Step<State>): readonly Effect[] {
    this.#state = state;
    return effects;
  }
}
