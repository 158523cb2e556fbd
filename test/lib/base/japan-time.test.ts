import { describe, expect, it } from 'vitest';
import { instant } from '../../../lib/base/clock.ts';
import { japanDate, japanDateTime, japanDay, japanMidnight } from '../../../lib/base/japan-time.ts';

describe('time in Japan', () => {
  it('begins a day nine hours before UTC does', () => {
    expect(japanMidnight(2026, 12, 26)).toBe(Date.UTC(2026, 11, 25, 15));
  });

  it('changes the day at 15:00 UTC, whatever the host thinks', () => {
    expect(japanDate(instant(Date.UTC(2026, 11, 25, 14, 59, 59, 999)))).toBe('2026-12-25');
    expect(japanDate(instant(Date.UTC(2026, 11, 25, 15)))).toBe('2026-12-26');
    expect(japanDay(instant(Date.UTC(2026, 11, 31, 15)))).toEqual({ year: 2027, month: 1, day: 1 });
    expect(japanDateTime(instant(Date.UTC(2026, 0, 1, 0, 5, 9)))).toBe('2026-01-01 09:05:09');
  });

  it('rolls months over', () => {
    expect(japanMidnight(2026, 13, 1)).toBe(japanMidnight(2027, 1, 1));
    expect(japanMidnight(2026, 0, 26)).toBe(japanMidnight(2025, 12, 26));
  });
});
