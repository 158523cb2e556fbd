import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';

/** After the loss of a trunk a box waits this long at most before it asks again: all boxes lose it at the same moment. */
const SPREAD_MS = 2_000;
/** Between two accounts of one box that register again. */
const GAP_MS = { least: 25, most: 75 } as const;

/** One account's place in the row; see {@link TrunkPacer}. */
export interface Seat {
  /** Calls `run` when it is this account's turn. */
  take(run: () => void): void;
  /** The account is given up. */
  leave(): void;
}

/**
 * Registration at one trunk without a storm: while it is not known to be there, one account of the box asks, with its own
 * growing pauses, and the others wait for what it finds. When it is there they follow one after the other.
 */
export class TrunkPacer {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #row = new Map<Seat, () => void>();
  #there = false;
  /** Who asks for all. */
  #scout: Seat | undefined;
  #spread = false;
  #timer: Timer | undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  seat(): Seat {
    const seat: Seat = {
      take: (run) => this.#take(seat, run),
      leave: () => {
        this.#row.delete(seat);
        if (this.#scout !== seat) return;
        this.#scout = undefined;
        this.#next();
      },
    };
    return seat;
  }

  /** What an account has found: the trunk answers, whatever it says, or it does not. */
  heard(seat: Seat, there: boolean): void {
    if (there) {
      this.#there = true;
      this.#scout = undefined;
    } else if (this.#there || this.#scout === undefined) {
      this.#there = false;
      this.#scout = seat;
    }
    this.#next();
  }

  /** The connection broke. */
  lost(): void {
    if (!this.#there) return;
    this.#there = false;
    this.#scout = undefined;
    this.#spread = true;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#row.clear();
  }

  #take(seat: Seat, run: () => void): void {
    if (this.#scout === seat) {
      run();
      return;
    }
    this.#row.set(seat, run);
    this.#next();
  }

  #next(): void {
    if (this.#timer !== undefined || this.#row.size === 0) return;
    if (!this.#there && this.#scout !== undefined) return;
    if (this.#spread) {
      this.#spread = false;
      this.#pause(this.#random.fraction() * SPREAD_MS);
      return;
    }
    const [first] = this.#row;
    if (first === undefined) return;
    const [seat, run] = first;
    this.#row.delete(seat);
    if (this.#there) this.#pause(GAP_MS.least + this.#random.fraction() * (GAP_MS.most - GAP_MS.least));
    else this.#scout = seat;
    run();
  }

  #pause(ms: number): void {
    this.#timer = this.#clock.after(ms, 'trunk turn', () => {
      this.#timer = undefined;
      this.#next();
    });
  }
}
