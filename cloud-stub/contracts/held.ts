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
