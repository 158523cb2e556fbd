import type { Instant } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { DeviceClass, RoutingSnapshot } from '../routing/types.ts';
import { channelsOf } from './rules.ts';
import type { Contract, ContractNumber, ContractServiceId, Held } from './types.ts';

/** What only the switch knows at this moment. */
export interface Live {
  busyChannels(contract: ContractId): number;
  reachable(id: ServiceId): boolean;
}

/** Where everything is, whenever it is held; a number may have been another contract's before. */
interface Index {
  readonly contracts: ReadonlyMap<ContractId, Contract>;
  readonly numbers: ReadonlyMap<string, readonly Placed<ContractNumber>[]>;
  readonly ids: ReadonlyMap<ServiceId, readonly Placed<ContractServiceId>[]>;
}

interface Placed<Thing> {
  readonly contract: Contract;
  readonly thing: Thing;
}

const indexes = new WeakMap<readonly Contract[], Index>();

/**
 * The contracts as routing sees them at a moment. An index is made once for each list of contracts, so a snapshot costs
 * nothing until it is asked; channels and reachability are asked of `live` at every look-up.
 */
export function routingSnapshot(contracts: readonly Contract[], live: Live, now: Instant): RoutingSnapshot {
  const index = indexes.get(contracts) ?? makeIndex(contracts);
  indexes.set(contracts, index);
  return {
    contract(id) {
      const contract = index.contracts.get(id);
      if (contract === undefined) return undefined;
      const channels = channelsOf({ ids: contract.ids.filter((entry) => holds(entry.held, now)) });
      const { state, emergency } = contract;
      return { id, state, emergency, channels, busyChannels: live.busyChannels(id) };
    },
    number(text) {
      const found = index.numbers.get(text)?.find(({ thing }) => holds(thing.held, now));
      if (found === undefined) return undefined;
      const { number, role, rings } = found.thing;
      return { number, contract: found.contract.id, role, rings };
    },
    id(id) {
      const found = index.ids.get(id)?.find(({ thing }) => holds(thing.held, now));
      if (found === undefined) return undefined;
      const { role, presents } = found.thing;
      const device = deviceClass(found.contract, found.thing.device);
      return { id, contract: found.contract.id, role, device, presents, reachable: live.reachable(id) };
    },
  };
}

function makeIndex(list: readonly Contract[]): Index {
  const contracts = new Map<ContractId, Contract>();
  const numbers = new Map<string, Placed<ContractNumber>[]>();
  const ids = new Map<ServiceId, Placed<ContractServiceId>[]>();
  for (const contract of list) {
    contracts.set(contract.id, contract);
    for (const thing of contract.numbers) place(numbers, thing.number, { contract, thing });
    for (const thing of contract.ids) place(ids, thing.id, { contract, thing });
  }
  return { contracts, numbers, ids };
}

function place<Key, Entry>(map: Map<Key, Entry[]>, key: Key, entry: Entry): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [entry]);
  else known.push(entry);
}

function holds(held: Held, now: Instant): boolean {
  return held.from <= now && (held.until === null || now < held.until);
}

/** A checked contract always names a device of its own; an unchecked one is priced as the app, the dearer class. */
function deviceClass(contract: Contract, device: string): DeviceClass {
  return contract.devices.find((entry) => entry.id === device)?.kind ?? 'app';
}
