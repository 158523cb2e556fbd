import type { Clock } from '../../lib/base/clock.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';

/**
 * No call is older than this program. A box without a battery begins at 1970, or at the day its system was made, until it
 * has heard the time from the network; until then its wall clock shows an earlier moment than this one.
 */
const OLDEST_MS = Date.UTC(2026, 0, 1);

/** Whether the box can know the time: its clock shows a moment at which this program existed. */
export function knowsTime(clock: Clock): boolean {
  return clock.now() >= OLDEST_MS;
}

/**
 * The monotonic clock at a moment of the wall clock that has just been, and whether the wall clock was right then. With it
 * the service puts right what was written before the box knew the time.
 */
export function clockMark(clock: Clock, at: number): NonNullable<BoxRecord['clock']> {
  const now = clock.now();
  // What lies further back than a start takes was written by another clock: then the moment is this one.
  const agoMs = now >= at && now - at < LONGEST_AGO_MS ? now - at : 0;
  const set = at >= OLDEST_MS && (clock.trusted?.() ?? true);
  return { upMs: Math.max(0, Math.round(clock.monotonicMs() - agoMs)), set };
}

const LONGEST_AGO_MS = 60_000;
