import type { Instant } from '../../lib/base/clock.ts';
import { type Catalogue, type CatalogueItem, type ProductId, validAt } from '../catalogue/index.ts';
import type { DeviceClass } from '../routing/types.ts';
import { type CallPrice, type Tariff, type UsePrice, WHOLE_CALL_MS } from './types.ts';

/**
 * Every dated usage price of a product. This is the tariff to rate a stream of facts with: each finds the price of its
 * own time of answer.
 */
export function tariffOf(catalogue: Catalogue, product: ProductId = 'cloudPhone'): Tariff {
  const items = catalogue.items.filter((item) => item.product === product);
  return { name: product, prices: items.flatMap(callPrices), uses: items.flatMap(usePrices) };
}

/** The prices that hold at one moment: for a call answered then, or to show as a price list. */
export function tariffAt(catalogue: Catalogue, at: Instant, product: ProductId = 'cloudPhone'): Tariff {
  const whole = tariffOf(catalogue, product);
  return {
    ...whole,
    prices: whole.prices.filter((price) => validAt(price, at)),
    uses: (whole.uses ?? []).filter((price) => validAt(price, at)),
  };
}

/** One entry becomes one price for each device that it names, with that device's invoice category. */
function callPrices(item: CatalogueItem): CallPrice[] {
  const scope = item.call;
  if (scope === undefined || scope.direction === 'internal') return [];
  const { direction } = scope;
  return Object.entries(scope.categories).map(([device, category]) => ({
    item: item.id,
    facts: item.facts,
    direction,
    device: device as DeviceClass | 'any',
    destinations: scope.farEnds,
    ...(scope.numbers === undefined ? {} : { numbers: scope.numbers }),
    ...(scope.only === undefined ? {} : { only: scope.only }),
    tenMinutes: scope.tenMinutes,
    unitMs: item.unit.of === 'time' ? item.unit.ms : WHOLE_CALL_MS,
    pricePerUnit: item.priceMicroYen,
    category,
    validFrom: item.validFrom,
    validUntil: item.validUntil,
  }));
}

function usePrices(item: CatalogueItem): UsePrice[] {
  if (item.use === undefined || item.usage === undefined) return [];
  return [
    {
      item: item.id,
      facts: item.facts,
      use: item.use,
      unitMs: item.unit.of === 'time' ? item.unit.ms : WHOLE_CALL_MS,
      blockSize: item.unit.of === 'block' ? item.unit.size : 1,
      included: item.included?.count ?? 0,
      pricePerUnit: item.priceMicroYen,
      category: item.usage,
      validFrom: item.validFrom,
      validUntil: item.validUntil,
    },
  ];
}
