import { describe, expect, it } from 'vitest';
import { judgeSource, latchTarget, openLatch } from '../../../../lib/voice/t38/udptl-latch.ts';

const ANNOUNCED = { host: '192.0.2.1', port: 4_000 };
const BEHIND_NAT = { host: '198.51.100.7', port: 61_000 };
const STRANGER = { host: '203.0.113.9', port: 5_060 };

describe('whose datagrams are believed', () => {
  it('sends to what was announced until something valid comes', () => {
    const verdict = judgeSource(openLatch(ANNOUNCED), BEHIND_NAT, false);
    expect(verdict.accept).toBe(false);
    expect(latchTarget(verdict.latch)).toEqual(ANNOUNCED);
  });

  it('follows the first valid source, and nobody else after it', () => {
    const first = judgeSource(openLatch(ANNOUNCED), BEHIND_NAT, true);
    expect(first.accept).toBe(true);
    expect(latchTarget(first.latch)).toEqual(BEHIND_NAT);
    const second = judgeSource(first.latch, STRANGER, true);
    expect(second.accept).toBe(false);
    expect(latchTarget(second.latch)).toEqual(BEHIND_NAT);
    expect(judgeSource(second.latch, BEHIND_NAT, true).accept).toBe(true);
  });

  it('lets the announced address take over from a stranger who was faster', () => {
    const taken = judgeSource(openLatch(ANNOUNCED), STRANGER, true);
    const back = judgeSource(taken.latch, ANNOUNCED, true);
    expect(back.accept).toBe(true);
    expect(latchTarget(back.latch)).toEqual(ANNOUNCED);
    expect(judgeSource(back.latch, STRANGER, true).accept).toBe(false);
  });
});
