import type { Schedule } from '../config/settings.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/**
 * How long until a phone looks for its files by itself; undefined for never. A daily phone looks once in its window, at a
 * moment that `fraction` (0 to 1) draws, so that an office does not ask as one.
 */
export function untilNextFetchMs(
  schedule: Schedule,
  nowMs: number,
  zoneMinutes: number,
  fraction: number,
): number | undefined {
  switch (schedule.when) {
    case 'never':
      return undefined;
    case 'every':
      return schedule.minutes * MINUTE_MS;
    case 'daily': {
      const local = (((nowMs + zoneMinutes * MINUTE_MS) % DAY_MS) + DAY_MS) % DAY_MS;
      const spanMs = Math.max(0, schedule.toMinute - schedule.fromMinute) * MINUTE_MS;
      const due = schedule.fromMinute * MINUTE_MS + Math.floor(fraction * spanMs);
      const wait = due - local;
      return wait > 0 ? wait : wait + DAY_MS;
    }
  }
}
