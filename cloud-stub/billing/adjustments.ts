import { type MicroYen, microYen } from '../../lib/base/units.ts';
import { type Catalogue, taxPercentAt } from '../catalogue/index.ts';
import type { Adjustment } from '../rating/index.ts';
import type { UsageCategory } from '../rating/types.ts';
import { byCategory, CATEGORIES } from './categories.ts';
import { type Period, periodOf } from './period.ts';
import type { BillingPolicy } from './policy.ts';
import { toYen } from './rounding.ts';
import type { AdjustmentLine, UsageSum } from './types.ts';
import { splitUsage, usagePeriod } from './usage.ts';

interface Movement {
  readonly category: UsageCategory;
  readonly taxPercent: number;
  readonly period: string;
  exact: number;
  readonly uses: Set<string>;
  readonly reasons: Set<string>;
}

/**
 * What rating again changed, one line for each category and period of use. The charges themselves stay as they are on
 * their own lines. Where they stand on this same invoice, the line is the difference of the two rounded sums: the
 * total is what it would have been. An adjustment of toll-free usage that is not billed yet waits with it.
 */
export function adjustmentLines(
  catalogue: Catalogue,
  period: Period,
  adjustments: readonly Adjustment[],
  billed: readonly UsageSum[],
  policy: BillingPolicy,
): AdjustmentLine[] {
  return movements(catalogue, adjustments)
    .filter((one) => isDue(one, period, policy))
    .map((one) => adjustmentLine(one, billed, policy))
    .sort(
      (a, b) =>
        byCategory(a.category, b.category) ||
        (a.of.name < b.of.name ? -1 : a.of.name === b.of.name ? 0 : 1) ||
        a.taxPercent - b.taxPercent,
    );
}

/** True when the usage that an adjustment is about is on the invoice of the period, or was on one before. */
function isDue(movement: Movement, period: Period, policy: BillingPolicy): boolean {
  return splitUsage([asSum(movement)], period, policy).billed.length > 0;
}

function asSum({ category, taxPercent, period }: Movement): UsageSum {
  const nothing = { calls: 0, units: 0, exactMicroYen: microYen(0), perUseYen: 0 };
  return { category, item: '', period, taxPercent, ...nothing };
}

function movements(catalogue: Catalogue, adjustments: readonly Adjustment[]): readonly Movement[] {
  const found = new Map<string, Movement>();
  for (const one of adjustments) {
    const period = periodOf(one.usedAt).name;
    const taxPercent = taxPercentAt(catalogue, one.usedAt) ?? 0;
    // Rating again may move a use into another category: it leaves the one and enters the other.
    for (const [charge, sign] of [
      [one.before, -1],
      [one.after, 1],
    ] as const) {
      const { category } = charge;
      const key = `${category} ${taxPercent} ${period}`;
      const movement = found.get(key) ?? {
        category,
        taxPercent,
        period,
        exact: 0,
        uses: new Set(),
        reasons: new Set(),
      };
      found.set(key, movement);
      movement.exact += sign * charge.amount;
      movement.uses.add(one.use);
      movement.reasons.add(one.reason);
    }
  }
  return [...found.values()].filter((one) => one.exact !== 0);
}

function adjustmentLine(one: Movement, billed: readonly UsageSum[], policy: BillingPolicy): AdjustmentLine {
  const exact = microYen(one.exact);
  const { ja, en } = CATEGORIES[one.category].name;
  return {
    kind: 'adjustment',
    category: one.category,
    name: { ja: `調整 ${ja}`, en: `Adjustment: ${en}` },
    facts: ['A-08'],
    of: usagePeriod(one.period),
    reasons: [...one.reasons].sort(),
    quantity: one.uses.size,
    exactMicroYen: exact,
    amountYen: differenceYen(one, exact, billed, policy),
    taxPercent: one.taxPercent,
  };
}

function differenceYen(
  one: Movement,
  exact: MicroYen,
  billed: readonly UsageSum[],
  policy: BillingPolicy,
): number {
  if (policy.roundedBy === 'use') return toYen(exact, policy.usageRounding);
  const base = billed
    .filter(
      (sum) =>
        sum.category === one.category && sum.taxPercent === one.taxPercent && sum.period === one.period,
    )
    .reduce((total, sum) => total + sum.exactMicroYen, 0);
  const round = (amount: number): number => toYen(microYen(amount), policy.usageRounding);
  return round(base + exact) - round(base);
}
