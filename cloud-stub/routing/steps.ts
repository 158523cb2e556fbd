import type { Decision, RoutePlan, TraceLine } from './types.ts';

/** Q.850 cause values that refusals carry. */
export const CAUSE = {
  unallocated: 1,
  busy: 17,
  subscriberAbsent: 20,
  rejected: 21,
  invalidFormat: 28,
  noChannel: 34,
} as const;

/** Collects the reasoning of one decision. */
export class Trace {
  readonly #lines: TraceLine[] = [];

  note(rule: string, facts: readonly string[], say: string): void {
    this.#lines.push({ rule, facts, say });
  }

  /** The decision for `plan`, with everything noted so far. */
  decide(plan: RoutePlan): Decision {
    return { plan, trace: [...this.#lines] };
  }

  /** A refusal; its rule is the last line of the trace. */
  reject(rule: string, facts: readonly string[], status: number, cause: number, say: string): Decision {
    this.note(rule, facts, say);
    return this.decide({ verb: 'reject', rule, status, cause, say });
  }
}
