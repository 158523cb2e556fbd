import type { Instant } from '../../lib/base/clock.ts';
import { type MicroYen, microYen } from '../../lib/base/units.ts';
import { type BilingualName, type Catalogue, taxPercentAt } from '../catalogue/index.ts';
import { byCategory, CATEGORIES } from './categories.ts';
import { inPeriod, type Period, periodAfter, periodNamed, periodOf } from './period.ts';
import { type BillingPolicy, type Rounding, standardBillingPolicy } from './policy.ts';
import { toYen } from './rounding.ts';
import type { LateUsageLine, RatedCall, UsageDetail, UsageLine, UsagePeriod, UsageSum } from './types.ts';

/** Adds up charges by item, period of use and tax rate: the same sums for every order of arrival. */
export function sumUsage(
  catalogue: Catalogue,
  charges: readonly RatedCall[],
  rounding: Rounding = 'floor',
): readonly UsageSum[] {
  const sums = new Map<string, { -readonly [Key in keyof UsageSum]: UsageSum[Key] }>();
  const dates = datesOf(catalogue);
  for (const { answeredAt, charge } of charges) {
    if (answeredAt === null) continue;
    const { period, taxPercent } = dates(answeredAt);
    const { category, item } = charge;
    const key = `${category} ${item} ${period} ${taxPercent}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      const nothing = { calls: 0, units: 0, exactMicroYen: microYen(0), perUseYen: 0 };
      sum = { category, item, period, taxPercent, ...nothing };
      sums.set(key, sum);
    }
    sum.calls++;
    sum.units += charge.units;
    sum.exactMicroYen = microYen(sum.exactMicroYen + charge.amount);
    sum.perUseYen += toYen(charge.amount, rounding);
  }
  return [...sums.values()];
}

/** Period and tax of a moment; one calendar look-up serves all charges of a period with one tax rate. */
function datesOf(catalogue: Catalogue) {
  let last: Period | undefined;
  return (at: Instant): { readonly period: string; readonly taxPercent: number } => {
    if (last === undefined || !inPeriod(last, at)) last = periodOf(at);
    return { period: last.name, taxPercent: taxPercentAt(catalogue, at) ?? 0 };
  };
}

/** What of the usage an invoice shows, and what waits for a later one. */
export interface SplitUsage {
  readonly billed: readonly UsageSum[];
  readonly deferred: readonly UsageSum[];
}

/**
 * Ordinary usage up to the end of the period; toll-free usage up to two periods before. What is of an earlier
 * period and arrived late is on the next invoice, with its dates: nothing is lost and no sent invoice changes.
 */
export function splitUsage(sums: readonly UsageSum[], period: Period, policy: BillingPolicy): SplitUsage {
  const last = { ordinary: period.name, tollFree: tollFreePeriod(period, policy) };
  const isDue = (sum: UsageSum): boolean =>
    sum.period <= (sum.category === 'tollFreeIn' ? last.tollFree : last.ordinary);
  return { billed: sums.filter(isDue), deferred: sums.filter((sum) => !isDue(sum)) };
}

/** Until when usage is on the invoice of a period: what a store selects its charges by. */
export function usageWindow(
  period: Period,
  policy: BillingPolicy = standardBillingPolicy,
): { readonly ordinaryUntil: Instant; readonly tollFreeUntil: Instant } {
  const late = periodAfter(period, -policy.tollFreeLatePeriods);
  return { ordinaryUntil: period.until, tollFreeUntil: late.until };
}

/** Name of the period whose toll-free usage the invoice of a period shows. */
export function tollFreePeriod(period: Pick<Period, 'closesOn'>, policy: BillingPolicy): string {
  return periodAfter(period, -policy.tollFreeLatePeriods).name;
}

/**
 * One line for each category, tax rate and period of use: the exact amounts are added up and made whole yen once
 * . Should the tax rate change inside a period, a category has one line for each.
 */
export function usageLines(
  catalogue: Catalogue,
  period: Period,
  sums: readonly UsageSum[],
  policy: BillingPolicy = standardBillingPolicy,
): (UsageLine | LateUsageLine)[] {
  const groups = new Map<string, UsageSum[]>();
  for (const sum of sums) {
    const key = `${sum.category} ${sum.taxPercent} ${sum.period}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sum]);
    else group.push(sum);
  }
  return [...groups.values()]
    .map((group) => usageLine(catalogue, period, group, policy))
    .sort((a, b) => byCategory(a.category, b.category) || lateName(a, b) || a.taxPercent - b.taxPercent);
}

function lateName(a: UsageLine | LateUsageLine, b: UsageLine | LateUsageLine): number {
  const [one, other] = [a, b].map((line) => (line.kind === 'lateUsage' ? line.of.name : ''));
  return (one ?? '') < (other ?? '') ? -1 : one === other ? 0 : 1;
}

function usageLine(
  catalogue: Catalogue,
  period: Period,
  group: readonly UsageSum[],
  policy: BillingPolicy,
): UsageLine | LateUsageLine {
  const [first] = group;
  if (first === undefined) throw new Error('a group of usage is never empty');
  const details = detailsOf(catalogue, group);
  const exact = microYen(group.reduce((total, sum) => total + sum.exactMicroYen, 0));
  const line = {
    category: first.category,
    quantity: group.reduce((total, sum) => total + sum.calls, 0),
    exactMicroYen: exact,
    amountYen: yenOfUsage(exact, group, policy),
    taxPercent: first.taxPercent,
    details,
  };
  const { name } = CATEGORIES[first.category];
  if (first.period === period.name) return { ...line, kind: 'usage', name, facts: ['A-43', 'A-53'] };
  const facts = first.category === 'tollFreeIn' ? ['A-25', 'S0-165', 'A-43'] : ['A-65', 'A-43'];
  return { ...line, kind: 'lateUsage', name, facts, of: usagePeriod(first.period) };
}

function yenOfUsage(exact: MicroYen, group: readonly UsageSum[], policy: BillingPolicy): number {
  return policy.roundedBy === 'category'
    ? toYen(exact, policy.usageRounding)
    : group.reduce((total, sum) => total + sum.perUseYen, 0);
}

/** The dates of a period that another invoice shows. */
export function usagePeriod(name: string): UsagePeriod {
  const period = periodNamed(name);
  if (period === undefined) throw new Error(`not the name of a period: ${name}`);
  return { name, firstDay: period.firstDay, closesOn: period.closesOn };
}

function detailsOf(catalogue: Catalogue, group: readonly UsageSum[]): readonly UsageDetail[] {
  const details = new Map<string, UsageDetail>();
  for (const { item, calls, units, exactMicroYen } of group) {
    const before = details.get(item);
    if (before === undefined) {
      const entry = catalogue.items.find((candidate) => candidate.id === item);
      const name = entry?.name ?? UNPRICED_NAMES[item] ?? { ja: item, en: item };
      details.set(item, { item, name, facts: entry?.facts ?? [], calls, units, exactMicroYen });
    } else {
      details.set(item, {
        ...before,
        calls: before.calls + calls,
        units: before.units + units,
        exactMicroYen: microYen(before.exactMicroYen + exactMicroYen),
      });
    }
  }
  return [...details.values()].sort((a, b) => (a.item < b.item ? -1 : 1));
}

/** What rating calls by a name but the catalogue does not price. */
const UNPRICED_NAMES: Readonly<Record<string, BilingualName>> = {
  'call.incoming': { ja: '着信', en: 'Incoming call' },
  'call.unanswered': { ja: '通話なし', en: 'No conversation' },
};
