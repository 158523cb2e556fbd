import type { Instant } from '../../lib/base/clock.ts';
import { formatYen, type MicroYen, microYen } from '../../lib/base/units.ts';
import type { TraceLine } from '../routing/types.ts';
import { byAnswer, momentOf, type NamedUsage } from './in-order.ts';
import { type RatingPolicy, standardRatingPolicy } from './policy.ts';
import { prepareRater } from './rate.ts';
import type { Allowance, Charge, Tariff } from './types.ts';

/** Why something is rated again, in the operator's words. */
export interface RerateOrder {
  /** Names the order; with a use's id it names the adjustment, so that an order that is repeated adjusts once. */
  readonly id: string;
  readonly decidedAt: Instant;
  readonly reason: string;
}

/** What rating again changed. The first charge stays as it was written; this stands beside it for good. */
export interface Adjustment {
  /** `order/use`. */
  readonly id: string;
  readonly order: string;
  readonly use: string;
  /** When the use was: decides the period and the tax that it belongs to. */
  readonly usedAt: Instant;
  readonly decidedAt: Instant;
  readonly reason: string;
  readonly before: Charge;
  readonly after: Charge;
  readonly differenceMicroYen: MicroYen;
  readonly trace: readonly TraceLine[];
}

/** A use with the charge that holds for it: the first one, or that after its newest adjustment. */
export interface ChargedUsage extends NamedUsage {
  readonly charge: Charge;
}

/** Uses that the new terms have no price for; nothing is adjusted for them. */
export interface RerateResult {
  readonly adjustments: readonly Adjustment[];
  readonly unpriced: readonly { readonly use: string; readonly say: string }[];
}

/**
 * Rates the uses of one contract and period again, under another tariff, allowance or policy, and writes down what
 * changes: an entry with before and after for each changed charge, never a changed charge. Uses whose charge
 * stays the same have no entry; doing it twice finds nothing more to adjust.
 */
export function rerate(
  uses: readonly ChargedUsage[],
  order: RerateOrder,
  tariff: Tariff,
  allowance: Allowance,
  policy: RatingPolicy = standardRatingPolicy,
): RerateResult {
  const stream = prepareRater(tariff, policy).stream(allowance);
  const adjustments: Adjustment[] = [];
  const unpriced: { use: string; say: string }[] = [];
  for (const one of [...uses].sort(byAnswer)) {
    const rating = stream.rate(one.usage);
    if (!rating.ok) unpriced.push({ use: one.id, say: rating.say });
    else if (!sameCharge(one.charge, rating.charge)) {
      adjustments.push(adjustment(one, order, rating.charge, rating.trace));
    }
  }
  return { adjustments, unpriced };
}

function adjustment(
  one: ChargedUsage,
  order: RerateOrder,
  after: Charge,
  trace: readonly TraceLine[],
): Adjustment {
  const before = one.charge;
  const differenceMicroYen = microYen(after.amount - before.amount);
  const say = `${order.reason}: ${formatYen(before.amount)} yen before, ${formatYen(after.amount)} yen after`;
  return {
    id: `${order.id}/${one.id}`,
    order: order.id,
    use: one.id,
    usedAt: momentOf(one.usage) as Instant,
    decidedAt: order.decidedAt,
    reason: order.reason,
    before,
    after,
    differenceMicroYen,
    trace: [...trace, { rule: 'rerate.adjustment', facts: ['A-08'], say }],
  };
}

function sameCharge(a: Charge, b: Charge): boolean {
  return a.amount === b.amount && a.item === b.item && a.category === b.category && a.units === b.units;
}
