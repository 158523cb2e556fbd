import type { Instant } from '../../../lib/base/clock.ts';
import { ok, type Result } from '../../../lib/base/errors.ts';
import { CURRENT_MODEL_FROM, rulesOf } from '../../catalogue/index.ts';
import type { Contract, ContractDevice, ContractNumber } from '../types.ts';
import { withConstruction, withOption } from './options.ts';
import { accepted, fromNow, type OrderResult, refused, shipped, tollFreeOpens } from './outcome.ts';
import { addressAllows, makeAnswering, makeDevice, makeId, makeTollFree } from './parts.ts';
import { contractSets, placeSets } from './sets.ts';
import type { Application, NumberOrder, OptionOrder, OrderContext, OrderRefusal } from './types.ts';

/** The first order of a contract. Fees run from now. [S0-162] */
export function apply(order: Application, context: OrderContext): OrderResult {
  const applicant = judgeApplicant(order, context);
  if (!applicant.ok) return applicant;
  const devices = makeDevices(order, context.now);
  if (!devices.ok) return devices;
  const begun = begin(order, devices.value, context.now);
  const sets = placeSets(order.sets ?? [], begun, context);
  if (!sets.ok) return sets;
  const options = withOptions(
    { ...begun, ...(sets.value.length > 0 ? { sets: contractSets(sets.value, context.now) } : {}) },
    [...sets.value.flatMap((one) => one.members), ...(order.options ?? [])],
    context,
  );
  if (!options.ok) return options;
  const tollFree = withTollFree(options.value, order, context);
  if (!tollFree.ok) return tollFree;
  const whole = withAnswering(tollFree.value, order, context);
  if (!whole.ok) return whole;
  const promises = [
    ...devices.value
      .filter((device) => device.kind !== 'app')
      .map((device) => shipped(device.id, context.now, context.calendar)),
    ...(whole.value.tollFree ?? []).map((one) =>
      tollFreeOpens(one.number, one.portedIn ? 'portIn' : 'new', context.now, context.calendar),
    ),
  ];
  return accepted(whole.value, [], promises);
}

function judgeApplicant(order: Application, context: OrderContext): Result<null, OrderRefusal> {
  const rules = rulesOf(order.product);
  if (order.model === 'legacy' && context.now >= CURRENT_MODEL_FROM) {
    const say =
      'New contracts have one contract number and additional ones, the model since 2021-06-26; apply for that.';
    return refused('order.legacyModel', say);
  }
  if (rules.businessOnly && order.business !== true) {
    return refused(
      'order.businessOnly',
      'This service is for corporate customers; apply as one, or take another service.',
    );
  }
  if (rules.inJapanOnly && order.address?.inJapan !== true) {
    return refused('order.inJapanOnly', 'The contractor needs an address in Japan; give one.');
  }
  for (const { number } of order.numbers) {
    const allowed = addressAllows(number, order.address);
    if (!allowed.ok) return allowed;
    if (context.taken?.(number) === true) {
      return refused('order.taken', `${number} belongs to another contract; take another number.`);
    }
  }
  const early = (order.options ?? []).find((one) => rules.optionsLater.includes(one.item));
  if (early !== undefined) {
    const say = `${early.item} cannot be part of the first application; order it on the customer page once the contract is complete.`;
    return refused('order.optionLater', say);
  }
  if ((order.tollFree ?? []).length > 0 && rules.tollFree?.atApplication !== true) {
    return refused(
      'order.tollFreeFirst',
      'Apply for toll-free numbers on the customer page once the contract is complete.',
    );
  }
  return ok(null);
}

function makeDevices(order: Application, now: Instant): Result<readonly ContractDevice[], OrderRefusal> {
  const devices: ContractDevice[] = [];
  for (const one of order.devices) {
    const device = makeDevice(one, now);
    if (!device.ok) return device;
    devices.push(device.value);
  }
  return ok(devices);
}

function begin(order: Application, devices: readonly ContractDevice[], now: Instant): Contract {
  const model = order.model ?? 'current';
  const reception = (order.options ?? [])
    .filter((one) => one.item === 'option.receptionApp')
    .map((one) => one.on);
  const ringing = order.ids.map((one) => one.id).filter((id) => !reception.includes(id));
  const numbers = order.numbers.map((one, index) =>
    makeNumber(one, index === 0 ? 'contract' : 'additional', one.rings ?? ringing, now),
  );
  const main = numbers[0]?.number ?? '';
  const ids = order.ids.map((one, index) => {
    const direct = numbers.find((number) => number.kind === 'direct' && number.rings.includes(one.id));
    const presents = direct?.number ?? one.ownNumber ?? main;
    return makeId(one, index === 0 ? 'base' : 'additional', presents, now);
  });
  return {
    id: order.contract,
    name: order.name,
    state: 'active',
    model,
    emergency: order.emergency ?? 'refused',
    identityVerified: false,
    numbers,
    ids,
    devices,
    options: [],
    product: order.product,
    held: fromNow(now),
    legalEntity: order.legalEntity,
    ...(order.address === undefined ? {} : { address: order.address }),
    ...(order.groups === undefined ? {} : { groups: order.groups }),
  };
}

/** A number as ordered. */
export function makeNumber(
  order: NumberOrder,
  role: ContractNumber['role'],
  rings: ContractNumber['rings'],
  now: Instant,
): ContractNumber {
  return {
    number: order.number,
    role,
    rings,
    portedIn: order.portIn ?? false,
    held: fromNow(now),
    ...(order.kind === undefined || order.kind === 'shared' ? {} : { kind: order.kind }),
  };
}

/** Members of sets that are options, and options asked for by themselves; whatever stands in both counts once. */
function withOptions(
  contract: Contract,
  orders: readonly OptionOrder[],
  context: OrderContext,
): Result<Contract, OrderRefusal> {
  const fixed = new Set(['id.additional', 'number.additional']);
  let next = contract;
  const seen = new Set<string>();
  for (const { item, on } of orders) {
    const name = `${item} ${on}`;
    if (fixed.has(item) || seen.has(name)) continue;
    seen.add(name);
    const added = withOption(next, item, on, context);
    if (!added.ok) return added;
    next = added.value;
  }
  return ok(next);
}

function withTollFree(
  contract: Contract,
  order: Application,
  context: OrderContext,
): Result<Contract, OrderRefusal> {
  let next = contract;
  for (const one of order.tollFree ?? []) {
    const made = makeTollFree(one, context);
    if (!made.ok) return made;
    next = { ...next, tollFree: [...(next.tollFree ?? []), made.value] };
    for (const item of one.options ?? []) {
      const added = withOption(next, item, one.number, context);
      if (!added.ok) return added;
      next = added.value;
    }
  }
  const first = order.tollFree?.[0]?.number;
  if (first === undefined) return ok(next);
  const functions = (order.tollFree ?? []).reduce((sum, one) => sum + 1 + (one.options?.length ?? 0), 0);
  return ok(withConstruction(next, first, functions, context));
}

function withAnswering(
  contract: Contract,
  order: Application,
  context: OrderContext,
): Result<Contract, OrderRefusal> {
  if (order.answering === undefined) {
    const { trialDays } = rulesOf(order.product);
    if (trialDays === 0) return ok(contract);
    return refused('order.noAnswering', 'Say whose calls the operators take and where they report to.');
  }
  const made = makeAnswering(order.answering, order.legalEntity, rulesOf(order.product).trialDays, context);
  return made.ok ? ok({ ...contract, answering: made.value }) : made;
}
