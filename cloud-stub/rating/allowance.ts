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
 * with an item. Sheets [S0-167], items [S0-164] and answered calls [S0-168] are counted anew in each period; how much of
 * it the option is held does not matter.
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

/** An allowance as a price computation reads it; a stream counts in a way of its own. */
export interface AllowanceView {
  grantsOn(on: string): readonly Grant[] | undefined;
  /** Pieces used so far: of free sheets, of an ID. */
  usedOf(of: string, on: string): number;
}

/** The option on an ID or number that includes something at a moment. */
export function grantAt(view: AllowanceView, on: string, of: IncludedUse, at: Instant): Grant | undefined {
  const list = view.grantsOn(on);
  if (list === undefined) return undefined;
  for (const grant of list) {
    if (grant.of === of && grant.from <= at && (grant.until === null || at < grant.until)) return grant;
  }
  return undefined;
}

/** An allowance as it stands. */
export function viewOf(allowance: Allowance): AllowanceView {
  const { grants, used } = allowance;
  return { grantsOn: (on) => grants[on], usedOf: (of, on) => used[counterName(of, on)] ?? 0 };
}

/** The allowance after some more pieces. */
export function withUse(allowance: Allowance, of: string, on: string, pieces: number): Allowance {
  if (pieces === 0) return allowance;
  const counter = counterName(of, on);
  const { grants, used } = allowance;
  return { grants, used: { ...used, [counter]: (used[counter] ?? 0) + pieces } };
}

/** A view that counts along, without writing a counter's name for each use. */
export function runningView(from: Allowance): AllowanceView & {
  add(of: string, on: string, pieces: number): void;
  /** The allowance as it stands. */
  allowance(): Allowance;
} {
  const counts = new Map<string, Map<string, number>>();
  for (const [name, pieces] of Object.entries(from.used)) {
    const blank = name.indexOf(' ');
    counter(name.slice(0, blank)).set(name.slice(blank + 1), pieces);
  }
  const grants = new Map(Object.entries(from.grants));
  // Most uses count nothing: they share one picture of the allowance.
  let picture: Allowance | undefined = from;
  function counter(of: string): Map<string, number> {
    const known = counts.get(of);
    if (known !== undefined) return known;
    const made = new Map<string, number>();
    counts.set(of, made);
    return made;
  }
  return {
    grantsOn: (on) => grants.get(on),
    usedOf: (of, on) => counts.get(of)?.get(on) ?? 0,
    add(of, on, pieces) {
      const own = counter(of);
      own.set(on, (own.get(on) ?? 0) + pieces);
      picture = undefined;
    },
    allowance() {
      picture ??= {
        grants: from.grants,
        used: Object.fromEntries(
          [...counts].flatMap(([of, own]) => [...own].map(([on, count]) => [counterName(of, on), count])),
        ),
      };
      return picture;
    },
  };
}

function counterName(of: string, on: string): string {
  return `${of} ${on}`;
}
