import { DisplayDemodulator } from './display-demodulator.ts';
import { DisplayReader, type Shown } from './display-reader.ts';
import { TICKS_PER_MS } from './line-card.ts';
import type { Phone } from './phone.ts';

/** From the first burst of the starting signal to the closed loop, as receivers of this kind do. */
const CLOSE_AFTER_MS = 200;
/** Without data the receiver gives up. */
const GIVE_UP_MS = 3_200;
/** From the last byte to the open loop. */
const OPEN_AFTER_MS = 500;
/** Calls that are remembered. */
const SHOWN_LIMIT = 50;

type State =
  | { readonly at: 'idle' }
  /** The line was reversed: a starting signal will come. */
  | { readonly at: 'reversed' }
  | { readonly at: 'starting'; readonly closeAt: number }
  | { readonly at: 'listening'; readonly giveUpAt: number }
  | { readonly at: 'received'; readonly openAt: number }
  /** This call was shown, or could not be; now the bell rings. */
  | { readonly at: 'over' };

/** What the display showed, newest last. */
export interface DisplayState {
  readonly on: boolean;
  readonly shown: readonly (Shown & { readonly tick: number })[];
  /** Times that data was waited for in vain or was broken. */
  readonly failures: number;
}

/**
 * The receiver of Number Display inside a phone: after a reversal it answers the starting signal without ringing, takes
 * the data, opens the loop and shows the number. Off unless switched on, as the phone of an office is.
 */
export class DisplayPhone {
  readonly #phone: Phone;
  readonly #shown: (Shown & { tick: number })[] = [];
  #on = false;
  #state: State = { at: 'idle' };
  #tick = 0;
  #demodulator = new DisplayDemodulator();
  #reader = new DisplayReader();
  #failures = 0;

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  get state(): DisplayState {
    return { on: this.#on, shown: this.#shown, failures: this.#failures };
  }

  switch(on: boolean): void {
    this.#on = on;
    this.#state = { at: 'idle' };
  }

  /** The polarity of the line changed. */
  reversed(reversed: boolean): void {
    if (this.#state.at === 'starting' || this.#state.at === 'listening' || this.#state.at === 'received') {
      return;
    }
    this.#state = reversed && this.#on && !this.#phone.offHook ? { at: 'reversed' } : { at: 'idle' };
  }

  /** Ring voltage came or went. */
  bell(on: boolean): void {
    if (!on || this.#state.at !== 'reversed') return;
    this.#state = { at: 'starting', closeAt: this.#tick + CLOSE_AFTER_MS * TICKS_PER_MS };
  }

  /** One ms has passed. */
  step(tick: number): void {
    this.#tick = tick;
    const state = this.#state;
    switch (state.at) {
      case 'starting':
        if (before(tick, state.closeAt)) return;
        this.#phone.lift();
        this.#demodulator = new DisplayDemodulator();
        this.#reader = new DisplayReader();
        this.#state = { at: 'listening', giveUpAt: tick + GIVE_UP_MS * TICKS_PER_MS };
        return;
      case 'listening':
        if (before(tick, state.giveUpAt)) return;
        this.#failures++;
        this.#open();
        return;
      case 'received':
        if (!before(tick, state.openAt)) this.#open();
        return;
      case 'idle':
      case 'reversed':
      case 'over':
        return;
    }
  }

  /** What came over the line, with the loop closed. */
  hear(samples: Int16Array): void {
    if (this.#state.at !== 'listening') return;
    const shown = this.#reader.push(this.#demodulator.push(samples));
    if (shown === undefined) return;
    this.#shown.push({ ...shown, tick: this.#tick });
    if (this.#shown.length > SHOWN_LIMIT) this.#shown.shift();
    this.#state = { at: 'received', openAt: this.#tick + OPEN_AFTER_MS * TICKS_PER_MS };
  }

  #open(): void {
    this.#phone.hangUp();
    this.#state = { at: 'over' };
  }
}

function before(now: number, due: number): boolean {
  return ((now - due) | 0) < 0;
}
