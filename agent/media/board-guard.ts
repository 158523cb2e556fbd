import type { BoardEvent, FxsBoard } from '../../hal/board.ts';
import type { BoardGpio } from '../../hal/gpio/gpio.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';

/** A silent board gets so much time to come back by itself; every further reset waits twice as long. */
const FIRST_RESET_MS = 10_000;
const LAST_RESET_MS = 320_000;
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
 * on the front whether it is up (`alarm`), whether a phone is lifted (`line`) and whether an agent is there (`service`).
 */
export class BoardGuard {
  readonly #options: BoardGuardOptions;
  readonly #lifted = new Set<number>();
  #timer: Timer | undefined;
  #waitMs = FIRST_RESET_MS;

  constructor(options: BoardGuardOptions) {
    this.#options = options;
  }

  start(): void {
    const { gpio, board, warn } = this.#options;
    gpio.setLed('power', true);
    gpio.setLed('alarm', true);
    board.onEvent((event) => this.#event(event));
    gpio.onPowerGood((good) => {
      if (good) warn('board.powerGood', 'The supply of the FXS board is good again.');
      else warn('board.powerFail', 'The supply of the FXS board has failed. Check its power adapter.');
    });
  }

  /** An agent came or went. */
  agent(there: boolean): void {
    this.#options.gpio.setLed('service', there);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#options.gpio.stop();
  }

  #event(event: BoardEvent): void {
    const { gpio } = this.#options;
    switch (event.type) {
      case 'up':
        this.#timer?.cancel();
        this.#timer = undefined;
        this.#waitMs = FIRST_RESET_MS;
        gpio.setLed('alarm', false);
        return;
      case 'down':
        this.#lifted.clear();
        gpio.setLed('line', false);
        gpio.setLed('alarm', true);
        // Reset helps a processor that hangs; not a cable, a foreign protocol or our own closing.
        if (event.code === 'board.silent') this.#resetLater();
        return;
      case 'hook':
      case 'ringTrip':
        if (event.type === 'ringTrip' || event.offHook) this.#lifted.add(event.port);
        else this.#lifted.delete(event.port);
        gpio.setLed('line', this.#lifted.size > 0);
        return;
      default:
        return;
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
