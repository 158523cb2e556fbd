import type { Instant } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { ContractView, DeviceClass, IdView, NumberView, RoutingSnapshot } from '../routing/types.ts';
import { channelsOf } from './rules.ts';
import type { Contract, Held } from './types.ts';

/** What only the switch knows at this moment. */
export interface Live {
  busyChannels(contract: ContractId): number;
  reachable(id: ServiceId): boolean;
}

/**
 * The contracts as routing sees them at a moment. Numbers and IDs are indexed once; channels and reachability are
 * asked of `live` at every look-up, so one snapshot serves until a contract changes.
 */
export function routingSnapshot(contracts: readonly Contract[], live: Live, now: Instant): RoutingSnapshot {
  const contractViews = new Map<ContractId, Omit<ContractView, 'busyChannels'>>();
  const numbers = new Map<string, NumberView>();
  const ids = new Map<ServiceId, Omit<IdView, 'reachable'>>();
  for (const contract of contracts) {
    const { id, state, emergency } = contract;
    const heldIds = contract.ids.filter((entry) => holds(entry.held, now));
    contractViews.set(id, { id, state, emergency, channels: channelsOf({ ids: heldIds }) });
    for (const { number, role, rings, held } of contract.numbers) {
      if (holds(held, now)) numbers.set(number, { number, contract: id, role, rings });
    }
    for (const entry of heldIds) {
      ids.set(entry.id, {
        id: entry.id,
        contract: id,
        role: entry.role,
        device: deviceClass(contract, entry.device),
        presents: entry.presents,
      });
    }
  }
  return {
    contract(id) {
      const view = contractViews.get(id);
      return view && { ...view, busyChannels: live.busyChannels(id) };
    },
    number: (number) => numbers.get(number),
    id(id) {
      const view = ids.get(id);
      return view && { ...view, reachable: live.reachable(id) };
    },
  };
}

function holds(held: Held, now: Instant): boolean {
  return held.from <= now && (held.until === null || now < held.until);
}

/** A checked contract always names a device of its own; an unchecked one is priced as the app, the dearer class. */
function deviceClass(contract: Contract, device: string): DeviceClass {
  return contract.devices.find((entry) => entry.id === device)?.kind ?? 'app';
}
