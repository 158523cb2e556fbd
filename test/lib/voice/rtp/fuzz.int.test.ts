import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** What the child says it has seen. */
interface Outcome {
  readonly messages: number;
  readonly descriptions: { readonly answered: number; readonly refused: number };
  readonly packets: { readonly taken: number };
  readonly reports: {
    readonly received: number;
    readonly malformed: number;
    readonly roundTripMs: number;
    readonly sent: number;
  };
}

it('100,000 mutated descriptions, RTP and RTCP packets each, plain and encrypted: nothing throws, none takes 20 ms', () => {
  const child = ['--import', 'tsx', 'test/lib/voice/rtp/media-fuzz-child.ts'];
  const { messages, descriptions, packets, reports } = JSON.parse(
    execFileSync(process.execPath, child, { encoding: 'utf8', timeout: 240_000 }),
  ) as Outcome;
  expect(messages).toBe(100_000);
  expect(Math.min(descriptions.answered, descriptions.refused)).toBeGreaterThan(12_000);
  expect(packets.taken).toBeGreaterThan(45_000);
  expect(reports.received).toBeGreaterThan(3_000);
  expect(reports.malformed).toBeGreaterThan(30_000);
  expect(reports.roundTripMs).toBeLessThan(10_000);
  // 500 s of time: a report each 2 to 7 s, whatever was said.
  expect(reports.sent).toBeGreaterThan(60);
  expect(reports.sent).toBeLessThan(260);
}, 250_000);
