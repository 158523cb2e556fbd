import type { Result } from '../../../lib/base/errors.ts';
import { rulesOf } from '../../catalogue/index.ts';
import { endedAt, holds } from '../held.ts';
import { withOtherNumbers } from '../line.ts';
import type { TollFreeNumber } from '../toll-free.ts';
import type { Contract, ContractNumber, ContractServiceId } from '../types.ts';
import { makeNumber } from './application.ts';
import { withoutOption } from './options.ts';
import { accepted, fromNow, type OrderResult, refused } from './outcome.ts';
import { addressAllows } from './parts.ts';
import { dissolveSets } from './sets.ts';
import type { Order, OrderContext, OrderNote, OrderRefusal } from './types.ts';

/** Another number. [S0-054] [S0-058] */
export function addNumber(
  contract: Contract,
  order: Extract<Order, { kind: 'addNumber' }>,
  context: OrderContext,
): OrderResult {
  const { number } = order;
  const free = mayTake(contract, number.number, context);
  if (!free.ok) return free;
  const reception = contract.options
    .filter((one) => one.items.includes('option.receptionApp'))
    .map((one) => one.on);
  const ringing = contract.ids
    .filter((one) => holds(one.held, context.now) && !reception.includes(one.id))
    .map((one) => one.id);
  const kind = number.kind ?? usualKind(contract);
  const made = makeNumber({ ...number, kind }, 'additional', number.rings ?? ringing, context.now);
  return accepted({ ...contract, numbers: [...contract.numbers, made] });
}

function usualKind(contract: Contract): NonNullable<ContractNumber['kind']> {
  if (contract.model === 'legacy') return 'representative';
  return rulesOf(contract.product ?? 'cloudPhone').numberKinds[0] ?? 'shared';
}

function mayTake(contract: Contract, number: string, context: OrderContext): Result<null, OrderRefusal> {
  if (context.taken?.(number) === true) {
    return refused('order.taken', `${number} belongs to another contract; take another number.`);
  }
  return addressAllows(number, contract.address);
}

/** A number less; what is on it goes with it. */
export function cancelNumber(
  contract: Contract,
  order: Extract<Order, { kind: 'cancelNumber' }>,
  { now }: OrderContext,
): OrderResult {
  const found = contract.numbers.find((one) => one.number === order.number && holds(one.held, now));
  if (found === undefined) return refused('order.unknown', `${order.number} is no number of this contract.`);
  const fixed = rulesOf(contract.product ?? 'cloudPhone').mainNumberAndBaseId && found.role === 'contract';
  if (fixed || found.kind === 'direct') {
    const say = `${order.number} cannot be cancelled by itself: port another number in its place, or cancel ${fixed ? 'the contract' : 'its ID'}.`;
    return refused('order.contractNumber', say);
  }
  const answered = (contract.tollFree ?? []).find(
    (one) => holds(one.held, now) && one.answerNumbers.some((answer) => answer.number === order.number),
  );
  if (answered !== undefined) {
    const say = `${order.number} answers the toll-free number ${answered.number}; have that one answered elsewhere first.`;
    return refused('order.answersTollFree', say);
  }
  return accepted(...withoutNumber(contract, order.number, now));
}

/** The contract without a number, its options and its place in sets; IDs that showed it show the main one. */
export function withoutNumber(
  contract: Contract,
  number: string,
  now: OrderContext['now'],
): [contract: Contract, notes: readonly OrderNote[]] {
  const main = contract.numbers.find((one) => one.number !== number && holds(one.held, now));
  const numbers = contract.numbers.map((one) => (one.number === number ? endedAt(one, now) : one));
  const ids = contract.ids.map((one) => {
    const kept = withNumbers(one, (known) => (known === number ? null : known));
    return one.presents === number && holds(one.held, now) && main !== undefined
      ? { ...kept, presents: main.number }
      : kept;
  });
  const notes: OrderNote[] = [];
  const dissolved = dissolveSets({ ...contract, numbers, ids }, 'number.additional', number, now);
  notes.push(...dissolved.notes);
  let next = dissolved.contract;
  for (const option of contract.options) {
    if (option.on !== number || !holds(option.held, now)) continue;
    for (const item of option.items) {
      const without = withoutOption(next, item, number, now);
      next = without.contract;
      notes.push(...without.notes);
    }
  }
  return [next, notes];
}

/** An ID whose settings speak of other numbers; null: of one that is gone. */
function withNumbers(id: ContractServiceId, rename: (number: string) => string | null): ContractServiceId {
  if (id.features === undefined) return id;
  const { ownNumber, line, phone } = id.features;
  return {
    ...id,
    features: {
      ...id.features,
      ownNumber: ownNumber === null ? null : rename(ownNumber),
      ...(line === undefined ? {} : { line: withOtherNumbers(line, rename) }),
      ...(phone === undefined ? {} : { phone: withOtherNumbers(phone, rename) }),
    },
  };
}

/** A ported number takes the place of another: what was on that one is on this one now. [S0-029] [S0-205] */
export function portIn(
  contract: Contract,
  order: Extract<Order, { kind: 'portIn' }>,
  context: OrderContext,
): OrderResult {
  const { number, replaces } = order;
  const { now } = context;
  const old = contract.numbers.find((one) => one.number === replaces && holds(one.held, now));
  if (old === undefined) {
    return refused(
      'order.unknown',
      `${replaces} is no number of this contract; name the one whose place is taken.`,
    );
  }
  const free = mayTake(contract, number, context);
  if (!free.ok) return free;
  const rename = (text: string): string => (text === replaces ? number : text);
  const ported: ContractNumber = { ...old, number, portedIn: true, replaces, held: fromNow(now) };
  const next: Contract = {
    ...contract,
    numbers: [...contract.numbers.map((one) => (one === old ? endedAt(one, now) : one)), ported],
    ids: contract.ids.map((one) => ({ ...withNumbers(one, rename), presents: rename(one.presents) })),
    options: contract.options.map((one) => ({ ...one, on: rename(one.on) })),
    ...(contract.sets === undefined
      ? {}
      : {
          sets: contract.sets.map((set) => ({
            ...set,
            members: set.members.map((member) => ({ ...member, on: rename(member.on) })),
          })),
        }),
    ...(contract.tollFree === undefined
      ? {}
      : { tollFree: contract.tollFree.map((one) => answeredBy(one, rename)) }),
  };
  const say = `${number} takes the place of ${replaces}; options and settings go with it.`;
  return accepted(next, [{ facts: ['A-04', 'S0-029'], say }]);
}

function answeredBy(number: TollFreeNumber, rename: (text: string) => string): TollFreeNumber {
  return {
    ...number,
    answerNumbers: number.answerNumbers.map((one) => ({ ...one, number: rename(one.number) })),
    groups: number.groups.map((group) => ({
      ...group,
      numbers: group.numbers.map(rename),
      busyDetour: group.busyDetour.map(rename),
      distribution:
        group.distribution.by === 'order'
          ? group.distribution
          : {
              ...group.distribution,
              shares: group.distribution.shares.map((one) => ({ ...one, number: rename(one.number) })),
            },
      destinationChange:
        group.destinationChange === null
          ? null
          : {
              ...group.destinationChange,
              otherwise: group.destinationChange.otherwise?.map(rename) ?? null,
              intervals: group.destinationChange.intervals.map((one) => ({
                ...one,
                value: one.value?.map(rename) ?? null,
              })),
            },
    })),
  };
}

/** Declared use of 4 or more representative numbers, accepted by the operator. [S0-072] */
export function acceptManyRepresentatives(contract: Contract): OrderResult {
  return accepted({ ...contract, manyRepresentatives: true });
}
