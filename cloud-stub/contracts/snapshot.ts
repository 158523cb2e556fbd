import type { Instant } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import type {
  ContractView,
  DeviceClass,
  IdView,
  NumberView,
  RoutingSnapshot,
  TollFreeView,
} from '../routing/types.ts';
import { emptyFeatures, emptyIdFeatures } from './features.ts';
import { holds, optionsOn } from './held.ts';
import { presentedByRelay } from './rules/groups.ts';
import { channelsOf } from './rules/model.ts';
import type { OperatorAnswering } from './services.ts';
import { type Span, spanAt } from './span.ts';
import type { TollFreeNumber } from './toll-free.ts';
import type { Contract, ContractNumber, ContractServiceId, Held } from './types.ts';

/** What only the switch knows at this moment. */
export interface Live {
  busyChannels(contract: ContractId): number;
  reachable(id: ServiceId): boolean;
  parked?: RoutingSnapshot['parked'];
  holding?: RoutingSnapshot['holding'];
}

/** Where everything is, whenever it is held; a number may have been another contract's before. */
interface Index {
  readonly contracts: ReadonlyMap<ContractId, Placed<Contract, ContractView>>;
  readonly numbers: ReadonlyMap<string, readonly Placed<ContractNumber, NumberView>[]>;
  readonly ids: ReadonlyMap<ServiceId, readonly Placed<ContractServiceId, IdView>[]>;
  readonly tollFree: ReadonlyMap<string, readonly Placed<TollFreeNumber, TollFreeView>[]>;
}

/** A part of a contract, and how it was last seen: that is the same for as long as nothing begins or ends. */
interface Placed<Thing, View> {
  readonly contract: Contract;
  readonly thing: Thing;
  seen: (Span & { readonly view: View }) | undefined;
}

const indexes = new WeakMap<readonly Contract[], Index>();

/**
 * The contracts as routing sees them at a moment. An index is made once for each list of contracts, so a snapshot costs
 * nothing until it is asked; channels and reachability are asked of `live` at every look-up.
 */
export function routingSnapshot(contracts: readonly Contract[], live: Live, now: Instant): RoutingSnapshot {
  let index = indexes.get(contracts);
  if (index === undefined) {
    index = makeIndex(contracts);
    indexes.set(contracts, index);
  }
  return snapshotOf(index, live, now);
}

function snapshotOf(index: Index, live: Live, now: Instant): RoutingSnapshot {
  return {
    contract(id) {
      const found = index.contracts.get(id);
      if (found === undefined) return undefined;
      const busyChannels = live.busyChannels(id);
      const seen = viewOf(found, now, contractView);
      if (seen.busyChannels === busyChannels) return seen;
      return keep(found, { ...seen, busyChannels });
    },
    number(text) {
      const found = heldOne(index.numbers.get(text), now);
      return found === undefined ? undefined : viewOf(found, now, numberView);
    },
    id(id) {
      const found = heldOne(index.ids.get(id), now);
      if (found === undefined) return undefined;
      const reachable = live.reachable(id);
      const seen = viewOf(found, now, idView);
      return seen.reachable === reachable ? seen : keep(found, { ...seen, reachable });
    },
    tollFree(text) {
      const found = heldOne(index.tollFree.get(text), now);
      return found === undefined ? undefined : viewOf(found, now, tollFreeView);
    },
    parked: (contract, slot) => live.parked?.(contract, slot),
    holding: (id) => live.holding?.(id),
    boxes(id) {
      const found = index.contracts.get(id);
      return found === undefined ? [] : boxesOf(found.contract, now);
    },
    extension(id, extension) {
      const ids = index.contracts.get(id)?.contract.ids ?? [];
      return ids.find((one) => one.extension === extension && holds(one.held, now))?.id;
    },
  };
}

function heldOne<Thing extends { readonly held: Held }, View>(
  places: readonly Placed<Thing, View>[] | undefined,
  now: Instant,
): Placed<Thing, View> | undefined {
  if (places === undefined) return undefined;
  for (const place of places) if (holds(place.thing.held, now)) return place;
  return undefined;
}

function viewOf<Thing, View>(
  place: Placed<Thing, View>,
  now: Instant,
  make: (thing: Thing, contract: Contract, now: Instant) => View,
): View {
  const { seen } = place;
  if (seen !== undefined && seen.from <= now && now < seen.until) return seen.view;
  const { from, until } = spanAt(place.contract, now);
  const view = make(place.thing, place.contract, now);
  place.seen = { from, until, view };
  return view;
}

/** What is live comes anew at every look-up; the view with it serves until it changes. */
function keep<Thing, View>(place: Placed<Thing, View>, view: View): View {
  if (place.seen !== undefined) place.seen = { from: place.seen.from, until: place.seen.until, view };
  return view;
}

function contractView(contract: Contract, _same: Contract, now: Instant): ContractView {
  const { id, state, emergency, model, identityVerified } = contract;
  return {
    id,
    state,
    emergency,
    channels: channelsOf({ ids: contract.ids.filter((entry) => holds(entry.held, now)) }),
    busyChannels: 0,
    product: contract.product ?? 'cloudPhone',
    model,
    identityVerified,
    groups: contract.groups ?? [],
    ...(contract.ceiling === undefined ? {} : { ceiling: contract.ceiling }),
    mobileMode: contract.mobileMode !== undefined && holds(contract.mobileMode.held, now),
    groupForwarding: contract.groupForwarding !== undefined && holds(contract.groupForwarding.held, now),
    ...mainNumberOf(contract, now),
    ...(contract.answering === undefined
      ? {}
      : { answeringNumbers: forwardTargets(contract.answering, now) }),
    ...(contract.tollFree === undefined ? {} : { tollFreeNumbers: tollFreeOf(contract.tollFree, now) }),
  };
}

function tollFreeView(setting: TollFreeNumber, contract: Contract, now: Instant): TollFreeView {
  return { contract: contract.id, setting, options: optionsOn(contract, setting.number, now) };
}

function mainNumberOf(contract: Contract, now: Instant): Pick<ContractView, 'mainNumber'> {
  const main = contract.numbers.find(({ role, held }) => role === 'contract' && holds(held, now));
  return main === undefined ? {} : { mainNumber: main.number };
}

function forwardTargets({ loanNumbers }: OperatorAnswering, now: Instant): readonly string[] {
  return loanNumbers
    .filter(({ use, held }) => use === 'forwardingTarget' && holds(held, now))
    .map(({ number }) => number);
}

function tollFreeOf(numbers: readonly TollFreeNumber[], now: Instant): readonly string[] {
  return numbers.filter(({ held }) => holds(held, now)).map(({ number }) => number);
}

function numberView(thing: ContractNumber, contract: Contract, now: Instant): NumberView {
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

function idView(thing: ContractServiceId, contract: Contract, now: Instant): IdView {
  const { id, role, presents, extension } = thing;
  return {
    id,
    contract: contract.id,
    role,
    device: deviceClass(contract, thing.device),
    presents,
    reachable: false,
    extension,
    features: thing.features ?? emptyIdFeatures(),
    options: optionsOn(contract, id, now),
    ...(thing.features?.relay.length ? { relayPresents: presentedByRelay(contract, thing) ?? null } : {}),
  };
}

/** The IDs on the lines and desk phones of each gateway, gateways in the order of their names. */
function boxesOf({ devices, ids }: Contract, now: Instant): readonly (readonly ServiceId[])[] {
  const boxes = new Map<string, ServiceId[]>();
  for (const { id, device, port, held } of ids) {
    const on = devices.find((one) => one.id === device && holds(one.held, now));
    if (!holds(held, now) || on === undefined || on.gateway === null) continue;
    if (port === null && on.phone === undefined) continue;
    boxes.set(on.gateway, [...(boxes.get(on.gateway) ?? []), id]);
  }
  return [...boxes].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, box]) => box);
}

function makeIndex(list: readonly Contract[]): Index {
  const contracts = new Map<ContractId, Placed<Contract, ContractView>>();
  const numbers = new Map<string, Placed<ContractNumber, NumberView>[]>();
  const ids = new Map<ServiceId, Placed<ContractServiceId, IdView>[]>();
  const tollFree = new Map<string, Placed<TollFreeNumber, TollFreeView>[]>();
  for (const contract of list) {
    contracts.set(contract.id, { contract, thing: contract, seen: undefined });
    for (const thing of contract.numbers) place(numbers, thing.number, contract, thing);
    for (const thing of contract.ids) place(ids, thing.id, contract, thing);
    for (const thing of contract.tollFree ?? []) place(tollFree, thing.number, contract, thing);
  }
  return { contracts, numbers, ids, tollFree };
}

function place<Key, Thing, View>(
  map: Map<Key, Placed<Thing, View>[]>,
  key: Key,
  contract: Contract,
  thing: Thing,
): void {
  const entry: Placed<Thing, View> = { contract, thing, seen: undefined };
  const known = map.get(key);
  if (known === undefined) map.set(key, [entry]);
  else known.push(entry);
}

/** A checked contract always names a device of its own; an unchecked one is priced as the app, the dearer class. */
function deviceClass(contract: Contract, device: string): DeviceClass {
  return contract.devices.find((entry) => entry.id === device)?.kind ?? 'app';
}
