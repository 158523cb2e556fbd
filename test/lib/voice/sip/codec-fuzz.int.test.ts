import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What the child says it has seen. */
interface Outcome {
  readonly messages: {
    readonly systematic: number;
    readonly count: number;
    readonly seen: { readonly ok: number; readonly reject: number; readonly drop: number };
    readonly slowestMs: number;
  };
  readonly streams: { readonly message: number; readonly blank: number; readonly broken: number };
}

test('100,000 hostile messages and 20,000 hostile streams: nothing throws past the border, none takes 20 ms', () => {
  const child = ['--import', 'tsx', 'test/lib/voice/sip/codec-fuzz-child.ts'];
  const { messages, streams } = JSON.parse(
    execFileSync(process.execPath, child, { encoding: 'utf8', timeout: 100_000 }),
  ) as Outcome;
  expect(messages.count).toBe(100_000);
  expect(messages.systematic).toBeGreaterThan(10_000);
  expect(Math.min(...Object.values(messages.seen))).toBeGreaterThan(5_000);
  expect(Math.min(...Object.values(streams))).toBeGreaterThan(100);
  expect(messages.slowestMs).toBeLessThan(20);
}, 150_000);
