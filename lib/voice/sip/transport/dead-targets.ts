import type { Target } from './locate.ts';

/** A place that failed is passed over this long, twice as long when it fails again, never longer than the last. */
const SHUNNED_MS = 30_000;
const SHUNNED_MAX_MS = 600_000;
/** Places that are remembered; the one that failed longest ago is forgotten first. */
const PLACES = 256;

interface Mark {
  readonly untilMs: number;
  readonly spanMs: number;
}

/** Places that did not answer. They are tried last, not never: where nothing else is left, one of them may be back. */
export class DeadTargets {
  readonly #marks = new Map<string, Mark>();

  /** Living places in their order, then dead ones in theirs. */
  order(targets: readonly Target[], nowMs: number): Target[] {
    const dead = targets.filter((target) => this.isDead(target, nowMs));
    return [...targets.filter((target) => !dead.includes(target)), ...dead];
  }

  isDead(target: Target, nowMs: number): boolean {
    return this.deadForMs(target, nowMs) > 0;
  }

  /** How long a place will still be passed over. */
  deadForMs(target: Target, nowMs: number): number {
    return Math.max(0, (this.#marks.get(keyOf(target))?.untilMs ?? nowMs) - nowMs);
  }

  failed(target: Target, nowMs: number): void {
    const key = keyOf(target);
    const before = this.#marks.get(key);
    const spanMs = before === undefined ? SHUNNED_MS : Math.min(before.spanMs * 2, SHUNNED_MAX_MS);
    this.#marks.delete(key);
    this.#marks.set(key, { untilMs: nowMs + spanMs, spanMs });
    if (this.#marks.size <= PLACES) return;
    const oldest = this.#marks.keys().next().value;
    if (oldest !== undefined) this.#marks.delete(oldest);
  }

  answered(target: Target): void {
    this.#marks.delete(keyOf(target));
  }
}

function keyOf({ host, port }: Target): string {
  return `${host} ${port}`;
}
