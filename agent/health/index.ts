import type { Clock } from '../../lib/base/clock.ts';
import type { Health } from '../ports.ts';
import type { Severity, Warning } from '../status.ts';
import { resolveWarning } from './registry.ts';

export { resolveWarning, type WarningKind, warningKinds } from './registry.ts';

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
  const raised = new Map<string, Warning>();
  const listeners: (() => void)[] = [];
  let dropped = 0;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    raise(name, say) {
      const { kind, code } = resolveWarning(name);
      const before = raised.get(code);
      const text = say.slice(0, SAY_LIMIT);
      if (before?.say === text) return;
      if (before === undefined && raised.size >= WARNING_LIMIT) {
        dropped++;
        return;
      }
      const { severity, remedy } = kind;
      raised.set(code, { code, severity, say: text, remedy, sinceMs: before?.sinceMs ?? clock.now() });
      changed();
    },
    clear(name) {
      if (raised.delete(resolveWarning(name).code)) changed();
    },
    list: () => [...raised.values()].sort(byWeight),
    onChange(listener) {
      listeners.push(listener);
    },
    get dropped() {
      return dropped;
    },
  };
}

const WEIGHT: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

function byWeight(a: Warning, b: Warning): number {
  return WEIGHT[a.severity] - WEIGHT[b.severity] || a.sinceMs - b.sinceMs || (a.code < b.code ? -1 : 1);
}
