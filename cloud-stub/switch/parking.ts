import type { CallId, ContractId } from '../../lib/base/ids.ts';
import type { ParkedCall } from '../routing/types.ts';

/** How long a call waits in a slot until whoever parked it is rung, as on the gateways. [S0-081] */
export const PARK_FOR_MS = 120_000;
/** How long he is rung; then the call waits again. */
export const RECALL_FOR_MS = 30_000;

interface Spot extends ParkedCall {
  readonly contract: ContractId;
  readonly slot: string;
}

/** Which call waits in which slot of which contract. A call is in one slot at most. [S0-081] */
export class Parking {
  readonly #spots = new Map<CallId, Spot>();

  at(contract: ContractId, slot: string): ParkedCall | undefined {
    for (const spot of this.#spots.values()) {
      if (spot.contract === contract && spot.slot === slot) return { call: spot.call, by: spot.by };
    }
    return undefined;
  }

  put(contract: ContractId, slot: string, parked: ParkedCall): void {
    this.#spots.set(parked.call, { contract, slot, ...parked });
  }

  /** The call is taken, or over. */
  free(call: CallId): void {
    this.#spots.delete(call);
  }
}
