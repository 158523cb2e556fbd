import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCalendar, dueDay, japanCalendar } from '../../../cloud-stub/contracts/calendar.ts';
import { OFFICE_HOURS } from '../../../cloud-stub/contracts/features.ts';
import {
  checkTimeTable,
  minuteAt,
  type TimeTable,
  valueAt,
  weekdayAt,
} from '../../../cloud-stub/contracts/time-table.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { japanDate, japanMidnight } from '../../../lib/base/japan-time.ts';

const calendar = japanCalendar();
const HOUR_MS = 3_600_000;

/** A moment in Japan. */
function at(month: number, day: number, hour = 0, minute = 0, year = 2026): Instant {
  return instant(japanMidnight(year, month, day) + hour * HOUR_MS + minute * 60_000);
}

describe('the calendar of Japan', () => {
  it('knows the bridge holiday of 2026, by the date in Japan', () => {
    expect(calendar.isHoliday('2026-09-21')).toBe(true);
    expect(calendar.isHoliday('2026-09-22')).toBe(true);
    expect(calendar.isHoliday('2026-09-24')).toBe(false);
    // 15:00 UTC of the 11th is the 12th in Japan: Coming of Age Day.
    expect(calendar.isBusinessDay(instant(Date.UTC(2026, 0, 11, 15)))).toBe(false);
    expect(calendar.isBusinessDay(instant(Date.UTC(2026, 0, 12, 15)))).toBe(true);
  });

  it('[A-26] rests on Saturdays, Sundays, holidays and from 12-29 to 01-03', () => {
    const rest = (month: number, day: number): boolean => !calendar.isBusinessDay(at(month, day, 12));
    expect([28, 29, 30, 31].map((day) => rest(12, day))).toEqual([false, true, true, true]);
    expect([1, 2, 3, 4, 5].map((day) => !calendar.isBusinessDay(at(1, day, 12, 0, 2028)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect([20, 21, 22, 23, 24].map((day) => rest(11, day))).toEqual([false, true, true, true, false]);
  });

  it('obeys overrides per date', () => {
    const other = japanCalendar({
      ...defaultCalendar,
      overrides: { '2026-11-24': true, '2026-11-23': false },
    });
    expect(other.isBusinessDay(at(11, 24))).toBe(false);
    expect(other.isBusinessDay(at(11, 23))).toBe(true);
  });

  it.each([
    ['14:59:59 on Monday', at(11, 16, 14, 59), 2, '2026-11-18'],
    ['[A-66] 15:00:00 on Monday: the next day', at(11, 16, 15), 2, '2026-11-19'],
    ['[A-26] Friday: the weekend and the holiday of the 23rd are left out', at(11, 20, 10), 2, '2026-11-25'],
    ['[A-26] Saturday evening counts from the next business day', at(11, 14, 20), 2, '2026-11-18'],
    ['[S0-187] 12 business days', at(11, 16, 10), 12, '2026-12-03'],
    ['[S0-188] 20 business days', at(11, 16, 10), 20, '2026-12-15'],
    ['over the new year', at(12, 28, 16), 2, '2027-01-06'],
    ['no days: the business day itself', at(11, 16, 10), 0, '2026-11-16'],
  ])('counts from %s', (_name, ordered, days, due) => {
    expect(japanDate(dueDay(ordered, days, calendar))).toBe(due);
  });

  it('[A-26] has its cut-off as a setting', () => {
    expect(japanDate(dueDay(at(11, 16, 15), 2, calendar, { cutOffMinute: 1_080 }))).toBe('2026-11-18');
  });

  it('never promises a day of rest, and never the past', () => {
    fc.assert(
      fc.property(fc.integer({ min: at(1, 1), max: at(12, 31) }), fc.nat({ max: 20 }), (ordered, days) => {
        const due = dueDay(instant(ordered), days, calendar);
        expect(calendar.isBusinessDay(due)).toBe(true);
        expect(due).toBeGreaterThan(ordered - 24 * HOUR_MS);
      }),
    );
  });
});

describe('a time table', () => {
  const table: TimeTable<string> = {
    intervals: [
      { on: { days: ['mon', 'tue', 'wed', 'thu', 'fri'] }, fromMinute: 540, untilMinute: 720, value: 'open' },
      {
        on: { days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
        fromMinute: 780,
        untilMinute: 1_080,
        value: 'open',
      },
      { on: { days: ['holiday'] }, fromMinute: 600, untilMinute: 660, value: 'holiday duty' },
      { on: { dates: ['2026-11-16'] }, fromMinute: 0, untilMinute: 1_440, value: 'foundation day' },
    ],
    holidays: 'own',
    otherwise: 'closed',
  };

  it('[S0-115] is open in business hours, closed outside them and at weekends', () => {
    const hours = [
      [17, 8, 59],
      [17, 9, 0],
      [17, 17, 59],
      [17, 18, 0],
      [21, 10, 0],
      [22, 10, 0],
    ] as const;
    expect(
      hours.map(([day, hour, minute]) => valueAt(OFFICE_HOURS, at(11, day, hour, minute), calendar)),
    ).toEqual(['closed', 'open', 'open', 'closed', 'closed', 'closed']);
  });

  it('[S0-115] has hours of its own on holidays, or those of the weekday', () => {
    expect(valueAt(table, at(11, 23, 10, 30), calendar)).toBe('holiday duty');
    expect(valueAt(table, at(11, 23, 14), calendar)).toBe('closed');
    expect(valueAt({ ...table, holidays: 'asWeekday' }, at(11, 23, 14), calendar)).toBe('open');
  });

  it('[S0-116] leaves out breaks, and lets special days go before days of the week', () => {
    expect(valueAt(table, at(11, 17, 12, 30), calendar)).toBe('closed');
    expect(valueAt(table, at(11, 16, 12, 30), calendar)).toBe('foundation day');
  });

  it.each([
    [
      'backwards',
      { on: { days: ['mon' as const] }, fromMinute: 600, untilMinute: 600, value: 'x' },
      'timeTable.minutes',
    ],
    [
      'past midnight',
      { on: { days: ['mon' as const] }, fromMinute: 600, untilMinute: 1_441, value: 'x' },
      'timeTable.minutes',
    ],
    [
      'before midnight',
      { on: { days: ['mon' as const] }, fromMinute: -1, untilMinute: 60, value: 'x' },
      'timeTable.minutes',
    ],
    [
      'half minutes',
      { on: { days: ['mon' as const] }, fromMinute: 0.5, untilMinute: 60, value: 'x' },
      'timeTable.minutes',
    ],
    ['no day', { on: { days: [] }, fromMinute: 0, untilMinute: 60, value: 'x' }, 'timeTable.noDays'],
    [
      'no date',
      { on: { dates: ['16 November'] }, fromMinute: 0, untilMinute: 60, value: 'x' },
      'timeTable.date',
    ],
    [
      'overlap',
      { on: { days: ['fri' as const] }, fromMinute: 719, untilMinute: 730, value: 'x' },
      'timeTable.overlap',
    ],
    [
      'overlap of dates',
      { on: { dates: ['2026-11-16'] }, fromMinute: 5, untilMinute: 6, value: 'x' },
      'timeTable.overlap',
    ],
  ])('is refused when it is impossible or contradicts itself: %s', (_name, interval, code) => {
    const checked = checkTimeTable({ ...table, intervals: [...table.intervals, interval] });
    expect(checked).toMatchObject({ ok: false, error: { code } });
  });

  it('may have intervals that touch', () => {
    const next = { on: { days: ['fri' as const] }, fromMinute: 720, untilMinute: 780, value: 'break' };
    expect(checkTimeTable({ ...table, intervals: [...table.intervals, next] }).ok).toBe(true);
  });

  it('reads the clock of Japan wherever it runs', () => {
    expect(weekdayAt(at(11, 16))).toBe('mon');
    expect(weekdayAt(instant(at(11, 16) - 1))).toBe('sun');
    expect(minuteAt(at(11, 16, 23, 59))).toBe(1_439);
    expect(minuteAt(instant(-1))).toBe(539);
  });
});
