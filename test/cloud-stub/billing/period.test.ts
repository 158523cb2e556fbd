import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodNamed, periodOf } from '../../../cloud-stub/billing/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const MS = 1;

describe('billing periods', () => {
  it('[S0-160] [S0-161] [A-23] run from the 26th to the 25th in Japan and bear the name of the closing month', () => {
    expect(periodNamed('2026-12')).toEqual({
      name: '2026-12',
      from: Date.UTC(2026, 10, 25, 15),
      until: Date.UTC(2026, 11, 25, 15),
      firstDay: '2026-11-26',
      closesOn: '2026-12-25',
    });
  });

  it('[S0-161] February runs from 26 January to 25 February', () => {
    expect(periodNamed('2027-02')).toMatchObject({ firstDay: '2027-01-26', closesOn: '2027-02-25' });
  });

  it('[A-23] change at midnight in Japan, to the millisecond', () => {
    const edge = japanMidnight(2026, 11, 26);
    expect(periodOf(instant(edge - MS)).name).toBe('2026-11');
    expect(periodOf(edge).name).toBe('2026-12');
    expect(periodOf(japanMidnight(2026, 12, 26)).name).toBe('2027-01');
    expect(periodOf(japanMidnight(2027, 1, 1)).name).toBe('2027-01');
  });

  it.each(['2026-13', '2026-00', '2026-1', '26-01', '', '2026-12-25', 'x'])('%j is no period', (name) => {
    expect(periodNamed(name)).toBeUndefined();
  });

  it('cover every moment exactly once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => {
        const period = periodOf(instant(ms));
        expect(period.from).toBeLessThanOrEqual(ms);
        expect(ms).toBeLessThan(period.until);
        expect(periodNamed(period.name)).toEqual(period);
        expect(periodOf(period.until).from).toBe(period.until);
      }),
    );
  });
});
