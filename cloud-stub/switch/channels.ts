import type { CallId, ContractId } from '../../lib/base/ids.ts';

/**
 * Who holds the channels of each contract. Held by call id, so that giving back twice changes nothing and the count
 * can never fall below zero. [S0-059]
 */
export class Channels {
  readonly #held = new Map<ContractId, Set<CallId>>();

  /** Calls of `contract` that hold a channel now. */
  busy(contract: ContractId): number {
    return this.#held.get(contract)?.size ?? 0;
  }

  holds(contract: ContractId, call: CallId): boolean {
    return this.#held.get(contract)?.has(call) === true;
  }

  take(contract: ContractId, call: CallId): void {
    const held = this.#held.get(contract) ?? new Set<CallId>();
    held.add(call);
    this.#held.set(contract, held);
  }

  giveBack(contract: ContractId, call: CallId): void {
    const held = this.#held.get(contract);
    held?.delete(call);
    if (held?.size === 0) this.#held.delete(contract);
  }
}
