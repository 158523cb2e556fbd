import { type Clock, type Instant, instant, type Timer } from './clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly name: string;
  readonly run: () => void;
}

/** A clock that moves only when told. Timers due at the same moment run in the order they were armed. */
export class VirtualClock implements Clock {
  readonly #startWall: number;
  #elapsedMs = 0;
  #order = 0;
  #pending: Pending[] = [];

  constructor(startWall: number = Date.UTC(2026, 10, 21, 0, 0, 0)) {
    this.#startWall = startWall;
  }

  now(): Instant {
    return instant(this.#startWall + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, name: string, run: () => void): Timer {
    const entry: Pending = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, name, run };
    this.#pending.push(entry);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== entry);
      },
    };
  }

  /** Moves time on by `deltaMs`, running every timer that falls due, in order. */
  advance(deltaMs: number): void {
    const target = this.#elapsedMs + deltaMs;
    for (let guard = 0; guard < 1_000_000; guard++) {
      const next = this.#earliest(target);
      if (next === undefined) {
        this.#elapsedMs = target;
        return;
      }
      this.#pending = this.#pending.filter((other) => other !== next);
      this.#elapsedMs = next.dueMs;
      next.run();
    }
    throw new Error(`virtual clock: a timer re-arms without time passing: ${this.names().join(', ')}`);
  }

  /** Names of the timers that wait, for diagnostics and leak checks. */
  names(): readonly string[] {
    return this.#pending.map((entry) => entry.name);
  }

  #earliest(limitMs: number): Pending | undefined {
    let best: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.dueMs > limitMs) continue;
      if (
        best === undefined ||
        entry.dueMs < best.dueMs ||
        (entry.dueMs === best.dueMs && entry.order < best.order)
      ) {
        best = entry;
      }
    }
    return best;
  }
}
