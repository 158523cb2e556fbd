import { type Instant, instant } from '../../lib/base/clock.ts';
import { japanDate, japanDay, japanMidnight } from '../../lib/base/japan-time.ts';

/** The first day of a period: the day after closing day. [S0-160] */
const FIRST_DAY = 26;
const NAME = /^([0-9]{4})-(0[1-9]|1[0-2])$/;

/** One billing period: `[26th 00:00, next 26th 00:00)` in Japan, named by the month in which it closes. [S0-161] */
export interface Period {
  /** `2026-12` closes on 2026-12-25. */
  readonly name: string;
  readonly from: Instant;
  /** Exclusive. */
  readonly until: Instant;
  /** First day, in Japan. */
  readonly firstDay: string;
  /** Last day, in Japan. */
  readonly closesOn: string;
}

/** The period that a moment belongs to; an application on the 26th is in the next one. [A-23] [S0-163] */
export function periodOf(at: Instant): Period {
  const { year, month, day } = japanDay(at);
  return closingIn(year, day >= FIRST_DAY ? month + 1 : month);
}

/** The period of that name; undefined when the name is not `YYYY-MM`. */
export function periodNamed(name: string): Period | undefined {
  const found = NAME.exec(name);
  return found === null ? undefined : closingIn(Number(found[1]), Number(found[2]));
}

/** The period so many months later, or earlier. */
export function periodAfter(period: Pick<Period, 'closesOn'>, months: number): Period {
  return closingIn(Number(period.closesOn.slice(0, 4)), Number(period.closesOn.slice(5, 7)) + months);
}

/** True when a moment lies inside a period. */
export function inPeriod(period: Pick<Period, 'from' | 'until'>, at: Instant): boolean {
  return period.from <= at && at < period.until;
}

/** From the 26th of the month before to the 25th. [S0-161] */
function closingIn(year: number, month: number): Period {
  const from = japanMidnight(year, month - 1, FIRST_DAY);
  const until = japanMidnight(year, month, FIRST_DAY);
  const closesOn = japanDate(instant(until - 1));
  return { name: closesOn.slice(0, 7), from, until, firstDay: japanDate(from), closesOn };
}
