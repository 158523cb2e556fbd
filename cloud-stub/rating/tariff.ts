import type { Instant } from '../../lib/base/clock.ts';
import { type Catalogue, type CatalogueItem, type ProductId, validAt } from '../catalogue/index.ts';
import type { DeviceClass, NumberClass } from '../routing/types.ts';
import { type CallPrice, type Tariff, WHOLE_CALL_MS } from './types.ts';

/**
 * Every dated price of calls that devices of a product make. This is the tariff to rate a stream of calls with: each
 * call finds the price of its own time of answer.
 */
export function tariffOf(catalogue: Catalogue, product: ProductId = 'cloudPhone'): Tariff {
  const prices = catalogue.items.filter((item) => item.product === product).flatMap(callPrices);
  return { name: product, prices };
}

/** The prices that hold at one moment: for a call answered then, or to show as a price list. */
export function tariffAt(catalogue: Catalogue, at: Instant, product: ProductId = 'cloudPhone'): Tariff {
  const whole = tariffOf(catalogue, product);
  return { name: whole.name, prices: whole.prices.filter((price) => validAt(price, at)) };
}

/** One entry becomes one price for each device that it names, with that device's invoice category. */
function callPrices(item: CatalogueItem): CallPrice[] {
  const scope = item.call;
  // A price under a condition that the facts of a call do not carry must not make other calls cheap.
  if (scope === undefined || scope.direction !== 'out' || scope.only !== undefined) return [];
  return Object.entries(scope.categories).map(([device, category]) => ({
    item: item.id,
    facts: item.facts,
    device: device as DeviceClass | 'any',
    destinations: scope.farEnds.filter((end): end is NumberClass => end !== 'payphone'),
    ...(scope.numbers === undefined ? {} : { numbers: scope.numbers }),
    unitMs: item.unit.of === 'time' ? item.unit.ms : WHOLE_CALL_MS,
    pricePerUnit: item.priceMicroYen,
    category,
    validFrom: item.validFrom,
    validUntil: item.validUntil,
  }));
}
