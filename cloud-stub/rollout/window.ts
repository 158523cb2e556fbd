import type { RestartWindow } from '../../lib/contract/update.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Japan is nine hours ahead of UTC all year. */
const JAPAN_AHEAD_MINUTES = 540;

/** Pure: whether a moment lies in a window of local time, or at most `leadMs` before it. */
export function inWindow(window: RestartWindow | null, leadMs: number, nowMs: number): boolean {
  if (window === null) return true;
  const lead = Math.min(Math.ceil(leadMs / MINUTE_MS), DAY_MINUTES);
  const length = wrapped(window.toMinute - window.fromMinute);
  // Equal ends are the whole day.
  if (length === 0 || length + lead >= DAY_MINUTES) return true;
  const minute = Math.floor(nowMs / MINUTE_MS) + JAPAN_AHEAD_MINUTES;
  return wrapped(minute - (window.fromMinute - lead)) < length + lead;
}

function wrapped(minutes: number): number {
  return ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
}
