import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshBudget, looksLikeRtp, spend } from '../../../cloud-stub/media/rtp-guard.ts';

describe('the guard of a media port', () => {
  it('takes RTP version 2 of a sane size and nothing else', () => {
    expect(looksLikeRtp(Buffer.alloc(172, 0x80))).toBe(true);
    expect(looksLikeRtp(Buffer.alloc(11, 0x80))).toBe(false);
    expect(looksLikeRtp(Buffer.alloc(1_501, 0x80))).toBe(false);
    expect(looksLikeRtp(Buffer.from('INVITE sip:x@y SIP/2.0\r\n'))).toBe(false);
  });

  it('never lets more than the budget through in one second', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 400 }), (gapsMs) => {
        let budget = freshBudget;
        let nowMs = 0;
        const passed = new Map<number, number>();
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const spent = spend(budget, nowMs, 20);
          budget = spent.budget;
          const second = Math.floor(nowMs / 1_000);
          if (spent.allowed) passed.set(second, (passed.get(second) ?? 0) + 1);
        }
        expect(Math.max(0, ...passed.values())).toBeLessThanOrEqual(20);
      }),
    );
  });
});
