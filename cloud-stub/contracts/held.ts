import type { Instant } from '../../lib/base/clock.ts';
import type { Contract, Held } from './types.ts';

/** True while something is held: from its first moment, until just before its end. */
export function holds(held: Held, at: Instant): boolean {
  return held.from <= at && (held.until === null || at < held.until);
}

/** Catalogue items of the options that a number, an ID or the contract holds at a moment. */
export function optionsOn(contract: Pick<Contract, 'options'>, on: string, at: Instant): readonly string[] {
  return contract.options.filter((one) => one.on === on && holds(one.held, at)).flatMap((one) => one.items);
}

/** The contract with only what is held at a moment. */
export function contractAt(contract: Contract, at: Instant): Contract {
  const now = <Thing extends { readonly held: Held }>(list: readonly Thing[]): readonly Thing[] =>
    list.filter((one) => holds(one.held, at));
  const { mobileMode, phoneBook, groupForwarding, ...rest } = contract;
  return {
    ...rest,
    numbers: now(contract.numbers),
    ids: now(contract.ids),
    devices: now(contract.devices),
    options: now(contract.options),
    ...(contract.tollFree === undefined ? {} : { tollFree: now(contract.tollFree) }),
    ...(contract.sets === undefined ? {} : { sets: now(contract.sets) }),
    ...(contract.deposits === undefined ? {} : { deposits: now(contract.deposits) }),
    ...(mobileMode !== undefined && holds(mobileMode.held, at) ? { mobileMode } : {}),
    ...(phoneBook !== undefined && holds(phoneBook.held, at) ? { phoneBook } : {}),
    ...(groupForwarding !== undefined && holds(groupForwarding.held, at) ? { groupForwarding } : {}),
  };
}

/** Something held until now. */
export function endedAt<Thing extends { readonly held: Held }>(thing: Thing, at: Instant): Thing {
  return thing.held.until === null ? { ...thing, held: { ...thing.held, until: at } } : thing;
}

/** Whether a number, toll-free ones included, belongs to a contract at a moment. */
export function holdsNumber(contract: Contract, number: string, at: Instant): boolean {
  const all = [...contract.numbers, ...(contract.tollFree ?? [])];
  return all.some((one) => one.number === number && holds(one.held, at));
}
