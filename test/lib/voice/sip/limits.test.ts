import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../../lib/voice/sip/registration/backoff.ts';
import { TokenBuckets } from '../../../../lib/voice/sip/transport/token-bucket.ts';

describe('token buckets', () => {
  test('a source has its burst, then its rate, and does not touch another’s', () => {
    const buckets = new TokenBuckets(10, 5);
    const taken = (source: string, nowMs: number, times: number): number =>
      Array.from({ length: times }, () => buckets.take(source, nowMs)).filter(Boolean).length;
    expect(taken('a', 0, 20)).toBe(5);
    expect(taken('a', 100, 20)).toBe(1);
    expect(taken('b', 100, 20)).toBe(5);
    expect(taken('a', 60_000, 20)).toBe(5);
  });

  test('never more than rate and burst allow, whenever it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 300 }), (gaps) => {
        const buckets = new TokenBuckets(100, 10);
        let nowMs = 0;
        let taken = 0;
        for (const gap of gaps) {
          nowMs += gap;
          if (buckets.take('a', nowMs)) taken++;
        }
        expect(taken).toBeLessThanOrEqual(10 + nowMs / 10 + 1e-6);
      }),
    );
  });

  test('a flood of sources is not remembered without end', () => {
    const buckets = new TokenBuckets(10, 5);
    for (let at = 0; at < 10_000; at++) buckets.take(`source ${at}`, at);
    expect(buckets.size).toBe(4_096);
  });
});

test('retries: full jitter under a ceiling from 1 s to 60 s, never at once', () => {
  expect([0, 1, 3, 6, 50].map((failures) => backoffMs(failures, 0.999_999))).toEqual([
    1_000, 2_000, 8_000, 60_000, 60_000,
  ]);
  expect(backoffMs(9, 0)).toBe(100);
  expect(backoffMs(3, 0.5)).toBe(4_000);
});
