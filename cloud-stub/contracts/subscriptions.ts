import { instant } from '../../lib/base/clock.ts';
import { rulesOf } from '../catalogue/index.ts';
import type { TollFreeNumber } from './toll-free.ts';
import type { Contract, ContractNumber, ContractServiceId, Held, Subscription } from './types.ts';

/**
 * Everything of a contract that costs a fixed fee, as catalogue items: numbers, IDs, devices, options, toll-free
 * numbers, the discounts of sets, deposits. One-time fees are among them; which is which is the catalogue's word.
 * Sorted as the contract lists them.
 */
export function subscriptionsOf(contract: Contract): readonly Subscription[] {
  return [
    ...contract.numbers.flatMap((number) => numberFees(contract, number)),
    ...contract.ids.flatMap((id) => held(idItems(contract, id), id.id, id.held)),
    ...contract.devices.flatMap((device) => held(device.items, device.id, device.held)),
    ...contract.options.flatMap((option) => held(option.items, option.on, option.held)),
    ...(contract.tollFree ?? []).flatMap((number) =>
      held(tollFreeItems(contract, number), number.number, number.held),
    ),
    ...(contract.sets ?? []).flatMap((set) => held([set.item], set.id, set.held)),
    ...deposits(contract),
    ...groupForwarding(contract),
    ...contractFees(contract),
  ];
}

/** A ported number takes the place of the contract number, whose fee goes on; its porting fees come on top. */
function numberFees(contract: Contract, number: ContractNumber): readonly Subscription[] {
  const porting = number.portedIn
    ? held(['number.portIn.initial', 'number.portIn'], number.number, number.held)
    : [];
  if (contract.numbers.some((one) => tookPlaceOf(one, number))) return porting;
  const first = firstOf(contract, number);
  const span = { from: first.held.from, until: number.held.until };
  return [...held(numberItems(number), number.number, span), ...porting];
}

/**
 * Whether a number took the place of just this holding of another: porting ends the one and begins the other at one moment. A
 * number that was replaced once and is taken again is a new holding with a fee of its own. [S0-001] [S0-002]
 */
function tookPlaceOf(ported: ContractNumber, other: ContractNumber): boolean {
  return ported.replaces === other.number && ported.held.from === other.held.until;
}

/** The holding that this one took the place of, however long ago. */
function firstOf(contract: Contract, number: ContractNumber): ContractNumber {
  const before = contract.numbers.find((one) => tookPlaceOf(number, one));
  return before === undefined || before === number ? number : firstOf(contract, before);
}

function numberItems(number: ContractNumber): readonly string[] {
  switch (number.kind ?? 'shared') {
    case 'shared':
      return [`number.${number.role}`];
    case 'representative':
      return ['number.representative'];
    case 'ip050':
      return ['ip050.number'];
    case 'direct':
      // Comes with its ID. [S0-070]
      return [];
    case 'standard':
    case 'representativeOnly':
    case 'ivr':
      // Costs only with the option of group forwarding; the numbers themselves are on no list of ours.
      return [];
  }
}

function idItems(contract: Contract, id: ContractServiceId): readonly string[] {
  return rulesOf(contract.product ?? 'cloudPhone').idItems[id.role];
}

function tollFreeItems(contract: Contract, number: TollFreeNumber): readonly string[] {
  const rules = rulesOf(contract.product ?? 'cloudPhone').tollFree;
  if (rules === null) return [];
  return number.portedIn ? [...rules.items, ...rules.portInItems] : rules.items;
}

function deposits(contract: Contract): readonly Subscription[] {
  return (contract.deposits ?? []).flatMap((one) =>
    held([one.item], one.on, one.held).map((fee) => ({ ...fee, amountMicroYen: one.amountMicroYen })),
  );
}

/** Charged for every terminal and every representative number of the company, or for the latter alone. [S1-018] [S1-019] */
function groupForwarding(contract: Contract): readonly Subscription[] {
  const option = contract.groupForwarding;
  if (option === undefined) return [];
  const numbers = contract.numbers.flatMap((number) => {
    const kind = number.kind ?? 'shared';
    const representative = kind === 'representativeOnly' || kind === 'ivr';
    if (!representative && (kind !== 'standard' || option.scope === 'representatives')) return [];
    const item = `groupForwarding.${representative ? 'representative' : 'standard'}`;
    return held([`${item}.initial`, item], number.number, overlap(option.held, number.held));
  });
  const extra = Object.entries(option.extraTargets).flatMap(([number, count]) =>
    Array.from({ length: count }, () => held(['groupForwarding.target'], number, option.held)).flat(),
  );
  return [...numbers, ...extra];
}

function contractFees(contract: Contract): readonly Subscription[] {
  const { mobileMode, answering } = contract;
  const billing =
    mobileMode === undefined ? [] : held(['ip050.billingStation'], contract.id, mobileMode.billingStation);
  if (answering === undefined) return billing;
  const trial =
    answering.trial === null
      ? []
      : held(['answering.trial'], contract.id, { from: answering.trial.from, until: answering.trial.until });
  // The first loan number comes with the contract; a trial that is stopped costs nothing. [S4-001] [S4-003]
  const { paidFrom } = answering;
  const loans =
    paidFrom === null
      ? []
      : answering.loanNumbers
          .filter((one) => !one.included && (one.held.until === null || one.held.until > paidFrom))
          .flatMap((one) => {
            const from = instant(Math.max(one.held.from, paidFrom));
            return held(['answering.loanNumber'], one.number, { from, until: one.held.until });
          });
  return [...billing, ...trial, ...loans];
}

function overlap(one: Held, other: Held): Held {
  const until =
    one.until === null
      ? other.until
      : other.until === null
        ? one.until
        : instant(Math.min(one.until, other.until));
  return { from: instant(Math.max(one.from, other.from)), until };
}

function held(items: readonly string[], on: string, span: Held): Subscription[] {
  return items.map((item) => ({ item, on, from: span.from, until: span.until }));
}
