import type { Instant } from '../../lib/base/clock.ts';
import { type RatingPolicy, standardRatingPolicy } from './policy.ts';
import { prepareRater } from './rate.ts';
import type { Allowance, RatableUsage, Tariff, UsageRating } from './types.ts';

/** A use and what it is known by. */
export interface NamedUsage {
  /** The call, the fax job, the message. Breaks ties, so it must be unique. */
  readonly id: string;
  readonly usage: RatableUsage;
}

/**
 * Rates the uses of one contract in one period in the order of their answers, whatever order they arrived in: so the
 * 500th sheet and the 101st item are always the same ones. Same length and order of answers for every permutation.
 */
export function rateInOrder(
  uses: readonly NamedUsage[],
  tariff: Tariff,
  allowance: Allowance,
  policy: RatingPolicy = standardRatingPolicy,
): { readonly ratings: ReadonlyMap<string, UsageRating>; readonly allowance: Allowance } {
  const stream = prepareRater(tariff, policy).stream(allowance);
  const ratings = new Map<string, UsageRating>();
  for (const { id, usage } of [...uses].sort(byAnswer)) {
    if (!ratings.has(id)) ratings.set(id, stream.rate(usage));
  }
  return { ratings, allowance: stream.allowance() };
}

/** By time of answer, then by id in code units: no locale has a say. */
export function byAnswer(a: NamedUsage, b: NamedUsage): number {
  return momentOf(a.usage) - momentOf(b.usage) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** When a use counts; what nobody answered counts nowhere and comes first. */
export function momentOf(usage: RatableUsage): Instant | 0 {
  return 'at' in usage ? usage.at : (usage.answeredAt ?? 0);
}
