import { describe, expect, it } from 'vitest';
import { catalogue, taxPercentAt } from '../../../cloud-stub/catalogue/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

describe('the catalogue', () => {
  it('names the source of every price', () => {
    for (const item of catalogue.items) {
      expect(item.facts.length, item.id).toBeGreaterThan(0);
      for (const fact of item.facts) expect(fact, item.id).toMatch(/^(S[0-4]-[0-9]{3}|A-[0-9]{2})$/);
    }
  });

  it('holds at most one price of an item at any moment', () => {
    for (const a of catalogue.items) {
      for (const b of catalogue.items) {
        if (a === b || a.id !== b.id) continue;
        const apart = (a.validUntil ?? Infinity) <= b.validFrom || (b.validUntil ?? Infinity) <= a.validFrom;
        expect(apart, a.id).toBe(true);
      }
    }
  });

  it('prices calls and fax in whole micro-yen and everything else in whole yen', () => {
    for (const item of catalogue.items) {
      expect(Number.isSafeInteger(item.priceMicroYen), item.id).toBe(true);
      if (item.kind !== 'usage') expect(Math.abs(item.priceMicroYen % 1_000_000), item.id).toBe(0);
      if (item.kind !== 'discount') expect(item.priceMicroYen, item.id).toBeGreaterThanOrEqual(0);
    }
  });

  it('gives every usage price a category and every other item none', () => {
    for (const item of catalogue.items) {
      const categories = item.call === undefined ? [item.usage] : Object.values(item.call.categories);
      const has = categories.some((category) => category !== undefined);
      expect(has, item.id).toBe(item.kind === 'usage');
    }
  });

  it('refers only to items that exist, in sets and relations', () => {
    const ids = new Set(catalogue.items.map((item) => item.id));
    for (const set of catalogue.sets) {
      for (const id of [...set.members, set.discountItem]) expect(ids.has(id), id).toBe(true);
    }
    for (const relation of catalogue.relations) {
      expect(ids.has(relation.item), relation.item).toBe(true);
      expect(ids.has(relation.other), relation.other).toBe(true);
    }
  });

  it('[S0-160] [A-60] closes every product on the 25th', () => {
    expect(catalogue.products.map((product) => product.closingDay)).toEqual([25, 25, 25, 25, 25]);
  });

  it('dates the consumption tax', () => {
    expect(taxPercentAt(catalogue, instant(japanMidnight(2019, 10, 1) - 1))).toBe(8);
    expect(taxPercentAt(catalogue, japanMidnight(2019, 10, 1))).toBe(10);
    expect(taxPercentAt(catalogue, japanMidnight(1990, 1, 1))).toBeUndefined();
  });
});
