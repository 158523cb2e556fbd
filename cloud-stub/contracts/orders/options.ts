import type { Instant } from '../../../lib/base/clock.ts';
import { ok, type Result } from '../../../lib/base/errors.ts';
import { type Catalogue, type CatalogueItem, itemAt, rulesOf } from '../../catalogue/index.ts';
import { emptyFeatures, emptyIdFeatures, type NumberFeatures, PROMPTS } from '../features.ts';
import { endedAt, holds } from '../held.ts';
import type { Contract, ContractNumber, ContractOption } from '../types.ts';
import { accepted, fromNow, type OrderResult, refused } from './outcome.ts';
import { makeAnswering } from './parts.ts';
import { dissolveSets } from './sets.ts';
import type { Order, OrderContext, OrderNote, OrderRefusal } from './types.ts';

/** How long phones ring before a newly ordered voicemail answers; the customer may change it. [S0-120] */
const VOICEMAIL_AFTER_MS = 20_000;

/** An option ordered later. [S0-134] */
export function addOption(
  contract: Contract,
  order: Extract<Order, { kind: 'addOption' }>,
  context: OrderContext,
): OrderResult {
  const rules = rulesOf(contract.product ?? 'cloudPhone');
  const added = withOption(contract, order.item, order.on, context);
  if (!added.ok) return added;
  let next = added.value;
  const notes: OrderNote[] = [...noteOfReception(contract, next, order.on)];
  if (order.answering !== undefined) {
    const legalEntity = contract.legalEntity ?? contract.name.ja;
    const answering = makeAnswering(order.answering, legalEntity, rules.trialDays, context);
    if (!answering.ok) return answering;
    next = { ...next, answering: answering.value };
  }
  if (isTollFreeFunction(context.catalogue, contract, order.item)) {
    next = withConstruction(next, order.on, 1, context);
  }
  return accepted(next, notes);
}

/** The contract with one more option, its one-time items, its deposit and the settings that it begins with. */
export function withOption(
  contract: Contract,
  item: string,
  on: string,
  context: OrderContext,
): Result<Contract, OrderRefusal> {
  const allowed = mayOrder(contract, item, on, context);
  if (!allowed.ok) return allowed;
  const { catalogue, now } = context;
  const initial = itemAt(catalogue, `${item}.initial`, now);
  const deposit = itemAt(catalogue, `${item}.deposit`, now);
  const option: ContractOption = {
    items: initial === undefined ? [item] : [initial.id, item],
    on,
    held: fromNow(now),
  };
  const next = { ...contract, options: [...contract.options, option] };
  const settled = withFirstSettings(next, item, on, now);
  if (deposit === undefined) return ok(settled);
  const held = { item: deposit.id, on, amountMicroYen: deposit.priceMicroYen, held: fromNow(now) };
  return ok({ ...settled, deposits: [...(settled.deposits ?? []), held] });
}

function mayOrder(
  contract: Contract,
  item: string,
  on: string,
  { catalogue, now }: OrderContext,
): Result<null, OrderRefusal> {
  const product = contract.product ?? 'cloudPhone';
  if (!rulesOf(product).options.includes(item)) {
    const say = `${item} is no option of ${product}; its options are ${rulesOf(product).options.join(', ') || 'none'}.`;
    return refused('order.unknownItem', say);
  }
  const entry = itemAt(catalogue, item, now);
  if (entry === undefined || (entry.soldUntil !== undefined && now >= entry.soldUntil)) {
    return refused('order.notSold', `${item} is not for sale now; whoever has it keeps it.`);
  }
  const places = placesOf(contract, entry, catalogue, now);
  if (!places.includes(on)) {
    const say = `${item} is counted by ${entry.per}: it goes on one of ${places.join(', ') || 'none that the contract has'}, not on ${on}.`;
    return refused('order.wrongPlace', say);
  }
  const held = contract.options.some(
    (one) => one.on === on && one.items.includes(item) && holds(one.held, now),
  );
  if (!held) return ok(null);
  return refused('order.alreadyHeld', `${on} has ${item} already; nothing to order.`);
}

/** What an option may stand on. Fax may stand on numbers and on IDs. [A-12] [S0-106] [S0-107] */
function placesOf(
  contract: Contract,
  entry: CatalogueItem,
  catalogue: Catalogue,
  now: Instant,
): readonly string[] {
  const numbers = contract.numbers.filter((one) => holds(one.held, now)).map((one) => one.number);
  const ids = contract.ids.filter((one) => holds(one.held, now)).map((one) => one.id as string);
  const tollFree = (contract.tollFree ?? []).filter((one) => holds(one.held, now)).map((one) => one.number);
  if (isTollFreeFunction(catalogue, contract, entry.id)) return tollFree;
  if (entry.per === 'number') return entry.alsoPer === 'id' ? [...numbers, ...ids] : numbers;
  return entry.per === 'id' ? ids : [contract.id];
}

/** An item that the catalogue ties to a toll-free number. */
export function isTollFreeFunction(catalogue: Catalogue, contract: Contract, item: string): boolean {
  const basics = rulesOf(contract.product ?? 'cloudPhone').tollFree?.items ?? [];
  return catalogue.relations.some(
    (one) => one.kind === 'requires' && one.item === item && basics.includes(one.other),
  );
}

/** The one-time construction fee of an order of toll-free functions. [S2-002] */
export function withConstruction(
  contract: Contract,
  on: string,
  functions: number,
  { now, construction = 'perApplication' }: OrderContext,
): Contract {
  const item = rulesOf(contract.product ?? 'cloudPhone').tollFree?.construction ?? null;
  if (item === null) return contract;
  const times = construction === 'perFunction' ? functions : 1;
  const fees = Array.from(
    { length: times },
    (): ContractOption => ({ items: [item], on, held: fromNow(now) }),
  );
  return { ...contract, options: [...contract.options, ...fees] };
}

/** A new option works at once where nothing needs to be said first; the rest waits for its switch. */
function withFirstSettings(contract: Contract, item: string, on: string, now: Instant): Contract {
  switch (item) {
    case 'option.voicemail':
      return withFeatures(contract, on, now, (one) => ({
        ...one,
        voicemail: { afterMs: VOICEMAIL_AFTER_MS, greeting: PROMPTS.voicemail },
        // Callers get voicemail instead. [S0-076]
        busyMessage: false,
      }));
    case 'option.recording':
      return withFeatures(contract, on, now, (one) => ({ ...one, recording: true }));
    case 'option.fax':
      return withFeatures(contract, on, now, (one, number) =>
        number.role === 'contract' ? { ...one, fax: { ...one.fax, use: 'voiceAndFax' } } : one,
      );
    case 'option.receptionApp': {
      // The ID is for reception only from now on. [S0-186]
      const numbers = contract.numbers.map((one) => ({ ...one, rings: one.rings.filter((id) => id !== on) }));
      return { ...contract, numbers };
    }
    default:
      return contract;
  }
}

function noteOfReception(before: Contract, after: Contract, on: string): readonly OrderNote[] {
  const rung = before.numbers.filter((one) => one.rings.some((id) => id === on));
  const still = after.numbers.some((one) => one.rings.some((id) => id === on));
  if (rung.length === 0 || still) return [];
  const say = `${on} is for reception only now; ${rung.map((one) => one.number).join(', ')} no longer ring it.`;
  return [{ facts: ['S0-186', 'A-27'], say }];
}

/** An option cancelled: its settings go off, and a set that it belonged to is dissolved. [S0-042] */
export function cancelOption(
  contract: Contract,
  order: Extract<Order, { kind: 'cancelOption' }>,
  { now }: OrderContext,
): OrderResult {
  const { item, on } = order;
  const held = contract.options.some(
    (one) => one.on === on && one.items.includes(item) && holds(one.held, now),
  );
  if (!held) return refused('order.unknown', `${on} has no ${item}; nothing to cancel.`);
  if (order.by === 'provider' && (order.reason ?? '').trim() === '') {
    return refused(
      'order.reason',
      `Say why ${item} is taken away from ${on}; the reason is kept with the order.`,
    );
  }
  const { contract: next, notes } = withoutOption(contract, item, on, now);
  const why: OrderNote[] =
    order.by === 'provider'
      ? [{ facts: ['S0-095', 'A-08'], say: `${item} was taken away from ${on}: ${order.reason}` }]
      : [];
  return accepted(next, [...why, ...notes]);
}

/** The contract without an option from now on. */
export function withoutOption(
  contract: Contract,
  item: string,
  on: string,
  now: Instant,
): { readonly contract: Contract; readonly notes: readonly OrderNote[] } {
  const options = contract.options.map((one) =>
    one.on === on && one.items.includes(item) && holds(one.held, now) ? endedAt(one, now) : one,
  );
  const deposits = (contract.deposits ?? []).map((one) =>
    one.on === on && one.item === `${item}.deposit` ? endedAt(one, now) : one,
  );
  const cleared = withoutSettings(
    { ...contract, options, ...(deposits.length > 0 ? { deposits } : {}) },
    item,
    on,
    now,
  );
  return dissolveSets(cleared, item, on, now);
}

function withoutSettings(contract: Contract, item: string, on: string, now: Instant): Contract {
  if (item === 'option.receptionApp') {
    const ids = contract.ids.map((one) =>
      one.id === on ? { ...one, features: { ...(one.features ?? emptyIdFeatures()), reception: null } } : one,
    );
    return { ...contract, ids };
  }
  const tollFree = contract.tollFree?.map((one) =>
    one.number === on && item.endsWith('.presentNumber') ? { ...one, presents: false } : one,
  );
  const next = tollFree === undefined ? contract : { ...contract, tollFree };
  return withFeatures(next, on, now, (one) => cleared(one, item));
}

function cleared(features: NumberFeatures, item: string): NumberFeatures {
  const off = (name: 'forwarding' | 'afterHours' | 'bot' | 'ivr'): Pick<NumberFeatures, 'answer'> =>
    features.answer.mode === 'toggles'
      ? { answer: { ...features.answer, [name]: false } }
      : { answer: features.answer };
  switch (item) {
    case 'option.voicemail':
      return { ...features, voicemail: null };
    case 'option.afterHours':
      return { ...features, ...off('afterHours') };
    case 'option.forwarding':
      return { ...features, ...off('forwarding'), forwardTo: null };
    case 'option.answerBot':
      return { ...features, ...off('bot') };
    case 'option.ivr':
      return { ...features, ...off('ivr'), ivrMenu: null, menus: [] };
    case 'option.recording':
      return { ...features, recording: false };
    case 'option.fax':
      return { ...features, fax: { use: 'off', relayTo: null } };
    default:
      return features;
  }
}

/** The contract with other settings of one of its numbers; numbers that nothing changes keep having none. */
export function withFeatures(
  contract: Contract,
  number: string,
  now: Instant,
  change: (features: NumberFeatures, number: ContractNumber) => NumberFeatures,
): Contract {
  const numbers = contract.numbers.map((one) => {
    if (one.number !== number || !holds(one.held, now)) return one;
    const before = one.features ?? emptyFeatures();
    const features = change(before, one);
    return features === before ? one : { ...one, features };
  });
  return { ...contract, numbers };
}
