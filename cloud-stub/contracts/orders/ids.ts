import type { ServiceId } from '../../../lib/base/ids.ts';
import { rulesOf } from '../../catalogue/index.ts';
import { emptyIdFeatures, type RingGroup, type RingStep } from '../features.ts';
import { endedAt, holds } from '../held.ts';
import { withLineChange } from '../line.ts';
import type { Contract, ContractServiceId } from '../types.ts';
import { makeNumber } from './application.ts';
import { withExtensions } from './desk.ts';
import { withoutNumber } from './numbers.ts';
import { withoutOption } from './options.ts';
import { accepted, type OrderResult, refused, shipped } from './outcome.ts';
import { makeDevice, makeId } from './parts.ts';
import { dissolveSets } from './sets.ts';
import type { Order, OrderContext, OrderNote } from './types.ts';

/** Another ID, on a device of its own or on one that is there. [S0-062] [S0-063] */
export function addId(
  contract: Contract,
  order: Extract<Order, { kind: 'addId' }>,
  context: OrderContext,
): OrderResult {
  const { now } = context;
  const main = contract.numbers.find((one) => one.role === 'contract' && holds(one.held, now));
  const first = !contract.ids.some((one) => holds(one.held, now));
  const presents = order.directNumber ?? order.id.ownNumber ?? main?.number ?? '';
  const id = makeId(order.id, first ? 'base' : 'additional', presents, now);
  const shared = main?.kind === undefined && main !== undefined ? [main.number] : [];
  const rungBy = order.rungBy ?? shared;
  const unknown = rungBy.find((one) => !contract.numbers.some((number) => number.number === one));
  if (unknown !== undefined) return refused('order.unknown', `${unknown} is no number of this contract.`);
  const numbers = contract.numbers.map((one) =>
    rungBy.includes(one.number) && holds(one.held, now) ? { ...one, rings: [...one.rings, id.id] } : one,
  );
  const direct =
    order.directNumber === undefined
      ? []
      : [makeNumber({ number: order.directNumber, kind: 'direct' }, 'additional', [id.id], now)];
  const next = { ...contract, ids: [...contract.ids, id], numbers: [...numbers, ...direct] };
  if (order.device === undefined) return accepted(next);
  return addDevice(next, { kind: 'addDevice', device: order.device }, context);
}

/** An ID less; its options and its places in ring groups go with it. */
export function cancelId(
  contract: Contract,
  order: Extract<Order, { kind: 'cancelId' }>,
  { now }: OrderContext,
): OrderResult {
  const found = contract.ids.find((one) => one.id === order.id && holds(one.held, now));
  if (found === undefined) return refused('order.unknown', `${order.id} is no ID of this contract.`);
  if (found.role === 'base' && rulesOf(contract.product ?? 'cloudPhone').mainNumberAndBaseId) {
    const say = `${order.id} is the base ID, by which the contract is managed; cancel the contract, or another ID.`;
    return refused('order.baseId', say);
  }
  const notes: OrderNote[] = [];
  const unwatched = withExtensions(contract, now, (one) => (one === found.extension ? null : one));
  notes.push(...unwatched.notes);
  const rest = withoutMember(unwatched.contract, order.id, now);
  const dissolved = dissolveSets(rest, 'id.additional', order.id, now);
  notes.push(...dissolved.notes);
  let next = dissolved.contract;
  for (const option of contract.options) {
    if (option.on !== order.id || !holds(option.held, now)) continue;
    for (const item of option.items) {
      const without = withoutOption(next, item, order.id, now);
      next = without.contract;
      notes.push(...without.notes);
    }
  }
  const direct = contract.numbers.find(
    (one) => one.kind === 'direct' && holds(one.held, now) && one.rings.includes(order.id),
  );
  if (direct === undefined) return accepted(next, notes);
  const [without, more] = withoutNumber(next, direct.number, now);
  return accepted(without, [...notes, ...more]);
}

function withoutMember(contract: Contract, id: ServiceId, now: OrderContext['now']): Contract {
  const relay = (steps: readonly RingStep[]): readonly RingStep[] =>
    steps
      .map((step) => ({ ...step, members: step.members.filter((one) => !('id' in one) || one.id !== id) }))
      .filter((step) => step.members.length > 0);
  const group = (one: RingGroup): RingGroup =>
    one.how === 'relay'
      ? { ...one, steps: relay(one.steps) }
      : { ...one, members: one.members.filter((member) => !('id' in member) || member.id !== id) };
  const ids = contract.ids.map((one): ContractServiceId => {
    if (one.id === id) return endedAt(one, now);
    return one.features === undefined
      ? one
      : { ...one, features: { ...one.features, relay: relay(one.features.relay) } };
  });
  const numbers = contract.numbers.map((one) => {
    const rings = one.kind === 'direct' ? one.rings : one.rings.filter((rung) => rung !== id);
    const fax = one.features?.fax;
    return fax?.relayTo === id && one.features !== undefined
      ? { ...one, rings, features: { ...one.features, fax: { ...fax, relayTo: null } } }
      : { ...one, rings };
  });
  return {
    ...contract,
    ids,
    numbers,
    ...(contract.groups === undefined ? {} : { groups: contract.groups.map(group) }),
  };
}

/** A device. Phones and adapters are sent within two business days. [S0-177] */
export function addDevice(
  contract: Contract,
  order: Extract<Order, { kind: 'addDevice' }>,
  { now, calendar }: OrderContext,
): OrderResult {
  const device = makeDevice(order.device, now);
  if (!device.ok) return device;
  const next = { ...contract, devices: [...contract.devices, device.value] };
  return accepted(next, [], device.value.kind === 'app' ? [] : [shipped(order.device.id, now, calendar)]);
}

/** A device less, once no ID sits on it. */
export function cancelDevice(
  contract: Contract,
  order: Extract<Order, { kind: 'cancelDevice' }>,
  { now }: OrderContext,
): OrderResult {
  if (!contract.devices.some((one) => one.id === order.device && holds(one.held, now))) {
    return refused('order.unknown', `${order.device} is no device of this contract.`);
  }
  const on = contract.ids.find((one) => one.device === order.device && holds(one.held, now));
  if (on !== undefined) {
    return refused('order.deviceInUse', `${on.id} sits on ${order.device}; move or cancel the ID first.`);
  }
  const devices = contract.devices.map((one) => (one.id === order.device ? endedAt(one, now) : one));
  return accepted({ ...contract, devices });
}

/** An ID on another device. What its options allow is the contract's rule. [A-49] [S0-186] */
export function moveId(
  contract: Contract,
  order: Extract<Order, { kind: 'moveId' }>,
  { now }: OrderContext,
): OrderResult {
  const found = contract.ids.find((one) => one.id === order.id && holds(one.held, now));
  if (found === undefined) return refused('order.unknown', `${order.id} is no ID of this contract.`);
  const moved = { ...found, device: order.device, port: order.port ?? null };
  const notes: OrderNote[] = [];
  const kind = contract.devices.find((one) => one.id === order.device && holds(one.held, now))?.kind;
  if (found.features?.line !== undefined && (moved.port === null || kind !== 'adapter')) {
    const { line: _line, ...features } = found.features;
    moved.features = features;
    const say = `The settings of the analog line of ${found.id} do not go along: ${order.device} has none.`;
    notes.push({ facts: ['S0-179'], say });
  }
  if (found.features?.phone !== undefined && kind !== 'deskPhone') {
    const { phone: _phone, ...features } = moved.features ?? found.features;
    moved.features = features;
    const say = `The keys and rings of ${found.id} do not go along: ${order.device} is no desk phone.`;
    notes.push({ facts: ['S0-170'], say });
  }
  return accepted({ ...contract, ids: contract.ids.map((one) => (one === found ? moved : one)) }, notes);
}

/** How the analog line of an ID behaves: what is named changes, the rest stays. [S0-056] [S0-089] */
export function changeLine(
  contract: Contract,
  order: Extract<Order, { kind: 'changeLine' }>,
  { now }: OrderContext,
): OrderResult {
  const found = contract.ids.find((one) => one.id === order.id && holds(one.held, now));
  if (found === undefined) return refused('order.unknown', `${order.id} is no ID of this contract.`);
  const features = found.features ?? emptyIdFeatures();
  const line = withLineChange(features.line ?? {}, order.change);
  const changed = { ...found, features: { ...features, line } };
  return accepted({ ...contract, ids: contract.ids.map((one) => (one === found ? changed : one)) });
}

/** Label, extension, presented number and settings of an ID. [S0-089] [S0-090] */
export function changeId(
  contract: Contract,
  order: Extract<Order, { kind: 'changeId' }>,
  { now }: OrderContext,
): OrderResult {
  const found = contract.ids.find((one) => one.id === order.id && holds(one.held, now));
  if (found === undefined) return refused('order.unknown', `${order.id} is no ID of this contract.`);
  const changed: ContractServiceId = {
    ...found,
    ...(order.label === undefined ? {} : { label: order.label }),
    ...(order.extension === undefined ? {} : { extension: order.extension }),
    ...(order.presents === undefined ? {} : { presents: order.presents }),
    ...(order.change === undefined
      ? {}
      : { features: { ...(found.features ?? emptyIdFeatures()), ...order.change } }),
  };
  const next = { ...contract, ids: contract.ids.map((one) => (one === found ? changed : one)) };
  const { extension } = order;
  if (extension === undefined || extension === found.extension) return accepted(next);
  const followed = withExtensions(next, now, (one) => (one === found.extension ? extension : one));
  return accepted(followed.contract, followed.notes);
}
