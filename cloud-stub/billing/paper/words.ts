import { formatYen, type MicroYen } from '../../../lib/base/units.ts';

/** `12345.5` as `12,345.5`; written out so that no locale of the host has a say. */
export function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const withCommas = whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return fraction === undefined ? withCommas : `${withCommas}.${fraction}`;
}

/** `1,234円`; what is taken off has the sign that Japanese papers use: `△300円`. */
export function yenText(amount: number): string {
  return `${amount < 0 ? '△' : ''}${grouped(String(Math.abs(amount)))}円`;
}

/** Exact amounts with their parts of a yen. */
export function exactText(amount: MicroYen): string {
  const text = formatYen(amount);
  return text.startsWith('-') ? `△${grouped(text.slice(1))}円` : `${grouped(text)}円`;
}

/** `2026-12-25` as `2026年12月25日`. */
export function dayText(day: string): string {
  const [year, month, date] = day.split('-').map(Number);
  return `${year}年${month}月${date}日`;
}

/** `2026-12` as `2026年12月分`. */
export function monthText(period: string): string {
  const [year, month] = period.split('-').map(Number);
  return `${year}年${month}月分`;
}
