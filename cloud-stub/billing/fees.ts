import { type Instant, instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import { MICRO_YEN_PER_YEN, type MicroYen, microYen } from '../../lib/base/units.ts';
import { type Catalogue, type CatalogueItem, itemAt } from '../catalogue/index.ts';
import type { Subscription } from '../contracts/index.ts';
import { inPeriod, type Period } from './period.ts';
import type { BillingRefusal, FeeLine } from './types.ts';

interface Fee {
  readonly entry: CatalogueItem;
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
): Result<readonly FeeLine[], BillingRefusal> {
  const fees = new Map<CatalogueItem, Fee>();
  for (const subscription of subscriptions) {
    if (!touches(subscription, period)) continue;
    const at = instant(Math.max(subscription.from, period.from));
    const entry = itemAt(catalogue, subscription.item, at);
    if (entry === undefined) return refuse(unpriced(subscription, at));
    if (!isDue(entry, subscription, period)) continue;
    const fee = fees.get(entry) ?? { entry, on: [] };
    fee.on.push(subscription.on);
    fees.set(entry, fee);
  }
  const lines: FeeLine[] = [];
  for (const entry of catalogue.items) {
    const fee = fees.get(entry);
    if (fee === undefined) continue;
    const line = feeLine(fee, taxPercent);
    if (!line.ok) return line;
    lines.push(line.value);
  }
  return ok(lines);
}

function touches(subscription: Subscription, period: Period): boolean {
  const begun = subscription.from < period.until;
  return begun && (subscription.until === null || subscription.until > period.from);
}

function isDue(entry: CatalogueItem, subscription: Subscription, period: Period): boolean {
  switch (entry.kind) {
    case 'recurring':
    case 'discount':
      return true;
    case 'initial':
    case 'purchase':
      return inPeriod(period, subscription.from);
    case 'usage':
    case 'deposit':
      // Usage comes from rated facts; a deposit is a liability and no line of an invoice.
      return false;
  }
}

function feeLine({ entry, on }: Fee, taxPercent: number): Result<FeeLine, BillingRefusal> {
  const unitPrice = exTax(entry, taxPercent);
  if (unitPrice === undefined || unitPrice % MICRO_YEN_PER_YEN !== 0) return refuse(inexact(entry));
  const exact = microYen(unitPrice * on.length);
  return ok({
    kind: entry.kind === 'usage' || entry.kind === 'deposit' ? 'recurring' : entry.kind,
    item: entry.id,
    name: entry.name,
    facts: entry.facts,
    quantity: on.length,
    unitPriceMicroYen: unitPrice,
    exactMicroYen: exact,
    amountYen: exact / MICRO_YEN_PER_YEN,
    taxPercent,
    on: [...on].sort(),
  });
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
