import type { Instant } from '../../../lib/base/clock.ts';
import { ok, type Result } from '../../../lib/base/errors.ts';
import type { OptionSet } from '../../catalogue/index.ts';
import { endedAt, holds } from '../held.ts';
import type { ContractSet } from '../services.ts';
import type { Contract } from '../types.ts';
import { fromNow, refused } from './outcome.ts';
import type { OptionOrder, OrderContext, OrderNote, OrderRefusal, SetOrder } from './types.ts';

/** A set with the place of each member. */
export interface PlacedSet {
  readonly set: OptionSet;
  readonly members: readonly OptionOrder[];
}

/** The sets of an application, each member placed; or the rule that refuses them. [S0-031] [S0-040] [S0-041] */
export function placeSets(
  orders: readonly SetOrder[],
  contract: Contract,
  { catalogue, now }: OrderContext,
): Result<readonly PlacedSet[], OrderRefusal> {
  const kinds = [...new Set(orders.map((one) => one.set))];
  if (kinds.length > 1) {
    const say = `One application holds one kind of set; this one asks for ${kinds.join(' and ')}. Choose one.`;
    return refused('order.setKinds', say);
  }
  const placed: PlacedSet[] = [];
  for (const order of orders) {
    const set = catalogue.sets.find((one) => one.id === order.set);
    if (set === undefined || set.product !== (contract.product ?? 'cloudPhone')) {
      return refused('order.unknownItem', `There is no set "${order.set}" for this service.`);
    }
    if (now < set.soldFrom || (set.soldUntil !== null && now >= set.soldUntil)) {
      return refused(
        'order.setNotSold',
        `The set "${set.id}" is not for sale now; order its members by themselves.`,
      );
    }
    const number = order.number ?? contract.numbers.find((one) => one.role === 'contract')?.number ?? '';
    const again = placed.some((one) => one.members.some((member) => member.on === number));
    if (placed.length > 0 && (set.atMost === 'one' || again)) {
      const say = `The set "${set.id}" can be taken ${set.atMost === 'one' ? 'once' : `once for each number; ${number} has one already`}.`;
      return refused('order.setTwice', say);
    }
    const members = placeMembers(set, number, contract);
    if (!members.ok) return members;
    placed.push({ set, members: members.value });
  }
  return ok(placed);
}

function placeMembers(
  set: OptionSet,
  number: string,
  contract: Contract,
): Result<readonly OptionOrder[], OrderRefusal> {
  const members: OptionOrder[] = [];
  for (const item of set.members) {
    const on = placeOf(item, number, contract);
    if (on === undefined) {
      const say = `The set "${set.id}" has ${item} among its members; add it to the application.`;
      return refused('order.setMember', say);
    }
    members.push({ item, on });
  }
  return ok(members);
}

function placeOf(item: string, number: string, contract: Contract): string | undefined {
  switch (item) {
    case 'id.additional':
      return contract.ids.find((one) => one.role === 'additional')?.id;
    case 'number.additional':
      return contract.numbers.find((one) => one.role === 'additional')?.number;
    case 'option.phoneBook':
      return contract.ids.find((one) => one.role === 'base')?.id;
    default:
      return contract.numbers.some((one) => one.number === number) ? number : undefined;
  }
}

/** Sets of a new contract: `basic-1`, `basic-2`. Ending sale later does not touch them. [A-52] [S0-032] */
export function contractSets(placed: readonly PlacedSet[], now: Instant): readonly ContractSet[] {
  return placed.map(({ set, members }, index) => ({
    id: `${set.id}-${index + 1}`,
    set: set.id,
    item: set.discountItem,
    members,
    held: fromNow(now),
  }));
}

/**
 * Ends the discount of every set that loses a member; the others stay, and none ever comes back. The fee of the running
 * period is unchanged, because a discount counts whole in a period that it touches. [S0-042] [S0-043] [A-03] [A-55]
 */
export function dissolveSets(
  contract: Contract,
  item: string,
  on: string,
  now: Instant,
): { readonly contract: Contract; readonly notes: readonly OrderNote[] } {
  const notes: OrderNote[] = [];
  const sets = contract.sets?.map((set) => {
    const member = set.members.some((one) => one.item === item && one.on === on);
    if (!member || !holds(set.held, now)) return set;
    const say = `The set ${set.id} is dissolved for good: ${item} on ${on} was cancelled. Its other members cost their list price from the next period.`;
    notes.push({ facts: ['S0-042', 'S0-043', 'A-03'], say });
    return endedAt(set, now);
  });
  return { contract: sets === undefined ? contract : { ...contract, sets }, notes };
}
