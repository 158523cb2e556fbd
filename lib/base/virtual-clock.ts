import { type Clock, type Instant, instant, type Timer } from './clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly name: string;
  readonly run: () => void;
  cancelled: boolean;
}

/** A clock that moves only when told. Timers due at the same moment run in the order they were armed. */
export class VirtualClock implements Clock {
  #startWall: number;
  #elapsedMs = 0;
  #order = 0;
  /** Binary heap, the next one first; cancelled ones stay until they come up, or until they are the most. */
  #heap: Pending[] = [];
  #cancelled = 0;

  constructor(startWall: number = Date.UTC(2026, 10, 21, 0, 0, 0)) {
    this.#startWall = startWall;
  }

  now(): Instant {
    return instant(this.#startWall + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Sets the time of day, as NTP does. Timers and the monotonic clock do not notice. */
  setNow(at: Instant): void {
    this.#startWall = at - this.#elapsedMs;
  }

  after(delayMs: number, name: string, run: () => void): Timer {
    const dueMs = this.#elapsedMs + Math.max(0, delayMs);
    const entry: Pending = { dueMs, order: this.#order++, name, run, cancelled: false };
    this.#push(entry);
    return {
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        this.#cancelled++;
        this.#tidy();
      },
    };
  }

  /** Moves time on by `deltaMs`, running every timer that falls due, in order. */
  advance(deltaMs: number): void {
    const target = this.#elapsedMs + deltaMs;
    for (let guard = 0; guard < 1_000_000; guard++) {
      if (!this.step(target)) return;
    }
    throw new Error(`virtual clock: a timer re-arms without time passing: ${this.names().join(', ')}`);
  }

  /** Runs the next timer that falls due until `untilMs` (monotonic); with none, time is then, and false comes back. */
  step(untilMs: number): boolean {
    const next = this.#first();
    if (next === undefined || next.dueMs > untilMs) {
      this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
      return false;
    }
    this.#pop();
    // Running, it can be cancelled no more.
    next.cancelled = true;
    this.#elapsedMs = next.dueMs;
    next.run();
    return true;
  }

  /** When the next timer falls due (monotonic), for whoever moves time by himself. */
  nextDueMs(): number | undefined {
    return this.#first()?.dueMs;
  }

  /** Names of the timers that wait, for diagnostics and leak checks. */
  names(): readonly string[] {
    return this.#heap.filter((entry) => !entry.cancelled).map((entry) => entry.name);
  }

  #first(): Pending | undefined {
    while (this.#heap[0]?.cancelled === true) {
      this.#pop();
      this.#cancelled--;
    }
    return this.#heap[0];
  }

  #tidy(): void {
    if (this.#cancelled < 64 || this.#cancelled * 2 < this.#heap.length) return;
    // In order, an array is a heap.
    this.#heap = this.#heap
      .filter((entry) => !entry.cancelled)
      .sort((left, right) => (isBefore(left, right) ? -1 : 1));
    this.#cancelled = 0;
  }

  #push(entry: Pending): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = heap[up];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let below = heap[down];
      if (below === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && isBefore(right, below)) {
        below = right;
        down++;
      }
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = down;
    }
    heap[at] = last;
  }
}

function isBefore(one: Pending, other: Pending): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}
