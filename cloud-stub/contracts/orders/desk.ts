import type { Instant } from '../../../lib/base/clock.ts';
import {
  type BookEntry,
  type OfficeLan,
  type PhoneChange,
  phoneSettings,
  withPhoneExtensions,
} from '../desk.ts';
import { emptyIdFeatures } from '../features.ts';
import { holds, optionsOn } from '../held.ts';
import type { Contract, ContractServiceId } from '../types.ts';
import { accepted, type OrderResult, refused } from './outcome.ts';
import { makePhone } from './parts.ts';
import type { Order, OrderContext, OrderNote } from './types.ts';

/** The hardware of a desk phone, once it is known or when a broken one is replaced; its ID, keys and fees stay. [S0-176] */
export function changeDevice(
  contract: Contract,
  order: Extract<Order, { kind: 'changeDevice' }>,
  { now }: OrderContext,
): OrderResult {
  const found = contract.devices.find((one) => one.id === order.device && holds(one.held, now));
  if (found === undefined) return refused('order.unknown', `${order.device} is no device of this contract.`);
  if (found.kind !== 'deskPhone') {
    const say = `${found.id} is no desk phone; its place and hardware are not set here.`;
    return refused('order.hardware', say);
  }
  const phone = order.phone === undefined ? undefined : makePhone(found.id, order.phone);
  if (phone !== undefined && !phone.ok) return phone;
  const changed = {
    ...found,
    ...(phone === undefined ? {} : { phone: phone.value }),
    ...(order.gateway === undefined ? {} : { gateway: order.gateway }),
  };
  return accepted({ ...contract, devices: contract.devices.map((one) => (one === found ? changed : one)) });
}

/** Keys, rings, language of the desk phone of an ID: what is named changes, the rest stays. [S0-056] [S0-089] */
export function changePhone(
  contract: Contract,
  order: Extract<Order, { kind: 'changePhone' }>,
  { now }: OrderContext,
): OrderResult {
  const found = deskId(contract, order.id, now);
  return found.ok ? accepted(withPhone(contract, found.id, order.change)) : found.refusal;
}

/** One key of a desk phone. [S0-081] */
export function changeKey(
  contract: Contract,
  order: Extract<Order, { kind: 'changeKey' }>,
  { now }: OrderContext,
): OrderResult {
  const found = deskId(contract, order.id, now);
  if (!found.ok) return found.refusal;
  const { keys } = phoneSettings(found.id.features?.phone);
  const { key, to } = order;
  const last = to === null ? keys.length : keys.length + 1;
  if (key < 1 || key > last) {
    const what = to === null ? 'can be taken away' : 'can be set; keys follow each other without gaps';
    const say =
      last === 0 ? `${order.id} has no keys to take away.` : `${order.id}: keys 1 to ${last} ${what}.`;
    return refused('order.phoneKey', say);
  }
  const next = to === null ? keys.toSpliced(key - 1, 1) : keys.toSpliced(key - 1, 1, to);
  return accepted(withPhone(contract, found.id, { keys: next }));
}

/** DHCP and the habits of phones on the LAN of a gateway. [S0-178] */
export function changeLan(contract: Contract, order: Extract<Order, { kind: 'changeLan' }>): OrderResult {
  const { gateway } = order;
  const before = contract.lans?.find((one) => one.gateway === gateway) ?? { gateway };
  const after: OfficeLan = {
    gateway,
    ...(before.dhcp === undefined && order.dhcp === undefined
      ? {}
      : { dhcp: { ...before.dhcp, ...order.dhcp } }),
    ...(before.habits === undefined && order.habits === undefined
      ? {}
      : { habits: { ...before.habits, ...order.habits } }),
    ...(before.groups === undefined && order.groups === undefined
      ? {}
      : { groups: order.groups ?? before.groups ?? [] }),
  };
  const others = (contract.lans ?? []).filter((one) => one.gateway !== gateway);
  return accepted({ ...contract, lans: [...others, after] });
}

/** Entries of the office's phone book: a number stands in it once, under its last name. [S0-191] [S0-192] */
export function changeBook(
  contract: Contract,
  order: Extract<Order, { kind: 'changeBook' }>,
  { now }: OrderContext,
): OrderResult {
  const entitled = contract.ids.some(
    (id) => holds(id.held, now) && optionsOn(contract, id.id, now).includes('option.phoneBook'),
  );
  if (!entitled) {
    const say = `No ID of ${contract.id} has the phone book; order option.phoneBook for the IDs that are to use it.`;
    return refused('order.noBook', say);
  }
  const before = order.replace ?? contract.officeBook ?? [];
  const added = order.add ?? [];
  const gone = new Set([...(order.remove ?? []), ...added.map(({ number }) => number)]);
  const officeBook: readonly BookEntry[] = [...before.filter(({ number }) => !gone.has(number)), ...added];
  return accepted({ ...contract, officeBook });
}

/** Keys that watch an extension when it gets another one, or goes (null). */
export function withExtensions(
  contract: Contract,
  now: Instant,
  rename: (extension: string) => string | null,
): { readonly contract: Contract; readonly notes: readonly OrderNote[] } {
  const notes: OrderNote[] = [];
  const ids = contract.ids.map((one): ContractServiceId => {
    const { features } = one;
    if (features?.phone === undefined || !holds(one.held, now)) return one;
    const phone = withPhoneExtensions(features.phone, rename);
    if (JSON.stringify(phone) === JSON.stringify(features.phone)) return one;
    notes.push({ facts: ['S0-082'], say: `Keys of ${one.id} that watch the extension change with it.` });
    return { ...one, features: { ...features, phone } };
  });
  return { contract: notes.length === 0 ? contract : { ...contract, ids }, notes };
}

type Found =
  | { readonly ok: true; readonly id: ContractServiceId }
  | { readonly ok: false; readonly refusal: OrderResult };

function deskId(contract: Contract, id: string, now: Instant): Found {
  const found = contract.ids.find((one) => one.id === id && holds(one.held, now));
  if (found === undefined) {
    return { ok: false, refusal: refused('order.unknown', `${id} is no ID of this contract.`) };
  }
  const device = contract.devices.find((one) => one.id === found.device && holds(one.held, now));
  if (device?.kind === 'deskPhone') return { ok: true, id: found };
  const say = `${id} sits on ${found.device}, which is no desk phone; move it to one first.`;
  return { ok: false, refusal: refused('order.noDeskPhone', say) };
}

function withPhone(contract: Contract, id: ContractServiceId, change: PhoneChange): Contract {
  const features = id.features ?? emptyIdFeatures();
  const changed = { ...id, features: { ...features, phone: { ...features.phone, ...change } } };
  return { ...contract, ids: contract.ids.map((one) => (one === id ? changed : one)) };
}
