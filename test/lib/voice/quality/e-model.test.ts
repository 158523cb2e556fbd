import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BurstMeter } from '../../../../lib/voice/quality/burst.ts';
import { mosOf, ratingOf } from '../../../../lib/voice/quality/e-model.ts';

const rating = (delayMs: number, lossFraction = 0, burstRatio = 1): number =>
  ratingOf({ delayMs, lossFraction, burstRatio });

describe('the E-model (ITU-T G.107)', () => {
  it('is 93.2 with all its defaults, and MOS 4.41', () => {
    expect(rating(0)).toBeCloseTo(93.2, 1);
    expect(mosOf(rating(0))).toBeCloseTo(4.41, 2);
  });

  it('the scale of annex B', () => {
    expect(mosOf(90)).toBeCloseTo(4.34, 2);
    expect(mosOf(80)).toBeCloseTo(4.03, 1);
    expect(mosOf(70)).toBeCloseTo(3.6, 2);
    expect(mosOf(60)).toBeCloseTo(3.1, 2);
    expect(mosOf(50)).toBeCloseTo(2.58, 2);
    expect([mosOf(-5), mosOf(0), mosOf(100), mosOf(120)]).toEqual([1, 1, 4.5, 4.5]);
  });

  it('loss weighs as G.113 has it for G.711 with concealment: Ie-eff 95·p/(p + 25.1)', () => {
    for (const percent of [1, 2, 5, 10]) {
      expect(rating(0) - rating(0, percent / 100)).toBeCloseTo((95 * percent) / (percent + 25.1), 6);
    }
    expect(rating(0, 0.05, 2)).toBeLessThan(rating(0, 0.05, 1));
  });

  it('delay is free up to 150 ms or nearly so, and dear behind that', () => {
    expect(rating(0) - rating(150)).toBeLessThan(4);
    expect(rating(150) - rating(300)).toBeGreaterThan(14);
    expect(rating(400)).toBeGreaterThan(55);
  });

  it('more of anything bad is never better, whatever is measured', () => {
    const ms = fc.double({ min: 0, max: 20_000, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(ms, share, fc.double({ min: 0, max: 100, noNaN: true }), (delayMs, loss, burst) => {
        const here = rating(delayMs, loss, burst);
        expect(here).toBeGreaterThanOrEqual(0);
        expect(here).toBeLessThanOrEqual(93.3);
        expect(rating(delayMs + 50, loss, burst)).toBeLessThanOrEqual(here + 0.01);
        expect(rating(delayMs, Math.min(1, loss + 0.01), burst)).toBeLessThanOrEqual(here + 1e-9);
        expect(mosOf(here)).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('bursts and gaps (RFC 3611)', () => {
  const meter = (text: string): BurstMeter => {
    const made = new BurstMeter();
    for (const char of text) made.note(char === '.');
    return made;
  };

  it('a single loss is none; two within 16 packets are one', () => {
    expect(meter(`${'.'.repeat(50)}x${'.'.repeat(50)}`).figures).toMatchObject({
      burstPackets: 0,
      burstRatio: 1,
    });
    const two = meter(`${'.'.repeat(50)}x...x${'.'.repeat(50)}`).figures;
    expect(two).toMatchObject({ burstPackets: 5, burstDensity: 0.4, gapDensity: 0 });
    const apart = meter(`${'.'.repeat(50)}x${'.'.repeat(16)}x${'.'.repeat(50)}`).figures;
    expect(apart).toMatchObject({ burstPackets: 0, burstDensity: 0 });
    expect(apart.gapDensity).toBeGreaterThan(0);
  });

  it('a burst that goes on is counted, and nothing divides by nothing', () => {
    expect(meter('.....xxxx').figures).toMatchObject({ burstPackets: 4, burstDensity: 1 });
    expect(meter('').figures).toMatchObject({ burstDensity: 0, gapDensity: 0, burstRatio: 1 });
    expect(meter('xxx').figures.burstRatio).toBe(1);
  });
});
