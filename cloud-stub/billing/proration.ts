import type { Instant } from '../../lib/base/clock.ts';
import type { Period } from './period.ts';

const DAY_MS = 86_400_000;
const JAPAN_AHEAD_MS = 9 * 3_600_000;

/** Days in Japan on which something was held in a period, and how many the period has: 28 to 31. */
export function daysIn(
  period: Pick<Period, 'from' | 'until'>,
  held: { readonly from: Instant; readonly until: Instant | null },
): { readonly held: number; readonly of: number } {
  const from = Math.max(period.from, held.from);
  const until = Math.min(period.until, held.until ?? period.until);
  const days = until <= from ? 0 : dayOf(until - 1) - dayOf(from) + 1;
  return { held: days, of: dayOf(period.until - 1) - dayOf(period.from) + 1 };
}

function dayOf(at: number): number {
  return Math.floor((at + JAPAN_AHEAD_MS) / DAY_MS);
}
