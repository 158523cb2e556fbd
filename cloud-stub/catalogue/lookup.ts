import type { Instant } from '../../lib/base/clock.ts';
import type { Catalogue, CatalogueItem } from './types.ts';

/** True while a price holds: from its first moment, until just before its end. The end of sale does not end it. [S0-032] */
export function validAt(item: Pick<CatalogueItem, 'validFrom' | 'validUntil'>, at: Instant): boolean {
  return item.validFrom <= at && (item.validUntil === null || at < item.validUntil);
}

/** The entry of an item that holds at a moment; undefined when there is none. */
export function itemAt(catalogue: Catalogue, id: string, at: Instant): CatalogueItem | undefined {
  return catalogue.items.find((item) => item.id === id && validAt(item, at));
}

/** Percent of consumption tax in force at a moment; undefined before the first known rate. */
export function taxPercentAt(catalogue: Catalogue, at: Instant): number | undefined {
  let percent: number | undefined;
  for (const rate of catalogue.taxRates) if (rate.validFrom <= at) percent = rate.percent;
  return percent;
}
