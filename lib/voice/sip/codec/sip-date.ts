import { isDigits } from './text.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Whether it is an RFC 1123 date in GMT, the only form SIP has (RFC 3261 §20.17): `Sat, 13 Nov 2010 23:29:00 GMT`. */
export function checkDate(text: string): boolean {
  return dateMs(text) !== undefined;
}

/** Such a date in ms since 1970. The name of the day is not compared with the date; a day that no month has is malformed. */
export function dateMs(text: string): number | undefined {
  const [day, date, month, year, time, zone, ...more] = text.split(' ', 8);
  if (day?.length !== 4 || !DAYS.includes(day.slice(0, 3)) || day.slice(3) !== ',') return undefined;
  const clock = time?.split(':', 4) ?? [];
  const [hour, minute, second] = clock.map((part) => digits(part, 2));
  const dayOfMonth = digits(date, 2);
  const yearNumber = digits(year, 4);
  const monthAt = MONTHS.indexOf(month ?? '');
  if (clock.length !== 3 || zone !== 'GMT' || more.length > 0 || monthAt < 0) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (dayOfMonth === undefined || yearNumber === undefined) return undefined;
  // 60 is a leap second.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const ms = Date.UTC(yearNumber, monthAt, dayOfMonth, hour, minute, second);
  const last = new Date(Date.UTC(yearNumber, monthAt + 1, 0)).getUTCDate();
  return dayOfMonth < 1 || dayOfMonth > last ? undefined : ms;
}

/** As it goes on the wire. */
export function writeDate(ms: number): string {
  return new Date(ms).toUTCString();
}

function digits(text: string | undefined, length: number): number | undefined {
  return text?.length === length && isDigits(text) ? Number(text) : undefined;
}
