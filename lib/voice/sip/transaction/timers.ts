import type { Clock, Timer } from '../../../base/clock.ts';
import type { TimerName } from './effects.ts';

/** How much later than it is due a timer may be told, as a share of its time. The first of those that wait is told in time. */
const LATE = 0.002;

/** Who is told that a timer is due. */
export interface TimerOwner {
  timerDue(name: TimerName): void;
}

/** A timer that waits. */
class Waiting {
  readonly owner: TimerOwner;
  readonly name: TimerName;
  readonly dueMs: number;
  readonly list: List;
  before: Waiting | undefined;
  behind: Waiting | undefined;
  /** Another timer of the same transaction. */
  sibling: Waiting | undefined;

  constructor(owner: TimerOwner, name: TimerName, dueMs: number, list: List) {
    this.owner = owner;
    this.name = name;
    this.dueMs = dueMs;
    this.list = list;
    this.before = list.last;
  }
}

/** Timers that run equally long: the first is due first. */
interface List {
  readonly ms: number;
  first: Waiting | undefined;
  last: Waiting | undefined;
  /** Runs until the first is due. */
  clock: Timer | undefined;
  /** Those that are due are being told. */
  firing: boolean;
}

/**
 * The timers of all transactions, one list for each of the few times that they run: tens of thousands wait for half a
 * minute, and a timer of the clock for each of them would be most of what a transaction that has ended costs.
 */
export class TransactionTimers {
  readonly #clock: Clock;
  readonly #lists = new Map<number, List>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  arm(owner: TimerOwner, name: TimerName, ms: number): Waiting {
    const list = this.#lists.get(ms) ?? this.#begin(ms);
    const waiting = new Waiting(owner, name, this.#clock.monotonicMs() + ms, list);
    if (list.last === undefined) list.first = waiting;
    else list.last.behind = waiting;
    list.last = waiting;
    this.#count++;
    if (list.clock === undefined && !list.firing) this.#await(list, name, ms);
    return waiting;
  }

  /** Once only, and not when it was due. */
  cancel(waiting: Waiting): void {
    this.#unlink(waiting);
    this.#rest();
  }

  #begin(ms: number): List {
    const list: List = { ms, first: undefined, last: undefined, clock: undefined, firing: false };
    this.#lists.set(ms, list);
    return list;
  }

  #await(list: List, name: TimerName, ms: number): void {
    list.clock = this.#clock.after(ms, `SIP timer ${name}`, () => this.#fire(list));
  }

  #fire(list: List): void {
    list.clock = undefined;
    list.firing = true;
    const nowMs = this.#clock.monotonicMs();
    let next = list.first;
    for (; next !== undefined && next.dueMs <= nowMs; next = list.first) {
      this.#unlink(next);
      next.owner.timerDue(next.name);
    }
    list.firing = false;
    // Where many wait, those that are due soon after each other are told together.
    if (next === undefined) this.#lists.delete(list.ms);
    else this.#await(list, next.name, Math.max(next.dueMs - nowMs, list.ms * LATE));
    this.#rest();
  }

  /** Where nobody waits at all, no clock runs. A single empty list is left to its clock: most are used again at once. */
  #rest(): void {
    if (this.#count > 0) return;
    for (const list of this.#lists.values()) {
      list.clock?.cancel();
      list.clock = undefined;
      if (!list.firing) this.#lists.delete(list.ms);
    }
  }

  /** Whatever is taken out points to nothing: a dead one that has grown old would keep all that came behind it. */
  #unlink(waiting: Waiting): void {
    const { list, before, behind } = waiting;
    if (before === undefined) list.first = behind;
    else before.behind = behind;
    if (behind === undefined) list.last = before;
    else behind.before = before;
    waiting.before = undefined;
    waiting.behind = undefined;
    this.#count--;
  }
}

/** The timers of one transaction: three at most. */
export class OwnTimers {
  readonly #timers: TransactionTimers;
  #first: Waiting | undefined;

  constructor(timers: TransactionTimers) {
    this.#timers = timers;
  }

  arm(owner: TimerOwner, name: TimerName, ms: number): void {
    this.disarm(name);
    const waiting = this.#timers.arm(owner, name, ms);
    waiting.sibling = this.#first;
    this.#first = waiting;
  }

  disarm(name: TimerName): void {
    const found = this.#take(name);
    if (found !== undefined) this.#timers.cancel(found);
  }

  disarmAll(): void {
    for (let one = this.#first; one !== undefined; one = one.sibling) this.#timers.cancel(one);
    this.#first = undefined;
  }

  /** It is due, and waits no more. */
  fired(name: TimerName): void {
    this.#take(name);
  }

  #take(name: TimerName): Waiting | undefined {
    let found = this.#first;
    if (found?.name === name) {
      this.#first = found.sibling;
      return found;
    }
    for (let one = found; one !== undefined; one = found) {
      found = one.sibling;
      if (found?.name !== name) continue;
      one.sibling = found.sibling;
      return found;
    }
    return undefined;
  }
}
