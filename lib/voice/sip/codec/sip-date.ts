import { isDigits } from './text.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Whether it is an RFC 1123 date in GMT, the only form SIP has (RFC 3261 §20.17): `Sat, 13 Nov 2010 23:29:00 GMT`. */
export function checkDate(text: string): boolean {
  const [day, date, month, year, time, zone, ...more] = text.split(' ', 8);
  if (day === undefined || date === undefined || month === undefined || year === undefined) return false;
  if (!DAYS.includes(day.slice(0, 3)) || day.slice(3) !== ',' || !MONTHS.includes(month)) return false;
  if (!isDigits(date) || date.length !== 2 || !isDigits(year) || year.length !== 4) return false;
  const clock = time?.split(':', 4) ?? [];
  if (clock.length !== 3 || !clock.every((part) => part.length === 2 && isDigits(part))) return false;
  return zone === 'GMT' && more.length === 0;
}
