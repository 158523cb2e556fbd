import type { ContractId } from '../../lib/base/ids.ts';
import type { Decision, RoutePlan, TraceLine } from './types.ts';

/** Q.850 cause values that refusals carry. */
export const CAUSE = {
  unallocated: 1,
  busy: 17,
  noAnswer: 19,
  subscriberAbsent: 20,
  rejected: 21,
  invalidFormat: 28,
  noChannel: 34,
  notSubscribed: 50,
  bearer: 65,
} as const;

/** Nothing is collected: for deciding many calls fast. */
export type Tracing = 'full' | 'none';

const NO_LINES: readonly TraceLine[] = [];

/** Collects the reasoning of one decision. */
export class Trace {
  /** Undefined: nothing is collected. */
  readonly #lines: TraceLine[] | undefined;
  #contract: ContractId | undefined;

  constructor(tracing: Tracing = 'full') {
    this.#lines = tracing === 'full' ? [] : undefined;
  }

  /** Whose call it is, once that is known: refusals from here on stand among the calls of that contract. */
  of(contract: ContractId): this {
    this.#contract = contract;
    return this;
  }

  /** A sentence that costs something to make is handed over as a function, which an untraced decision never calls. */
  note(rule: string, facts: readonly string[], say: string | (() => string)): void {
    this.#lines?.push({ rule, facts, say: typeof say === 'string' ? say : say() });
  }

  /** The decision for `plan`, with everything noted so far. */
  decide(plan: RoutePlan): Decision {
    return { plan, trace: this.#lines === undefined ? NO_LINES : [...this.#lines] };
  }

  /** A refusal; its rule is the last line of the trace. */
  reject(rule: string, facts: readonly string[], status: number, cause: number, say: string): Decision {
    this.note(rule, facts, say);
    const contract = this.#contract;
    const plan = { verb: 'reject', rule, status, cause, say } as const;
    return this.decide(contract === undefined ? plan : { ...plan, contract });
  }
}
