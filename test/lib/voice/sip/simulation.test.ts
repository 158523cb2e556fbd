import { expect, test } from 'vitest';
import { drillSip } from '../../../../scripts/drills/sip-calls.ts';

/** `scripts/drill sip --seed N` shows one of them alone. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

test.each(SEEDS)(
  'calls over a network that loses, doubles, delays, reorders and translates: seed %i leaves nothing behind, and both ends agree',
  async (seed) => {
    const { trouble, answered } = await drillSip(seed, 12);
    expect(trouble).toEqual([]);
    expect(answered).toBeGreaterThan(0);
  },
);
