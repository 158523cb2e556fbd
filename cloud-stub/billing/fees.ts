import { type Instant, instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import { MICRO_YEN_PER_YEN, type MicroYen, microYen } from '../../lib/base/units.ts';
import { type Catalogue, type CatalogueItem, itemAt, taxPercentAt } from '../catalogue/index.ts';
import type { Subscription } from '../contracts/index.ts';
import { dueSubscriptions } from './due.ts';
import { inPeriod, type Period } from './period.ts';
import { type BillingPolicy, standardBillingPolicy } from './policy.ts';
import { daysIn } from './proration.ts';
import { toYen } from './rounding.ts';
import type { BillingRefusal, FeeLine } from './types.ts';

type FeeKind = FeeLine['kind'];

/** A fee that is due, once for each thing in `on`. */
interface Fee {
  readonly entry: CatalogueItem;
  readonly kind: FeeKind;
  readonly priceMicroYen: MicroYen;
  readonly days: { readonly held: number; readonly of: number } | undefined;
  readonly on: string[];
}

/**
 * The fixed fees of a period: monthly ones whole, whenever in the period the subscription existed [A-22]; one-time ones
 * in the period of the application [S0-162]. Lines stand in the catalogue's order, not in the subscriptions'.
 */
export function feeLines(
  catalogue: Catalogue,
  period: Period,
  subscriptions: readonly Subscription[],
  taxPercent: number,
  policy: BillingPolicy = standardBillingPolicy,
): Result<readonly FeeLine[], BillingRefusal> {
  const fees = new Map<string, Fee>();
  for (const subscription of dueSubscriptions(catalogue, period, subscriptions, policy)) {
    const at = instant(Math.max(subscription.from, period.from));
    const entry = itemAt(catalogue, subscription.item, at);
    if (entry === undefined) return refuse(unpriced(subscription, at));
    const kind = dueAs(entry, subscription, period, policy);
    if (kind === undefined) continue;
    const days = policy.proration === 'daily' && monthly(kind) ? daysIn(period, subscription) : undefined;
    const price = priceOf(catalogue, entry, at, policy);
    if (price === undefined) return refuse(inexact(entry));
    const key = `${entry.id} ${entry.validFrom} ${days?.held ?? ''}`;
    const fee = fees.get(key) ?? { entry, kind, priceMicroYen: price, days, on: [] };
    fees.set(key, fee);
    fee.on.push(subscription.on);
  }
  const order = new Map(catalogue.items.map((entry, index) => [entry, index]));
  const sorted = [...fees.values()].sort(
    (a, b) =>
      (order.get(a.entry) ?? 0) - (order.get(b.entry) ?? 0) || (b.days?.held ?? 0) - (a.days?.held ?? 0),
  );
  return ok(sorted.map((fee) => feeLine(fee, taxPercent, policy)));
}

function monthly(kind: FeeKind): boolean {
  return kind === 'recurring' || kind === 'discount';
}

function dueAs(
  entry: CatalogueItem,
  subscription: Subscription,
  period: Period,
  policy: BillingPolicy,
): FeeKind | undefined {
  switch (entry.kind) {
    case 'recurring':
      return 'recurring';
    case 'discount': {
      // A dissolved set: its members are at list price from the next period on. [A-03] [S0-042]
      const whole = subscription.until === null || subscription.until >= period.until;
      return whole || policy.dissolvedSet === 'nextPeriod' ? 'discount' : undefined;
    }
    case 'initial':
    case 'purchase':
      // In the period of the application. [S0-162]
      return inPeriod(period, subscription.from) ? entry.kind : undefined;
    case 'usage':
    case 'deposit':
      // Usage comes from rated facts; a deposit is a liability and no line of an invoice.
      return undefined;
  }
}

/** The price without tax; of a set in the other reading, what the fees that it waives come to. */
function priceOf(
  catalogue: Catalogue,
  entry: CatalogueItem,
  at: Instant,
  policy: BillingPolicy,
): MicroYen | undefined {
  if (entry.kind === 'discount' && policy.setPrice === 'waivedMembers') {
    const waives = catalogue.sets.find((set) => set.discountItem === entry.id)?.waives ?? [];
    return microYen(waives.reduce((sum, id) => sum - (itemAt(catalogue, id, at)?.priceMicroYen ?? 0), 0));
  }
  // The tax inside a price is that of the day it was listed: 1,100 stay 1,000 without tax when the rate changes.
  const price = exTax(entry, taxPercentAt(catalogue, entry.validFrom) ?? 0);
  return price === undefined || price % MICRO_YEN_PER_YEN !== 0 ? undefined : price;
}

function feeLine(fee: Fee, taxPercent: number, policy: BillingPolicy): FeeLine {
  const { entry, kind, days, on } = fee;
  const whole = fee.priceMicroYen * on.length;
  const exact = microYen(days === undefined ? whole : Math.floor((whole * days.held) / days.of));
  return {
    kind,
    item: entry.id,
    name: entry.name,
    facts: entry.facts,
    quantity: on.length,
    unitPriceMicroYen: fee.priceMicroYen,
    exactMicroYen: exact,
    amountYen: toYen(exact, policy.usageRounding),
    taxPercent,
    on: [...on].sort(),
    ...(days === undefined || days.held === days.of ? {} : { days }),
  };
}

/** A price without its tax: 1,100 with 10 % inside is 1,000. Undefined when that is no whole micro-yen. */
export function exTax(
  entry: Pick<CatalogueItem, 'priceMicroYen' | 'taxBasis'>,
  percent: number,
): MicroYen | undefined {
  if (entry.taxBasis === 'exclusive') return entry.priceMicroYen;
  const scaled = entry.priceMicroYen * 100;
  return scaled % (100 + percent) === 0 ? microYen(scaled / (100 + percent)) : undefined;
}

function unpriced(subscription: Subscription, at: Instant): BillingRefusal {
  const say = `The catalogue has no price for ${subscription.item} (${subscription.on}) on ${japanDate(at)}.`;
  return { code: 'billing.noPrice', fault: 'us', say };
}

function inexact(entry: CatalogueItem): BillingRefusal {
  const say = `The fee ${entry.id} is no whole number of yen without tax; give it as an ex-tax price.`;
  return { code: 'billing.inexactPrice', fault: 'us', say };
}
