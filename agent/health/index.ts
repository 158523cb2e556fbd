import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Health } from '../ports.ts';
import type { Severity, Warning } from '../status.ts';
import { resolveWarning } from './registry.ts';

export { type Around, type WholeWarning, wholeWarning } from './hurts.ts';
export { resolveWarning, warningKinds } from './registry.ts';

/** Most warnings that are kept at once; what comes later is counted, not shown. */
const WARNING_LIMIT = 200;
/** Longest sentence that is kept. */
const SAY_LIMIT = 300;

/** The registry of what is wrong now, with its readers. */
export interface HealthRegistry extends Health {
  /** What is wrong now: errors first, then by age. */
  list(): readonly Warning[];
  /** Told after something was raised, changed or cleared. */
  onChange(listener: () => void): void;
  /** How many warnings were not kept because the list was full. */
  readonly dropped: number;
}

/** An empty registry. Codes (and their aliases) are those of `registry.ts`; an unknown one shows as `W-AGT-999/…`. */
export function createHealth(clock: Clock): HealthRegistry {
  return new HealthList(clock);
}

class HealthList implements HealthRegistry {
  readonly #clock: Clock;
  readonly #raised = new Map<string, Warning>();
  readonly #fading = new Map<string, Timer>();
  readonly #listeners: (() => void)[] = [];
  #dropped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get dropped(): number {
    return this.#dropped;
  }

  raise(name: string, say: string): void {
    const { kind, code, ends } = resolveWarning(name);
    if (ends) {
      this.#remove(code);
      return;
    }
    const before = this.#raised.get(code);
    if (before === undefined && this.#raised.size >= WARNING_LIMIT) {
      this.#dropped++;
      return;
    }
    if (kind.fadesAfterMs !== undefined) this.#fade(code, kind.fadesAfterMs);
    const text = say.slice(0, SAY_LIMIT);
    if (before?.say === text) return;
    const { severity, remedy } = kind;
    const sinceMs = before?.sinceMs ?? this.#clock.now();
    this.#raised.set(code, { code, severity, say: text, remedy, sinceMs });
    this.#changed();
  }

  clear(name: string): void {
    this.#remove(resolveWarning(name).code);
  }

  list(): readonly Warning[] {
    return [...this.#raised.values()].sort(byWeight);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #fade(code: string, afterMs: number): void {
    this.#fading.get(code)?.cancel();
    this.#fading.set(
      code,
      this.#clock.after(afterMs, 'health.fade', () => this.#remove(code)),
    );
  }

  #remove(code: string): void {
    this.#fading.get(code)?.cancel();
    this.#fading.delete(code);
    if (this.#raised.delete(code)) this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const WEIGHT: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

function byWeight(a: Warning, b: Warning): number {
  return WEIGHT[a.severity] - WEIGHT[b.severity] || a.sinceMs - b.sinceMs || (a.code < b.code ? -1 : 1);
}
