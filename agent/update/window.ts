import type { RestartWindow } from '../../lib/contract/update.ts';

/** Japan has no summer time. */
const TOKYO_AHEAD_MS = 9 * 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** When a box restarts by itself that nobody has told when: from two to five at night. */
export const USUAL_WINDOW: RestartWindow = { fromMinute: 120, toMinute: 300 };

/** A box that nobody tells the time does without it after so long, */
const BLIND_MS = 24 * 3_600_000;
/** once nobody has talked for so long: no office hours are as quiet, and every night is. */
const QUIET_MS = 6 * 3_600_000;

/** Monotonic: since when a restart waits for the time, and since when nobody talks. */
export interface Blind {
  readonly sinceMs: number;
  readonly quietMs: number;
}

/** Pure: what a look makes of it; null while the time is known. */
export function stepBlind(
  blind: Blind | null,
  { wallMs, calls }: { readonly wallMs: number | null; readonly calls: boolean },
  nowMs: number,
): Blind | null {
  if (wallMs !== null) return null;
  const { sinceMs, quietMs } = blind ?? { sinceMs: nowMs, quietMs: nowMs };
  return { sinceMs, quietMs: calls ? nowMs : quietMs };
}

/** Pure: whether the box may restart without the time. */
export function mayGoBlind(blind: Blind | null, nowMs: number): boolean {
  return blind !== null && nowMs - blind.sinceMs >= BLIND_MS && nowMs - blind.quietMs >= QUIET_MS;
}

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
