import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import {
  allowanceOf,
  type ChargedUsage,
  noAllowance,
  rate,
  rerate,
  tariffOf,
} from '../../../cloud-stub/rating/index.ts';
import type { Allowance, RatableCall } from '../../../cloud-stub/rating/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const tariff = tariffOf(catalogue);
const FROM = japanMidnight(2026, 11, 26);
const ID = 'id-000001-1';
const free = allowanceOf(catalogue, [{ item: 'option.tenMinutes', on: ID, from: FROM, until: null }]);
const order = { id: 'o-1', decidedAt: japanMidnight(2026, 12, 10), reason: 'telemarketing use' };

function charged(id: string, atMs: number, talkMs: number, allowance: Allowance): ChargedUsage {
  const usage: RatableCall = {
    kind: 'out',
    device: 'app',
    destination: 'mobile',
    answeredAt: instant(FROM + atMs),
    talkMs,
    id: ID,
  };
  const rating = rate(usage, tariff, allowance);
  if (!rating.ok) throw new Error(rating.say);
  return { id, usage, charge: rating.charge };
}

describe('rating again', () => {
  it('[A-08] [S0-095] writes what was free from its first second, as entries with before and after', () => {
    const uses = [charged('b', 2, 31_000, free), charged('a', 1, 600_000, free)];
    const { adjustments, unpriced } = rerate(uses, order, tariff, noAllowance);
    expect(unpriced).toEqual([]);
    expect(adjustments).toMatchObject([
      {
        id: 'o-1/a',
        reason: 'telemarketing use',
        before: { amount: 0 },
        after: { amount: 400_000_000 },
        differenceMicroYen: 400_000_000,
      },
      { id: 'o-1/b', before: { amount: 0 }, after: { amount: 40_000_000 }, usedAt: FROM + 2 },
    ]);
    expect(adjustments[0]?.trace.at(-1)).toEqual({
      rule: 'rerate.adjustment',
      facts: ['A-08'],
      say: 'telemarketing use: 0 yen before, 400 yen after',
    });
  });

  it('[A-08] leaves the charges themselves alone', () => {
    const uses = [charged('a', 1, 600_000, free)];
    const before = JSON.stringify(uses);
    rerate(uses, order, tariff, noAllowance);
    expect(JSON.stringify(uses)).toBe(before);
  });

  it('finds nothing where nothing changes, and nothing more the second time', () => {
    const uses = [charged('a', 1, 600_000, free), charged('b', 2, 700_000, free)];
    expect(rerate(uses, order, tariff, free).adjustments).toEqual([]);
    const { adjustments } = rerate(uses, order, tariff, noAllowance);
    const adjusted = uses.map((use) => ({
      ...use,
      charge: adjustments.find((one) => one.use === use.id)?.after ?? use.charge,
    }));
    expect(rerate(adjusted, order, tariff, noAllowance).adjustments).toEqual([]);
  });

  it('names what the new terms have no price for, and adjusts nothing of it', () => {
    const uses = [charged('a', 1, 600_000, free)];
    const result = rerate(uses, order, { name: 'empty', prices: [] }, noAllowance);
    expect(result.adjustments).toEqual([]);
    expect(result.unpriced).toMatchObject([{ use: 'a' }]);
  });

  it('charge and differences add up to the new charge, in any order of arrival', () => {
    const calls = fc.array(
      fc.record({ at: fc.nat(1_000_000), talkMs: fc.integer({ min: 1, max: 2_000_000 }) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(calls, (list) => {
        const uses = list.map(({ at, talkMs }, n) => charged(`u${n}`, at, talkMs, free));
        const { adjustments } = rerate(uses, order, tariff, noAllowance);
        const before = uses.reduce((sum, use) => sum + use.charge.amount, 0);
        const difference = adjustments.reduce((sum, one) => sum + one.differenceMicroYen, 0);
        const after = uses.reduce((sum, use) => {
          const rating = rate(use.usage, tariff);
          return sum + (rating.ok ? rating.charge.amount : Number.NaN);
        }, 0);
        expect(before + difference).toBe(after);
        expect(rerate([...uses].reverse(), order, tariff, noAllowance).adjustments).toEqual(adjustments);
      }),
      { numRuns: 60 },
    );
  });
});
