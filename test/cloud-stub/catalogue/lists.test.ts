import { describe, expect, it } from 'vitest';
import { catalogue, deviceModels, itemAt } from '../../../cloud-stub/catalogue/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const of = (product: string) => catalogue.items.filter((item) => item.product === product);

describe('price lists as wholes', () => {
  it('forwarding from ring groups has prices from 2024-10-21 on, ex-tax [S1-006]', () => {
    const from = japanMidnight(2024, 10, 21);
    for (const item of of('groupForwarding')) {
      expect([item.id, item.taxBasis]).toEqual([item.id, 'exclusive']);
      expect(itemAt(catalogue, item.id, from)?.id).toBe(item.id);
      expect(itemAt(catalogue, item.id, instant(from - 1))).toBeUndefined();
    }
    expect(of('groupForwarding').length).toBeGreaterThan(3);
  });

  it('every amount of the toll-free service is ex-tax [S2-001]', () => {
    expect(of('calleePays').length).toBeGreaterThan(10);
    expect(of('calleePays').filter((item) => item.taxBasis !== 'exclusive')).toEqual([]);
  });

  it('desk phones are of two makers, both for sale today [S0-170]', () => {
    const today = japanMidnight(2026, 11, 22);
    const sold = deviceModels.filter(({ kind, soldUntil }) => kind === 'deskPhone' && soldUntil === null);
    expect(sold.map(({ model }) => model)).toEqual(['grandstream', 'panasonic']);
    for (const id of sold.flatMap(({ items }) => items)) expect(itemAt(catalogue, id, today)?.id).toBe(id);
  });
});
