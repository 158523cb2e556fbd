import type { Instant } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { ContractView, DeviceClass, IdView, NumberView, RoutingSnapshot } from '../routing/types.ts';
import { emptyFeatures, emptyIdFeatures } from './features.ts';
import { holds, optionsOn } from './held.ts';
import { presentedByRelay } from './rules/groups.ts';
import { channelsOf } from './rules/model.ts';
import type { TollFreeNumber } from './toll-free.ts';
import type { Contract, ContractNumber, ContractServiceId } from './types.ts';

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
  readonly tollFree: ReadonlyMap<string, readonly Placed<TollFreeNumber>[]>;
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
      return contract === undefined ? undefined : contractView(contract, live, now);
    },
    number(text) {
      const found = index.numbers.get(text)?.find(({ thing }) => holds(thing.held, now));
      return found === undefined ? undefined : numberView(found, now);
    },
    id(id) {
      const found = index.ids.get(id)?.find(({ thing }) => holds(thing.held, now));
      return found === undefined ? undefined : idView(found, live, now);
    },
    tollFree(text) {
      const found = index.tollFree.get(text)?.find(({ thing }) => holds(thing.held, now));
      if (found === undefined) return undefined;
      const options = optionsOn(found.contract, text, now);
      return { contract: found.contract.id, setting: found.thing, options };
    },
    extension(id, extension) {
      const ids = index.contracts.get(id)?.ids ?? [];
      return ids.find((one) => one.extension === extension && holds(one.held, now))?.id;
    },
  };
}

function contractView(contract: Contract, live: Live, now: Instant): ContractView {
  const { id, state, emergency, model, identityVerified } = contract;
  return {
    id,
    state,
    emergency,
    channels: channelsOf({ ids: contract.ids.filter((entry) => holds(entry.held, now)) }),
    busyChannels: live.busyChannels(id),
    product: contract.product ?? 'cloudPhone',
    model,
    identityVerified,
    groups: contract.groups ?? [],
    ...(contract.ceiling === undefined ? {} : { ceiling: contract.ceiling }),
    mobileMode: contract.mobileMode !== undefined && holds(contract.mobileMode.held, now),
    groupForwarding: contract.groupForwarding !== undefined && holds(contract.groupForwarding.held, now),
    ...mainNumberOf(contract, now),
    ...(contract.tollFree === undefined ? {} : { tollFreeNumbers: tollFreeOf(contract.tollFree, now) }),
  };
}

function mainNumberOf(contract: Contract, now: Instant): Pick<ContractView, 'mainNumber'> {
  const main = contract.numbers.find(({ role, held }) => role === 'contract' && holds(held, now));
  return main === undefined ? {} : { mainNumber: main.number };
}

function tollFreeOf(numbers: readonly TollFreeNumber[], now: Instant): readonly string[] {
  return numbers.filter(({ held }) => holds(held, now)).map(({ number }) => number);
}

function numberView({ contract, thing }: Placed<ContractNumber>, now: Instant): NumberView {
  const { number, role, rings } = thing;
  const options = optionsOn(contract, number, now);
  const features = thing.features ?? emptyFeatures();
  const extraTargets = contract.groupForwarding?.extraTargets[number] ?? 0;
  return {
    number,
    contract: contract.id,
    role,
    rings,
    kind: thing.kind ?? 'shared',
    features,
    options,
    ...(extraTargets === 0 ? {} : { extraTargets }),
    ...(features.fax.use === 'off' ? {} : { faxEntitled: faxEntitled(contract, role, options, now) }),
  };
}

/** Entitled on the number or any ID for the contract number; on the number and an ID for an additional one. */
function faxEntitled(
  contract: Contract,
  role: ContractNumber['role'],
  options: readonly string[],
  now: Instant,
): boolean {
  const onNumber = options.includes('option.fax');
  if (role === 'contract' && onNumber) return true;
  const onId = contract.ids.some(
    (id) => holds(id.held, now) && optionsOn(contract, id.id, now).includes('option.fax'),
  );
  return role === 'contract' ? onId : onId && onNumber;
}

function idView({ contract, thing }: Placed<ContractServiceId>, live: Live, now: Instant): IdView {
  const { id, role, presents, extension } = thing;
  return {
    id,
    contract: contract.id,
    role,
    device: deviceClass(contract, thing.device),
    presents,
    reachable: live.reachable(id),
    extension,
    features: thing.features ?? emptyIdFeatures(),
    options: optionsOn(contract, id, now),
    ...(thing.features?.relay.length ? { relayPresents: presentedByRelay(contract, thing) ?? null } : {}),
  };
}

function makeIndex(list: readonly Contract[]): Index {
  const contracts = new Map<ContractId, Contract>();
  const numbers = new Map<string, Placed<ContractNumber>[]>();
  const ids = new Map<ServiceId, Placed<ContractServiceId>[]>();
  const tollFree = new Map<string, Placed<TollFreeNumber>[]>();
  for (const contract of list) {
    contracts.set(contract.id, contract);
    for (const thing of contract.numbers) place(numbers, thing.number, { contract, thing });
    for (const thing of contract.ids) place(ids, thing.id, { contract, thing });
    for (const thing of contract.tollFree ?? []) place(tollFree, thing.number, { contract, thing });
  }
  return { contracts, numbers, ids, tollFree };
}

function place<Key, Entry>(map: Map<Key, Entry[]>, key: Key, entry: Entry): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [entry]);
  else known.push(entry);
}

/** A checked contract always names a device of its own; an unchecked one is priced as the app, the dearer class. */
function deviceClass(contract: Contract, device: string): DeviceClass {
  return contract.devices.find((entry) => entry.id === device)?.kind ?? 'app';
}
