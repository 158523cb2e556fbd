import type { Instant } from '../../lib/base/clock.ts';
import { type Catalogue, itemAt } from '../catalogue/index.ts';
import { type Allowance, type Grant, type IncludedUse, WHOLE_CONTRACT } from './types.ts';

/** Something that is held by a contract, as billing sees it. */
interface HeldItem {
  readonly item: string;
  readonly on: string;
  readonly from: Instant;
  readonly until: Instant | null;
}

/** Nothing is included, nothing is used. */
export const noAllowance: Allowance = { grants: {}, used: {} };

const COUNTED: Readonly<Record<string, IncludedUse>> = {
  secondsPerCall: 'secondsPerCall',
  faxSheets: 'faxSheets',
  botItems: 'botItems',
  answeredCalls: 'answeredCalls',
  trialDays: 'trialDays',
};

/**
 * The allowance of a contract at the beginning of a period, from what it holds: whatever the catalogue says is included
 * with an item. The free sheets and pieces of a period do not depend on how much of the period the option was held.
 */
export function allowanceOf(catalogue: Catalogue, held: readonly HeldItem[]): Allowance {
  const grants: Record<string, Grant[]> = Object.create(null) as Record<string, Grant[]>;
  for (const { item, on, from, until } of held) {
    // What is held since before its list began has what the list says now.
    const entry = itemAt(catalogue, item, from) ?? catalogue.items.find((one) => one.id === item);
    const of = entry?.included === undefined ? undefined : COUNTED[entry.included.of];
    if (entry?.included === undefined || of === undefined) continue;
    const holder = of === 'trialDays' ? WHOLE_CONTRACT : on;
    const list = grants[holder] ?? [];
    grants[holder] = list;
    list.push({ item, facts: entry.facts, of, count: entry.included.count, from, until });
  }
  return { grants, used: {} };
}

/** The option on an ID or number that includes something at a moment. */
export function grantAt(allowance: Allowance, on: string, of: IncludedUse, at: Instant): Grant | undefined {
  const list = allowance.grants[on];
  if (list === undefined) return undefined;
  for (const grant of list) {
    if (grant.of === of && grant.from <= at && (grant.until === null || at < grant.until)) return grant;
  }
  return undefined;
}

/** Pieces that a counter has reached. */
export function usedOf(allowance: Allowance, counter: string): number {
  return allowance.used[counter] ?? 0;
}

/** The allowance after some more pieces. */
export function withUse(allowance: Allowance, counter: string, pieces: number): Allowance {
  if (pieces === 0) return allowance;
  return {
    grants: allowance.grants,
    used: { ...allowance.used, [counter]: usedOf(allowance, counter) + pieces },
  };
}
