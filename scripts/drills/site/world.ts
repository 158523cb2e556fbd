import { type Clock, type Instant, instant, type Timer } from '../../../lib/base/clock.ts';
import { type Random, seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

/** When every simulation begins. */
export const BEGINNING_MS = Date.UTC(2026, 10, 21, 0, 0, 0);
/** Lines of a trace that are kept. */
const TRACE_LIMIT = 50_000;
/** Parts of a millisecond that are told apart. */
const GRID = 64;
/** More events at one moment are a loop. */
const STEPS_AT_ONCE = 20_000;

/** What everything in one simulation stands in: time, chance, the trace, and what was found wrong. */
export class World {
  readonly clock = new VirtualClock(BEGINNING_MS);
  readonly random: Random;
  readonly trouble: string[] = [];
  readonly #trace: string[] = [];
  /** What ran last, for whoever looks for a loop. */
  #last = '';

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  get nowMs(): number {
    return this.clock.monotonicMs();
  }

  /** A line of the trace. */
  note(who: string, say: string): void {
    if (this.#trace.length < TRACE_LIMIT) {
      this.#trace.push(`${(this.nowMs / 1_000).toFixed(3).padStart(10)}  ${who.padEnd(8)} ${say}`);
    }
  }

  /** Something that must never be. */
  wrong(rule: string, say: string): void {
    this.note('WRONG', `${rule}: ${say}`);
    if (this.trouble.length < 50) this.trouble.push(`${rule}: ${say}`);
  }

  get trace(): readonly string[] {
    return this.#trace;
  }

  below(count: number): number {
    return Math.floor(this.random.fraction() * count);
  }

  between(from: number, to: number): number {
    return from + this.random.fraction() * (to - from);
  }

  chance(share: number): boolean {
    return this.random.fraction() < share;
  }

  later(ms: number, name: string, run: () => void): Timer {
    // On a grid that binary fractions meet exactly: what is due at a moment is due then, not a rounding error later.
    const wholeMs = Math.ceil(ms * GRID) / GRID;
    return this.clock.after(wholeMs, name, () => {
      this.#last = name;
      run();
    });
  }

  /** Lets `ms` pass; after each event everybody's promises get their turn. */
  async pass(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    let lastMs = -1;
    let stepsNow = 0;
    while (this.clock.step(until)) {
      await turn();
      stepsNow = this.nowMs === lastMs ? stepsNow + 1 : 0;
      lastMs = this.nowMs;
      if (stepsNow > STEPS_AT_ONCE) {
        throw new Error(`time does not pass at ${lastMs} ms: "${this.#last}" again and again`);
      }
    }
  }
}

/** Until no promise has anything more to do. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The wall clock of one machine, which somebody may set. */
export class WallClock {
  offsetMs = 0;
}

/**
 * One program: what it does ends when it is killed, at whichever step that is. It is a clock, too: its timers die with it,
 * and while its disk keeps it waiting nothing else happens in it.
 */
export class Program implements Clock {
  readonly world: World;
  readonly name: string;
  readonly #wall: WallClock;
  readonly #startedMs: number;
  readonly #timers = new Map<Timer, string>();
  readonly #onDeath: (() => void)[] = [];
  #alive = true;
  #busyUntilMs = 0;
  #stepsLeft = Number.POSITIVE_INFINITY;
  #writesOnly = false;

  constructor(world: World, name: string, wall: WallClock) {
    this.world = world;
    this.name = name;
    this.#wall = wall;
    this.#startedMs = world.nowMs;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** How far it is behind, because its disk keeps it waiting. */
  get lagMs(): number {
    return Math.max(0, this.#busyUntilMs - this.world.nowMs);
  }

  now(): Instant {
    return instant(Math.floor(this.world.clock.now() + this.lagMs + this.#wall.offsetMs));
  }

  monotonicMs(): number {
    return this.world.nowMs + this.lagMs - this.#startedMs;
  }

  after(delayMs: number, name: string, run: () => void): Timer {
    const timer = this.world.later(Math.max(0, delayMs) + this.lagMs, name, () => {
      this.#timers.delete(handle);
      this.run(run);
    });
    const handle: Timer = {
      cancel: () => {
        timer.cancel();
        this.#timers.delete(handle);
      },
    };
    if (this.#alive) this.#timers.set(handle, name);
    else timer.cancel();
    return handle;
  }

  /** Names of its timers, for leak checks. */
  get timers(): readonly string[] {
    return [...this.#timers.values()];
  }

  /** Something comes from outside: it is worked on now, or as soon as the disk lets go. */
  run(work: () => void): void {
    if (!this.#alive) return;
    if (this.lagMs > 0) {
      this.world.later(this.lagMs, 'busy', () => this.run(work));
      return;
    }
    try {
      work();
    } catch (error) {
      if (!this.#alive) return;
      this.world.wrong('crash', `${this.name}: ${error instanceof Error ? error.stack : String(error)}`);
      this.kill();
    }
  }

  /** It is about to touch the world outside of itself. False: it is dead, and does not. */
  step(what: string, isWrite = false): boolean {
    if (!this.#alive) return false;
    if (this.#writesOnly && !isWrite) return true;
    if (this.#stepsLeft-- > 0) return true;
    this.world.note(this.name, `is killed before: ${what.slice(0, 70)}`);
    this.kill();
    return false;
  }

  /** The disk, or whatever else it waits for without doing anything else. */
  occupy(ms: number): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.world.nowMs) + ms;
  }

  /** Dies before its `steps`-th step from now; of those to the disk, where only these count. */
  killAfter(steps: number, writesOnly = false): void {
    this.#stepsLeft = steps;
    this.#writesOnly = writesOnly;
  }

  onDeath(told: () => void): void {
    this.#onDeath.push(told);
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const timer of [...this.#timers.keys()]) timer.cancel();
    for (const told of this.#onDeath) told();
  }
}
