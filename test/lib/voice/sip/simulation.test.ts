import { expect, test } from 'vitest';
import { drillSip } from '../../../../scripts/drills/sip-calls.ts';

/** Two of each shape: direct, over a B2BUA (twice as many), forked, registered. `scripts/drill sip --seed N` shows one alone. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;

test.each(SEEDS)(
  'calls over a network that loses, doubles, delays, reorders and translates: seed %i leaves nothing behind, and both ends agree',
  async (seed) => {
    const { trouble, answered } = await drillSip(seed, 15);
    expect(trouble).toEqual([]);
    expect(answered).toBeGreaterThan(0);
  },
  60_000,
);
