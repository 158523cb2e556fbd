import { type MicroYen, microYen } from '../../lib/base/units.ts';
import { noAllowance, runningView, viewOf, withUse } from './allowance.ts';
import { explain, explainRefusal, FREE } from './explain.ts';
import type { Outcome } from './outcome.ts';
import { type RatingPolicy, standardRatingPolicy } from './policy.ts';
import { type PriceTable, priceTable } from './price-table.ts';
import { settle } from './settle.ts';
import type { Allowance, Charge, RatableUsage, Tariff, UsageRating } from './types.ts';

/**
 * What one use costs, why, and what is left of the allowance. Exact micro-yen: a use is never rounded, only its invoice
 * category is.
 *
 * Every started unit counts whole, from the first one; the price is that of the device, the class of the far
 * end and the time of answer; internal and incoming calls are free [S0-050]. What has no price is refused, so
 * that nothing is free by accident.
 */
export function rate(
  usage: RatableUsage,
  tariff: Tariff,
  allowance: Allowance = noAllowance,
  policy: RatingPolicy = standardRatingPolicy,
): UsageRating {
  return rateWith(usage, priceTable(tariff), allowance, policy);
}

/** A tariff and a policy made ready for many uses. */
export interface Rater {
  /** As {@link rate}. */
  rate(usage: RatableUsage, allowance?: Allowance): UsageRating;
  /** As {@link rate}, without allowance and sentences; undefined where `rate` refuses. */
  chargeOf(usage: RatableUsage, allowance?: Allowance): Charge | undefined;
  /** The amount alone. The fastest way: nothing but the price is made. */
  amountOf(usage: RatableUsage, allowance?: Allowance): MicroYen | undefined;
  /** A stream of uses of one contract and period, in order: the allowance runs along. */
  stream(allowance: Allowance): RatingStream;
}

/** Rates one use after the other and keeps count of what is included. */
export interface RatingStream {
  amountOf(usage: RatableUsage): MicroYen | undefined;
  chargeOf(usage: RatableUsage): Charge | undefined;
  rate(usage: RatableUsage): UsageRating;
  /** The allowance as it stands. */
  allowance(): Allowance;
}

/** Everything of this goes through the same function as {@link rate}. */
export function prepareRater(tariff: Tariff, policy: RatingPolicy = standardRatingPolicy): Rater {
  const table = priceTable(tariff);
  return {
    rate: (usage, allowance = noAllowance) => rateWith(usage, table, allowance, policy),
    chargeOf: (usage, allowance = noAllowance) => chargeFrom(settle(usage, table, viewOf(allowance), policy)),
    amountOf: (usage, allowance = noAllowance) => amountFrom(settle(usage, table, viewOf(allowance), policy)),
    stream: (allowance) => streamOf(table, allowance, policy),
  };
}

function streamOf(table: PriceTable, from: Allowance, policy: RatingPolicy): RatingStream {
  // The stream's own copy, counted in place: what was handed in stays as it was.
  const running = runningView(from);
  const take = (usage: RatableUsage): Outcome => {
    const outcome = settle(usage, table, running, policy);
    if ((outcome.how === 'fax' || outcome.how === 'counted') && outcome.pieces > 0) {
      running.add(outcome.countedAs, outcome.on, outcome.pieces);
    }
    return outcome;
  };
  return {
    amountOf: (usage) => amountFrom(take(usage)),
    chargeOf: (usage) => chargeFrom(take(usage)),
    rate: (usage) => ratingFrom(usage, take(usage), table, running.allowance(), policy),
    allowance: () => running.allowance(),
  };
}

function rateWith(
  usage: RatableUsage,
  table: PriceTable,
  allowance: Allowance,
  policy: RatingPolicy,
): UsageRating {
  const outcome = settle(usage, table, viewOf(allowance), policy);
  const counts = outcome.how === 'fax' || outcome.how === 'counted';
  const left = counts ? withUse(allowance, outcome.countedAs, outcome.on, outcome.pieces) : allowance;
  return ratingFrom(usage, outcome, table, left, policy);
}

function ratingFrom(
  usage: RatableUsage,
  outcome: Outcome,
  table: PriceTable,
  allowance: Allowance,
  policy: RatingPolicy,
): UsageRating {
  const charge = chargeFrom(outcome);
  if (charge !== undefined) return { ok: true, charge, trace: explain(usage, outcome, policy), allowance };
  const code = outcome.how === 'refused' ? outcome.code : 'rating.badCall';
  const why = explainRefusal(usage, code, table.tariff.name);
  return { ok: false, code, say: why.say, trace: [why], allowance };
}

const NOTHING = microYen(0);

function chargeFrom(outcome: Outcome): Charge | undefined {
  switch (outcome.how) {
    case 'refused':
      return undefined;
    case 'free':
      return { amount: NOTHING, units: 0, item: FREE[outcome.rule].item, category: 'free' };
    case 'timed':
    case 'fax':
    case 'counted': {
      const { price, units } = outcome;
      return { amount: microYen(outcome.amount), units, item: price.item, category: price.category };
    }
  }
}

function amountFrom(outcome: Outcome): MicroYen | undefined {
  return outcome.how === 'refused' ? undefined : microYen(outcome.amount);
}
