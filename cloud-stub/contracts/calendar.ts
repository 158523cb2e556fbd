import holidayJp from '@holiday-jp/holiday_jp';
import { type Instant, instant } from '../../lib/base/clock.ts';
import { japanDate, japanDay, japanMidnight } from '../../lib/base/japan-time.ts';
import { type Holidays, minuteAt, weekdayAt } from './time-table.ts';

/** The calendar that orders and schedules go by. Law can change it: overrides go before the table. */
export interface Calendar extends Holidays {
  isBusinessDay(at: Instant): boolean;
}

/** What an operator may set. */
export interface CalendarSettings {
  /** By date: true makes it a holiday, false takes one away. */
  readonly overrides: Readonly<Record<string, boolean>>;
  /** Days on which nothing is done although they are no holidays: `12-29`. */
  readonly closedDays: readonly string[];
  /** Orders from this minute of the day on count for the next business day; the minute itself is late. */
  readonly cutOffMinute: number;
}

/** Mon–Fri without Japanese holidays and 12-29…01-03; orders from 15:00:00 count next day. */
export const defaultCalendar: CalendarSettings = {
  overrides: {},
  closedDays: ['12-29', '12-30', '12-31', '01-01', '01-02', '01-03'],
  cutOffMinute: 900,
};

/**
 * Japanese public holidays from the published table (1970–2050), looked up by the date in Japan: the package's own
 * function reads the host's time zone and is a day off on a machine in UTC.
 */
export function japanCalendar(settings: CalendarSettings = defaultCalendar): Calendar {
  const isHoliday = (date: string): boolean =>
    settings.overrides[date] ?? Object.hasOwn(holidayJp.holidays, date);
  return {
    isHoliday,
    isBusinessDay(at) {
      const day = weekdayAt(at);
      if (day === 'sat' || day === 'sun') return false;
      const date = japanDate(at);
      return !isHoliday(date) && !settings.closedDays.includes(date.slice(5));
    },
  };
}

/**
 * The beginning of the day on which something promised within `days` business days is due. An order counts from the
 * business day it comes in on, or from the next one when it comes at the cut-off or later, or on a day of rest.
 */
export function dueDay(
  orderedAt: Instant,
  days: number,
  calendar: Calendar,
  settings: Pick<CalendarSettings, 'cutOffMinute'> = defaultCalendar,
): Instant {
  const late = calendar.isBusinessDay(orderedAt) && minuteAt(orderedAt) >= settings.cutOffMinute;
  let day = nextBusinessDay(late ? addDays(orderedAt, 1) : addDays(orderedAt, 0), calendar);
  for (let done = 0; done < days; done += 1) day = nextBusinessDay(addDays(day, 1), calendar);
  return day;
}

/** Longer rests than this are a calendar gone wrong. */
const REST_DAYS_MOST = 60;

function nextBusinessDay(from: Instant, calendar: Calendar): Instant {
  for (let ahead = 0; ahead < REST_DAYS_MOST; ahead += 1) {
    const day = addDays(from, ahead);
    if (calendar.isBusinessDay(day)) return day;
  }
  return from;
}

/** Midnight in Japan of the day `days` after the one that holds `at`. */
export function addDays(at: Instant, days: number): Instant {
  const { year, month, day } = japanDay(at);
  return instant(japanMidnight(year, month, day + days));
}
