import { expect, test } from 'vitest';
import { systemRandom } from '../../../lib/base/random.ts';

test('no two draws share bytes, however they lie in the pool', () => {
  const draws = Array.from({ length: 2_000 }, (_, at) => systemRandom.bytes(8 + (at % 17)));
  expect(new Set(draws.map((one) => one.subarray(0, 8).toString('hex'))).size).toBe(draws.length);
  expect(systemRandom.bytes(10_000)).toHaveLength(10_000);
  const first = draws[0] ?? Buffer.alloc(0);
  const before = first.toString('hex');
  draws[1]?.fill(0);
  expect(first.toString('hex')).toBe(before);
});

test('fractions lie in [0, 1)', () => {
  for (let at = 0; at < 5_000; at++) {
    const fraction = systemRandom.fraction();
    expect(fraction >= 0 && fraction < 1).toBe(true);
  }
});
