import { type Instant, instant } from '../../lib/base/clock.ts';
import { ok, type Result } from '../../lib/base/errors.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import { allowanceOf, momentOf, type NamedUsage, type RatingPolicy, rateInOrder } from '../rating/index.ts';
import type { Tariff, UsageRating } from '../rating/types.ts';
import { closeContract } from './close.ts';
import { issueInvoice } from './issue.ts';
import type { LedgerEntry } from './ledger.ts';
import { type NumberCounter, takeNumber } from './numbers.ts';
import { type Period, periodAfter, periodOf } from './period.ts';
import { standardBillingPolicy } from './policy.ts';
import type { BillingRefusal, ClosingInput, Invoice, RatedCall } from './types.ts';
import { usageWindow } from './usage.ts';

/** A contract with everything that it used, and the periods to bill. */
export interface RunInput extends Omit<ClosingInput, 'period' | 'charges' | 'sums'> {
  readonly uses: readonly NamedUsage[];
  readonly tariff: Tariff;
  readonly ratingPolicy?: RatingPolicy;
  readonly first: Period;
  readonly last: Period;
  readonly numbers: NumberCounter;
}

/** What rating and closing make of it. */
export interface RunResult {
  /** By the id of the use. */
  readonly ratings: ReadonlyMap<string, UsageRating>;
  readonly invoices: readonly Invoice[];
  readonly ledger: readonly LedgerEntry[];
  readonly numbers: NumberCounter;
}

/**
 * Bills a contract over several periods, from facts alone and without a store: rates each period's uses in order of
 * their answers, closes one period after the other, issues each invoice on the day after. Nothing is billed twice, and
 * what waits is on its later invoice if that period is still among them.
 */
export function billPeriods(input: RunInput): Result<RunResult, BillingRefusal> {
  const { ratings, charges } = rateRun(input);
  const policy = input.policy ?? standardBillingPolicy;
  const invoices: Invoice[] = [];
  const ledger: LedgerEntry[] = [];
  let numbers = input.numbers;
  let before = { ordinaryUntil: instant(0), tollFreeUntil: instant(0), decidedUntil: instant(0) };
  for (let period = input.first; period.from <= input.last.from; period = periodAfter(period, 1)) {
    const window = usageWindow(period, policy);
    const closing = closeContract({
      ...input,
      period,
      charges: charges.filter(({ answeredAt, charge }) => {
        if (answeredAt === null) return false;
        const until = charge.category === 'tollFreeIn' ? 'tollFreeUntil' : 'ordinaryUntil';
        return before[until] <= answeredAt && answeredAt < window[until];
      }),
      adjustments: (input.adjustments ?? []).filter(
        ({ decidedAt }) => before.decidedUntil <= decidedAt && decidedAt < period.until,
      ),
    });
    if (!closing.ok) return closing;
    ledger.push(...closing.value.ledger);
    if (closing.value.body !== null) {
      const taken = takeNumber(numbers);
      numbers = taken.counter;
      const details = { number: taken.number, issuedOn: japanDate(period.until) };
      invoices.push(issueInvoice(closing.value.body, details));
    }
    before = { ...window, decidedUntil: period.until };
  }
  return ok({ ratings, invoices, ledger, numbers });
}

/** Every period has its own allowance. */
function rateRun(input: RunInput): {
  readonly ratings: ReadonlyMap<string, UsageRating>;
  readonly charges: readonly RatedCall[];
} {
  const periods = new Map<string, NamedUsage[]>();
  for (const use of input.uses) {
    const { name } = periodOf(momentOf(use.usage) as Instant);
    const list = periods.get(name) ?? [];
    periods.set(name, list);
    list.push(use);
  }
  const ratings = new Map<string, UsageRating>();
  const charges: RatedCall[] = [];
  const allowance = allowanceOf(input.catalogue, input.subscriptions);
  for (const uses of periods.values()) {
    const rated = rateInOrder(uses, input.tariff, allowance, input.ratingPolicy);
    for (const { id, usage } of uses) {
      const rating = rated.ratings.get(id);
      if (rating === undefined || ratings.has(id)) continue;
      ratings.set(id, rating);
      const moment = momentOf(usage);
      if (rating.ok && moment !== 0) charges.push({ call: id, answeredAt: moment, charge: rating.charge });
    }
  }
  return { ratings, charges };
}
