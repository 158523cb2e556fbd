import { type Instant, instant } from './clock.ts';

/** Japan is nine hours ahead of UTC all year; it has no summer time. The host's time zone is never asked. */
const JAPAN_AHEAD_MS = 9 * 3_600_000;

/** A day on the calendar in Japan; `month` counts from 1. */
export interface JapanDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The moment at which a day begins in Japan. Months and days beyond the calendar roll over (month 13 = January). */
export function japanMidnight(year: number, month: number, day: number): Instant {
  return instant(Date.UTC(year, month - 1, day) - JAPAN_AHEAD_MS);
}

/** The day in Japan at a moment. */
export function japanDay(at: Instant): JapanDay {
  const shifted = new Date(at + JAPAN_AHEAD_MS);
  return { year: shifted.getUTCFullYear(), month: shifted.getUTCMonth() + 1, day: shifted.getUTCDate() };
}

/** `2026-12-25` in Japan. */
export function japanDate(at: Instant): string {
  return new Date(at + JAPAN_AHEAD_MS).toISOString().slice(0, 10);
}

/** `2026-12-25 13:05:09` in Japan. */
export function japanDateTime(at: Instant): string {
  return new Date(at + JAPAN_AHEAD_MS).toISOString().slice(0, 19).replace('T', ' ');
}
