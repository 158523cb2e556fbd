import { instant } from '../../../lib/base/clock.ts';
import { japanDay, japanMidnight } from '../../../lib/base/japan-time.ts';
import { rulesOf } from '../../catalogue/index.ts';
import { endedAt, holds } from '../held.ts';
import type { IdentityCheck, LoanNumber, OperatorAnswering } from '../services.ts';
import type { Contract, Held } from '../types.ts';
import { accepted, fromNow, type OrderResult, refused } from './outcome.ts';
import { addressAllows, startDay } from './parts.ts';
import type { Order, OrderContext } from './types.ts';

/** Remote checks by photograph or copy end on this day; the chip or a face are asked for then. [S0-144] */
const REMOTE_COPIES_UNTIL = japanMidnight(2027, 4, 1);
const ENDING: readonly IdentityCheck['method'][] = ['photographed', 'copies'];

/** Percent of a ceiling at which the customer is warned. */
const WARN_PERCENT = 80;

/** The identity check that forwarding waits for. [S0-144] [S0-204] */
export function verifyIdentity(
  contract: Contract,
  order: Extract<Order, { kind: 'verifyIdentity' }>,
  { now }: OrderContext,
): OrderResult {
  if (ENDING.includes(order.method) && now >= REMOTE_COPIES_UNTIL) {
    const say = `A check by "${order.method}" is not lawful since 2027-04-01; read the chip, or use public personal authentication.`;
    return refused('order.verification', say);
  }
  return accepted({ ...contract, identityVerified: true, identity: { method: order.method, at: now } });
}

/** A ceiling on chargeable use. [S3-032] */
export function ceiling(contract: Contract, order: Extract<Order, { kind: 'ceiling' }>): OrderResult {
  const { limitMicroYen, warnPercent = WARN_PERCENT } = order;
  const good =
    Number.isSafeInteger(limitMicroYen) && limitMicroYen > 0 && warnPercent >= 1 && warnPercent <= 100;
  if (!good) return refused('order.ceiling', 'Give a ceiling above 0 yen and a warning between 1 and 100 %.');
  return accepted({ ...contract, ceiling: { limitMicroYen, warnPercent } });
}

/** A deposit raised or lowered according to usage. [S0-152] */
export function deposit(
  contract: Contract,
  order: Extract<Order, { kind: 'deposit' }>,
  { now }: OrderContext,
): OrderResult {
  const { item, on, amountMicroYen } = order;
  const found = contract.deposits?.find((one) => one.item === item && one.on === on && holds(one.held, now));
  const asked = rulesOf(contract.product ?? 'cloudPhone').depositItem === item && on === contract.id;
  if (!(amountMicroYen >= 0) || (found === undefined && !asked)) {
    return refused(
      'order.deposit',
      `${on} has no deposit ${item} that could be set to ${amountMicroYen} micro-yen.`,
    );
  }
  const deposits = (contract.deposits ?? []).map((one) => (one === found ? endedAt(one, now) : one));
  const next = { item, on, amountMicroYen, held: fromNow(now) };
  return accepted({ ...contract, deposits: [...deposits, next] });
}

/** Mobile mode of the 050 service, with its web billing. [S3-027] [S3-028] [S3-029] [S3-030] */
export function mobileMode(
  contract: Contract,
  order: Extract<Order, { kind: 'mobileMode' }>,
  { now }: OrderContext,
): OrderResult {
  const running = contract.mobileMode !== undefined && holds(contract.mobileMode.held, now);
  if (order.action === 'cancel') {
    if (contract.mobileMode === undefined || !running) {
      return refused('order.mobileMode', 'There is no mobile mode to cancel.');
    }
    const billingStation = { ...contract.mobileMode.billingStation, until: billingEnds(now) };
    const mode = { held: { ...contract.mobileMode.held, until: now }, billingStation };
    const say = 'Web billing goes on until the end of the second month after this one.';
    return accepted({ ...contract, mobileMode: mode }, [{ facts: ['S3-030'], say }]);
  }
  if (rulesOf(contract.product ?? 'cloudPhone').mobileModeNumbersMost === 0 || running) {
    return refused('order.mobileMode', 'Mobile mode can be started once, on a contract of the 050 service.');
  }
  const elsewhere = order.registeredElsewhere ?? [];
  const both = contract.ids.find((one) => elsewhere.includes(one.features?.handset ?? ''));
  if (both !== undefined) {
    const say = `${both.features?.handset} of ${both.id} is registered with the other business service; end that registration first.`;
    return refused('order.mobileElsewhere', say);
  }
  const until = order.billingStation === true ? null : now;
  const mode = { held: fromNow(now), billingStation: { from: now, until } satisfies Held };
  return accepted({ ...contract, mobileMode: mode });
}

/** The end of the second month after the one of a cancellation. [S3-030] */
export function billingEnds(now: OrderContext['now']): OrderContext['now'] {
  const { year, month } = japanDay(now);
  return instant(japanMidnight(year, month + 3, 1));
}

/** The shared phone book of the 050 service, and who may send messages. [S3-059] [S3-066] */
export function phoneBook(
  contract: Contract,
  order: Extract<Order, { kind: 'phoneBook' }>,
  { now }: OrderContext,
): OrderResult {
  const { phoneBook: book } = contract;
  if (order.action === 'cancel') {
    if (book === undefined) return refused('order.unknown', 'There is no phone book to cancel.');
    return accepted({ ...contract, phoneBook: endedAt(book, now) });
  }
  if (order.administrator === undefined) {
    return refused('order.unknown', 'A phone book needs an administrator; name one of the IDs.');
  }
  const held = book !== undefined && holds(book.held, now) ? book.held : fromNow(now);
  const messages = order.messages ?? [];
  return accepted({ ...contract, phoneBook: { administrator: order.administrator, messages, held } });
}

/** Outside members in ring groups, for the whole company. [S1-017] [S1-018] [S1-019] */
export function groupForwarding(
  contract: Contract,
  order: Extract<Order, { kind: 'groupForwarding' }>,
  { now }: OrderContext,
): OrderResult {
  const { groupForwarding: option } = contract;
  if (order.action === 'cancel') {
    if (option === undefined) return refused('order.unknown', 'There is no group forwarding to cancel.');
    return accepted({ ...contract, groupForwarding: endedAt(option, now) });
  }
  if (order.only !== undefined) {
    const say = `Group forwarding is for the whole company and cannot be added to ${order.only} alone; order it for everything, or for the representative numbers.`;
    return refused('order.forwardingScope', say);
  }
  if (rulesOf(contract.product ?? 'cloudPhone').numberKinds[0] !== 'standard') {
    return refused(
      'order.unknownItem',
      'This service has no group forwarding; call forwarding is option.forwarding.',
    );
  }
  if (option !== undefined && holds(option.held, now)) {
    return refused('order.alreadyHeld', 'The company has group forwarding already; nothing to order.');
  }
  const scope = order.scope ?? 'everything';
  return accepted({ ...contract, groupForwarding: { held: fromNow(now), scope, extraTargets: {} } });
}

/** Additional forwarding targets of a number. [S1-016] */
export function forwardingTargets(
  contract: Contract,
  order: Extract<Order, { kind: 'forwardingTargets' }>,
  { now }: OrderContext,
): OrderResult {
  const { groupForwarding: option } = contract;
  const known = contract.numbers.some((one) => one.number === order.number && holds(one.held, now));
  if (option === undefined || !known || !Number.isInteger(order.extra) || order.extra < 0) {
    const say = `${order.number}: additional targets, 0 or more, go on a number of a contract with group forwarding.`;
    return refused('order.unknown', say);
  }
  const extraTargets = { ...option.extraTargets, [order.number]: order.extra };
  return accepted({ ...contract, groupForwarding: { ...option, extraTargets } });
}

/** A trial becomes a contract, or ends without a charge. [S4-003] [S4-018] */
export function trial(
  contract: Contract,
  order: Extract<Order, { kind: 'trial' }>,
  { now }: OrderContext,
): OrderResult {
  const { answering } = contract;
  const running = answering?.trial;
  if (answering === undefined || running == null || running.outcome !== 'running') {
    return refused('order.noTrial', 'Nothing of this contract is on trial.');
  }
  if (now >= running.until) {
    return refused('order.trialOver', 'The 10 days of the trial are over; apply for a contract.');
  }
  if (order.action === 'convert') {
    const converted: OperatorAnswering = {
      ...answering,
      trial: { ...running, outcome: 'converted' },
      paidFrom: now,
    };
    return accepted({ ...contract, answering: converted });
  }
  const stopped: OperatorAnswering = {
    ...answering,
    trial: { ...running, until: now, outcome: 'stopped' },
    loanNumbers: answering.loanNumbers.map((one) => endedAt(one, now)),
  };
  const say = 'Stopped within the trial: nothing is charged.';
  return accepted({ ...contract, answering: stopped, state: 'ended' }, [{ facts: ['S4-003'], say }]);
}

/** Loan numbers: one more, another use, one less. [S4-014] [S4-015] [S4-016] */
export function loanNumber(
  contract: Contract,
  order: Extract<Order, { kind: 'loanNumber' }>,
  context: OrderContext,
): OrderResult {
  const { now } = context;
  const { answering } = contract;
  if (answering === undefined)
    return refused('order.noAnswering', 'This contract has no operators; nothing is lent.');
  const found = answering.loanNumbers.find((one) => one.number === order.number && holds(one.held, now));
  const use = order.use ?? 'forwardingTarget';
  const put = (loanNumbers: readonly LoanNumber[]): OrderResult =>
    accepted({ ...contract, answering: { ...answering, loanNumbers } });
  if (order.action === 'add') {
    if (context.taken?.(order.number) === true) {
      return refused('order.taken', `${order.number} is lent to somebody else; take another number.`);
    }
    const included = !answering.loanNumbers.some((one) => holds(one.held, now));
    return put([...answering.loanNumbers, { number: order.number, use, held: fromNow(now), included }]);
  }
  if (found === undefined) return refused('order.unknown', `${order.number} is not lent to this contract.`);
  const changed = order.action === 'return' ? endedAt(found, now) : { ...found, use };
  return put(answering.loanNumbers.map((one) => (one === found ? changed : one)));
}

/** What operators say and where they report. Out-of-hours answering is agreed at application. [S0-156] */
export function changeAnswering(
  contract: Contract,
  order: Extract<Order, { kind: 'changeAnswering' }>,
  context: OrderContext,
): OrderResult {
  const { answering } = contract;
  if (answering === undefined) return refused('order.noAnswering', 'This contract has no operators.');
  const { company, reportTo, refusesSales, outOfHours, startsOn } = order.change;
  if (outOfHours === true && !answering.outOfHours) {
    const say = 'Answering out of hours has to be discussed at application; ask the operators for a new one.';
    return refused('order.outOfHours', say);
  }
  const start = startDay(startsOn, context);
  if (startsOn !== undefined && start === undefined) {
    return refused(
      'order.startDate',
      `"${startsOn}" is not one exact day from today on; write it as 2026-08-03.`,
    );
  }
  const next: OperatorAnswering = {
    ...answering,
    company: company ?? answering.company,
    reportTo: reportTo ?? answering.reportTo,
    refusesSales: refusesSales ?? answering.refusesSales,
    outOfHours: outOfHours ?? answering.outOfHours,
    startsOn: start ?? answering.startsOn,
  };
  return accepted({ ...contract, answering: next });
}

/** The registered place, to which the base ID is tied; 03 numbers stay only with a base for them. [S0-064] [S0-199] */
export function changeAddress(
  contract: Contract,
  order: Extract<Order, { kind: 'changeAddress' }>,
  { now }: OrderContext,
): OrderResult {
  if (rulesOf(contract.product ?? 'cloudPhone').inJapanOnly && !order.address.inJapan) {
    return refused('order.inJapanOnly', 'The contractor needs an address in Japan; give one, or cancel.');
  }
  for (const one of contract.numbers) {
    const allowed = holds(one.held, now) ? addressAllows(one.number, order.address) : null;
    if (allowed !== null && !allowed.ok) return allowed;
  }
  return accepted({ ...contract, address: order.address });
}

/** A pause, where the service can be paused. [S3-022] */
export function pause(contract: Contract): OrderResult {
  if (rulesOf(contract.product ?? 'cloudPhone').pausable)
    return accepted({ ...contract, state: 'suspended' });
  return refused('order.notPausable', 'This service cannot be paused; go on, or cancel the contract.');
}

/** The end of a pause. */
export function resume(contract: Contract): OrderResult {
  return accepted({ ...contract, state: 'active' });
}

/** The end of everything. Web billing runs on for a while; what stood on the contract cannot go on. [S0-158] [S3-030] */
export function cancelContract(contract: Contract, { now }: OrderContext): OrderResult {
  const end = <Thing extends { readonly held: Held }>(list: readonly Thing[]): readonly Thing[] =>
    list.map((one) => endedAt(one, now));
  const {
    tollFree,
    sets,
    deposits,
    mobileMode: mode,
    phoneBook: book,
    groupForwarding: option,
    answering,
  } = contract;
  return accepted({
    ...contract,
    state: 'ended',
    held: { from: contract.held?.from ?? now, until: now },
    numbers: end(contract.numbers),
    ids: end(contract.ids),
    devices: end(contract.devices),
    options: end(contract.options),
    ...(tollFree === undefined ? {} : { tollFree: end(tollFree) }),
    ...(sets === undefined ? {} : { sets: end(sets) }),
    ...(deposits === undefined ? {} : { deposits: end(deposits) }),
    ...(book === undefined ? {} : { phoneBook: endedAt(book, now) }),
    ...(option === undefined ? {} : { groupForwarding: endedAt(option, now) }),
    ...(mode === undefined
      ? {}
      : {
          mobileMode: {
            held: endedAt(mode, now).held,
            billingStation: { ...mode.billingStation, until: mode.billingStation.until ?? billingEnds(now) },
          },
        }),
    ...(answering === undefined
      ? {}
      : { answering: { ...answering, loanNumbers: end(answering.loanNumbers) } }),
  });
}
