import type { BoardEvent, FxsBoard } from '../../hal/board.ts';
import { type BoardGpio, LEDS } from '../../hal/gpio/gpio.ts';
import { lampsOf, type ToldLamps } from '../../hal/gpio/lamps.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';

/** A silent board gets so much time to come back by itself; every further reset waits twice as long. */
const FIRST_RESET_MS = 10_000;
const LAST_RESET_MS = 320_000;
/** Half of the period of a lamp that blinks. */
const BLINK_MS = 500;
/** How long reset is held. */
const RESET_PULSE_MS = 100;

export interface BoardGuardOptions {
  readonly gpio: BoardGpio;
  readonly board: FxsBoard;
  readonly clock: Clock;
  warn(code: string, say: string): void;
}

/**
 * Looks after the board through its wires: resets it when it has been silent too long while its supply is good, and shows
 * on the front what `hal/gpio/lamps.ts` says.
 */
export class BoardGuard {
  readonly #options: BoardGuardOptions;
  readonly #lifted = new Set<number>();
  #board = false;
  #agent = false;
  #told: ToldLamps | undefined;
  #blink: Timer | undefined;
  #lit = true;
  #timer: Timer | undefined;
  #waitMs = FIRST_RESET_MS;

  constructor(options: BoardGuardOptions) {
    this.#options = options;
  }

  start(): void {
    const { gpio, board, warn } = this.#options;
    this.#show();
    board.onEvent((event) => this.#event(event));
    gpio.onPowerGood((good) => {
      if (good) warn('board.powerGood', 'The supply of the FXS board is good again.');
      else warn('board.powerFail', 'The supply of the FXS board has failed. Check its power adapter.');
    });
  }

  /** An agent came or went. */
  agent(there: boolean): void {
    this.#agent = there;
    this.#told = undefined;
    this.#show();
  }

  /** What the agent says of the box. */
  tell(told: ToldLamps): void {
    this.#told = told;
    this.#show();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#blink?.cancel();
    this.#options.gpio.stop();
  }

  #event(event: BoardEvent): void {
    switch (event.type) {
      case 'up':
        this.#timer?.cancel();
        this.#timer = undefined;
        this.#waitMs = FIRST_RESET_MS;
        this.#board = true;
        this.#show();
        return;
      case 'down':
        this.#lifted.clear();
        this.#board = false;
        this.#show();
        // Reset helps a processor that hangs; not a cable, a foreign protocol or our own closing.
        if (event.code === 'board.silent') this.#resetLater();
        return;
      case 'hook':
      case 'ringTrip':
        if (event.type === 'ringTrip' || event.offHook) this.#lifted.add(event.port);
        else this.#lifted.delete(event.port);
        this.#show();
        return;
      default:
        return;
    }
  }

  #show(): void {
    const { clock, gpio } = this.#options;
    const lamps = lampsOf({
      ...{ board: this.#board, lifted: this.#lifted.size > 0 },
      ...{ agent: this.#agent, told: this.#told },
    });
    for (const led of LEDS) gpio.setLed(led, lamps[led] === 'on' || (lamps[led] === 'blinking' && this.#lit));
    const blinks = LEDS.some((led) => lamps[led] === 'blinking');
    if (!blinks) {
      this.#blink?.cancel();
      this.#blink = undefined;
      this.#lit = true;
    } else {
      this.#blink ??= clock.after(BLINK_MS, 'lamps', () => {
        this.#blink = undefined;
        this.#lit = !this.#lit;
        this.#show();
      });
    }
  }

  #resetLater(): void {
    const { clock } = this.#options;
    this.#timer ??= clock.after(this.#waitMs, 'board reset', () => this.#reset());
  }

  #reset(): void {
    const { gpio, clock, warn } = this.#options;
    const silentMs = this.#waitMs;
    this.#timer = undefined;
    this.#waitMs = Math.min(LAST_RESET_MS, this.#waitMs * 2);
    if (gpio.powerGood() !== false) {
      warn('board.reset', `The FXS board was silent for ${silentMs / 1_000} s and is reset.`);
      gpio.setReset(true);
      clock.after(RESET_PULSE_MS, 'board reset end', () => gpio.setReset(false));
    }
    this.#resetLater();
  }
}
