import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What the child says it has seen. */
interface Outcome {
  readonly received: number;
  readonly rejected: number;
  readonly dropped: number;
  /** Numbers of messages that took over 20 ms of the processor. */
  readonly slow: readonly number[];
  readonly left: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

const run = (): Outcome =>
  JSON.parse(
    execFileSync(process.execPath, ['--import', 'tsx', 'test/lib/voice/sip/transport-fuzz-child.ts'], {
      encoding: 'utf8',
      timeout: 240_000,
    }),
  ) as Outcome;

test('100,000 hostile datagrams to a user agent with calls up: nothing throws, none takes 20 ms, nothing is left', () => {
  const { received, rejected, dropped, slow, left, figures } = run();
  expect(received).toBeGreaterThanOrEqual(100_000);
  expect(Math.min(rejected, dropped)).toBeGreaterThan(20_000);
  expect(left).toEqual([]);
  expect(Object.values(figures).filter((count) => count !== 0)).toEqual([]);
  // Memory may have been cleared up just then: a message that is slow is slow again.
  if (slow.length > 0) expect(run().slow.filter((number) => slow.includes(number))).toEqual([]);
}, 500_000);
