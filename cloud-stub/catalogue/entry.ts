import type { Instant } from '../../lib/base/clock.ts';
import { japanMidnight } from '../../lib/base/japan-time.ts';
import { yen } from '../../lib/base/units.ts';
import type { CatalogueItem, ChargeKind, PricedPer, PriceUnit, ProductId } from './types.ts';

type Optional = Partial<
  Pick<
    CatalogueItem,
    'validUntil' | 'soldUntil' | 'call' | 'usage' | 'use' | 'included' | 'basis' | 'taxBasis' | 'alsoPer'
  >
>;

/** Writes one catalogue entry on one line; the rest has the list's usual values. */
export type EntryWriter = (
  id: string,
  names: readonly [ja: string, en: string],
  facts: readonly string[],
  kind: ChargeKind,
  priceYen: number,
  per: PricedPer,
  more?: Optional & { readonly unit?: PriceUnit },
) => CatalogueItem;

/** An {@link EntryWriter} for one product's list, whose prices hold from `validFrom` and are ex-tax. [S2-001] [S1-006] */
export function priceList(product: ProductId, validFrom: Instant): EntryWriter {
  return (id, [ja, en], facts, kind, priceYen, per, more = {}) => ({
    id,
    product,
    name: { ja, en },
    facts,
    basis: 'printed',
    kind,
    priceMicroYen: yen(priceYen),
    taxBasis: 'exclusive',
    unit: usualUnit(kind),
    per,
    validFrom,
    validUntil: null,
    ...more,
  });
}

function usualUnit(kind: ChargeKind): PriceUnit {
  return kind === 'recurring' || kind === 'discount' ? { of: 'month' } : { of: 'once' };
}

/** The current number model and its price list begin here. [S0-054] */
export const CURRENT_MODEL_FROM = japanMidnight(2021, 6, 26);

/** Two lists bear no date; they are sold since the same day. */
export const UNDATED_LIST_FROM = japanMidnight(2021, 6, 26);
