import { rulesOf } from '../../catalogue/index.ts';
import { endedAt, holds } from '../held.ts';
import type { TollFreeNumber } from '../toll-free.ts';
import type { Contract } from '../types.ts';
import { withConstruction, withOption, withoutOption } from './options.ts';
import { accepted, fromNow, type OrderResult, refused, tollFreeOpens } from './outcome.ts';
import { makeTollFree } from './parts.ts';
import type { Order, OrderContext, OrderNote, TollFreeChange } from './types.ts';

/** A toll-free number, new or ported in, on a contract that is complete. [S0-146] [S0-147] [S0-148] [S0-149] */
export function applyTollFree(
  contract: Contract,
  order: Extract<Order, { kind: 'applyTollFree' }>,
  context: OrderContext,
): OrderResult {
  if (rulesOf(contract.product ?? 'cloudPhone').tollFree === null) {
    return refused('order.unknownItem', 'This service has no toll-free numbers; apply for one that has.');
  }
  const { number, options = [] } = order.tollFree;
  const made = makeTollFree(order.tollFree, context);
  if (!made.ok) return made;
  let next: Contract = { ...contract, tollFree: [...(contract.tollFree ?? []), made.value] };
  for (const item of options) {
    const added = withOption(next, item, number, context);
    if (!added.ok) return added;
    next = added.value;
  }
  next = withConstruction(next, number, 1 + options.length, context);
  const how = made.value.portedIn ? 'portIn' : 'new';
  const forms = `${number} is ported in on paper forms, which are posted to the customer, completed and returned.`;
  const notes: OrderNote[] = made.value.portedIn ? [{ facts: ['S0-207'], say: forms }] : [];
  return accepted(next, notes, [tollFreeOpens(number, how, context.now, context.calendar)]);
}

/** Settings of a toll-free number. [S2-014] [S2-021] [S2-038] */
export function changeTollFree(
  contract: Contract,
  order: Extract<Order, { kind: 'changeTollFree' }>,
  { now }: OrderContext,
): OrderResult {
  const found = contract.tollFree?.find((one) => one.number === order.number && holds(one.held, now));
  if (found === undefined) return unknown(order.number);
  if (order.by === 'customer') {
    const refusal = beyondControl(contract, found, order.change, now);
    if (refusal !== undefined) return refused('order.control', refusal);
  }
  const changed = { ...found, ...order.change };
  return accepted({
    ...contract,
    tollFree: (contract.tollFree ?? []).map((one) => (one === found ? changed : one)),
  });
}

/** What a customer asks for beyond customer control, in words; undefined when it is within. [S2-038] [S2-039] */
function beyondControl(
  contract: Contract,
  number: TollFreeNumber,
  change: TollFreeChange,
  now: OrderContext['now'],
): string | undefined {
  const held = contract.options.some(
    (one) => one.on === number.number && one.items.includes('calleePays.control') && holds(one.held, now),
  );
  if (!held)
    return `${number.number} has no customer control; order it, or have the operator make the change.`;
  const others = Object.keys(change).filter((name) => name !== 'groups' && name !== 'answerNumbers');
  const fixed = (one: Pick<TollFreeNumber, 'groups' | 'answerNumbers'>): string =>
    JSON.stringify([
      one.groups.map(({ id, origins, mobile, numbers, busyDetour }) => [
        id,
        origins,
        mobile,
        numbers,
        busyDetour,
      ]),
      one.answerNumbers.map((answer) => answer.number),
    ]);
  if (others.length === 0 && fixed({ ...number, ...change }) === fixed(number)) return undefined;
  return `${number.number}: customer control changes ratios and the schedules of destination and after-hours; have the operator change the rest.`;
}

/** A toll-free number less, with its options and deposit. */
export function cancelTollFree(
  contract: Contract,
  order: Extract<Order, { kind: 'cancelTollFree' }>,
  { now }: OrderContext,
): OrderResult {
  const { number } = order;
  const found = contract.tollFree?.find((one) => one.number === number && holds(one.held, now));
  if (found === undefined) return unknown(number);
  let next: Contract = {
    ...contract,
    tollFree: (contract.tollFree ?? []).map((one) => (one === found ? endedAt(one, now) : one)),
  };
  const items = contract.options
    .filter((one) => one.on === number && holds(one.held, now))
    .flatMap((one) => one.items);
  for (const item of items) next = withoutOption(next, item, number, now).contract;
  return accepted(next);
}

/** Unlocks the customer-control login of a number, at a fee. [S2-011] */
export function unlockControl(
  contract: Contract,
  order: Extract<Order, { kind: 'unlockControl' }>,
  { now }: OrderContext,
): OrderResult {
  const held = contract.options.some(
    (one) => one.on === order.number && one.items.includes('calleePays.control') && holds(one.held, now),
  );
  if (!held) return refused('order.unknown', `${order.number} has no customer control; nothing to unlock.`);
  const fee = { items: ['calleePays.unlock'], on: order.number, held: fromNow(now) };
  return accepted({ ...contract, options: [...contract.options, fee] });
}

function unknown(number: string): OrderResult {
  return refused('order.unknown', `${number} is no toll-free number of this contract; name one of its own.`);
}
