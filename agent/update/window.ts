import type { RestartWindow } from '../../lib/contract/update.ts';

/** Japan has no summer time. */
const TOKYO_AHEAD_MS = 9 * 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** When a box restarts by itself that nobody has told when: from two to five at night. */
export const USUAL_WINDOW: RestartWindow = { fromMinute: 120, toMinute: 300 };

/** Minute of the day in Tokyo, 0 to 1439. */
export function minuteOfDay(wallMs: number): number {
  return Math.floor((wallMs + TOKYO_AHEAD_MS) / MINUTE_MS) % DAY_MINUTES;
}

/** Pure: whether the window is open. `from` after `to` goes over midnight; equal is the whole day. */
export function isOpen({ fromMinute, toMinute }: RestartWindow, wallMs: number): boolean {
  const minute = minuteOfDay(wallMs);
  if (fromMinute === toMinute) return true;
  return fromMinute < toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}

/** `02:00-05:00` */
export function sayWindow({ fromMinute, toMinute }: RestartWindow): string {
  return `${clockTime(fromMinute)}-${clockTime(toMinute)}`;
}

function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
