import type { Instant } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { japanDate, japanDay, japanMidnight } from '../../lib/base/japan-time.ts';

/** A day of the week in Japan. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** Which days an interval is for: days of the week and public holidays, or single dates (special events, closures). */
export type DaySet =
  | { readonly days: readonly (Weekday | 'holiday')[] }
  /** `2026-12-30`, in Japan. They go before days of the week. [S0-116] */
  | { readonly dates: readonly string[] };

/** A piece of a day in Japan, in minutes after midnight. Past midnight is written as two intervals. */
export interface TimeTableInterval<Value> {
  readonly on: DaySet;
  /** 0…1439. */
  readonly fromMinute: number;
  /** Exclusive, 1…1440. */
  readonly untilMinute: number;
  readonly value: Value;
}

/** What holds when: business hours, breaks, holidays and special days in one shape. [S0-115] [S0-116] [S0-084] */
export interface TimeTable<Value> {
  readonly intervals: readonly TimeTableInterval<Value>[];
  /** `own`: on a public holiday only intervals for `holiday` hold. `asWeekday`: a holiday is as its day of the week. */
  readonly holidays: 'own' | 'asWeekday';
  /** Holds whenever no interval does. */
  readonly otherwise: Value;
}

/** Knows the public holidays of Japan by date (`2026-09-22`). */
export interface Holidays {
  isHoliday(date: string): boolean;
}

/** Why a time table cannot be as it is written. */
export interface TimeTableRefusal extends CodedError {
  readonly code: 'timeTable.minutes' | 'timeTable.date' | 'timeTable.overlap' | 'timeTable.noDays';
  readonly fault: 'caller';
  readonly facts: readonly string[];
}

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** The day of the week in Japan at a moment. */
export function weekdayAt(at: Instant): Weekday {
  const { year, month, day } = japanDay(at);
  return WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? 'sun';
}

/** Minutes since midnight in Japan, 0…1439. */
export function minuteAt(at: Instant): number {
  const MINUTE_MS = 60_000;
  const JAPAN_AHEAD_MINUTES = 540;
  return (((Math.floor(at / MINUTE_MS) + JAPAN_AHEAD_MINUTES) % 1_440) + 1_440) % 1_440;
}

/** What a time table says at a moment: a date's interval, else the weekday's or the holiday's, else `otherwise`. */
export function valueAt<Value>(table: TimeTable<Value>, at: Instant, holidays: Holidays): Value {
  return intervalAt(table, at, holidays)?.value ?? table.otherwise;
}

/** The interval that holds at a moment; undefined when `otherwise` does. */
export function intervalAt<Value>(
  table: TimeTable<Value>,
  at: Instant,
  holidays: Holidays,
): TimeTableInterval<Value> | undefined {
  const { intervals } = table;
  if (intervals.length === 0) return undefined;
  const minute = minuteAt(at);
  const { date, weekday } = dayOf(at);
  const day = table.holidays === 'own' && holidays.isHoliday(date) ? 'holiday' : weekday;
  let found: TimeTableInterval<Value> | undefined;
  for (const one of intervals) {
    if (minute < one.fromMinute || one.untilMinute <= minute) continue;
    if ('dates' in one.on) {
      if (one.on.dates.includes(date)) return one;
    } else if (found === undefined && one.on.days.includes(day)) found = one;
  }
  return found;
}

/** Date and day of the week in Japan. Calls come on the same day as the one before: the last answer is kept. */
function dayOf(at: Instant): LastDay {
  const DAY_MS = 86_400_000;
  if (at >= lastDay.from && at < lastDay.from + DAY_MS) return lastDay;
  const { year, month, day } = japanDay(at);
  lastDay = { from: japanMidnight(year, month, day), date: japanDate(at), weekday: weekdayAt(at) };
  return lastDay;
}

interface LastDay {
  /** Midnight in Japan. */
  readonly from: Instant;
  readonly date: string;
  readonly weekday: Weekday;
}

let lastDay: LastDay = { from: Number.NEGATIVE_INFINITY as Instant, date: '', weekday: 'sun' };

/** The table itself, or what is wrong with it: impossible times, or two intervals of one rank that contradict. */
export function checkTimeTable<Value>(table: TimeTable<Value>): Result<TimeTable<Value>, TimeTableRefusal> {
  for (const [index, one] of table.intervals.entries()) {
    const wrong = checkInterval(one, index);
    if (wrong !== undefined) return refuse(wrong);
    for (const [before, other] of table.intervals.slice(0, index).entries()) {
      const day = sharedDay(one.on, other.on);
      if (day === undefined || one.fromMinute >= other.untilMinute) continue;
      if (other.fromMinute >= one.untilMinute) continue;
      const say = `Intervals ${before + 1} and ${index + 1} both hold on ${day} at ${clock(Math.max(one.fromMinute, other.fromMinute))}; let them follow each other.`;
      return refuse(timeTableRefusal('timeTable.overlap', say));
    }
  }
  return ok(table);
}

function checkInterval(one: TimeTableInterval<unknown>, index: number): TimeTableRefusal | undefined {
  const { fromMinute: from, untilMinute: until } = one;
  const whole = Number.isInteger(from) && Number.isInteger(until);
  if (!whole || from < 0 || until > 1_440 || from >= until) {
    const say = `Interval ${index + 1} runs from minute ${from} until ${until}; it must begin before it ends, within one day (0 to 1440).`;
    return timeTableRefusal('timeTable.minutes', say);
  }
  const names: readonly string[] = 'dates' in one.on ? one.on.dates : one.on.days;
  if (names.length === 0) {
    return timeTableRefusal('timeTable.noDays', `Interval ${index + 1} names no day; name at least one.`);
  }
  const bad = 'dates' in one.on ? one.on.dates.find((date) => !DATE.test(date)) : undefined;
  if (bad === undefined) return undefined;
  const say = `Interval ${index + 1} names the date "${bad}"; write it as 2026-12-30.`;
  return timeTableRefusal('timeTable.date', say);
}

function sharedDay(one: DaySet, other: DaySet): string | undefined {
  if ('dates' in one)
    return 'dates' in other ? one.dates.find((date) => other.dates.includes(date)) : undefined;
  return 'days' in other ? one.days.find((day) => other.days.includes(day)) : undefined;
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

function timeTableRefusal(code: TimeTableRefusal['code'], say: string): TimeTableRefusal {
  return { code, fault: 'caller', facts: ['S0-115', 'S0-116'], say };
}
