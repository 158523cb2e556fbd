import { expect, it } from 'vitest';
import { inTurns } from '../../../cloud-stub/sync/in-turns.ts';

it('does a few at once, begins them in order, and answers in order however long each takes', async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const done = inTurns([0, 1, 2, 3, 4, 5, 6], 3, async (one) => {
    begun.push(one);
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
    return `answer ${one}`;
  });
  while (begun.length < 7 || running > 0) {
    // The last that was begun ends first.
    ends.pop()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await done).toEqual([0, 1, 2, 3, 4, 5, 6].map((one) => `answer ${one}`));
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(3);
});

it('begins nothing more after a failure, and lets what runs end', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const done = inTurns([0, 1, 2, 3, 4], 2, async (one) => {
    begun.push(one);
    await new Promise((resolve) => setImmediate(resolve));
    if (one === 0) throw new Error('the database went away');
    ended.push(one);
  });
  await expect(done).rejects.toThrow('the database went away');
  expect(begun.length).toBeLessThan(5);
  expect(ended).toEqual(begun.slice(1));
  expect(await inTurns([], 4, async () => 1)).toEqual([]);
});
