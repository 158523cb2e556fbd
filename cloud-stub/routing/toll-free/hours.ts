import type { Instant } from '../../../lib/base/clock.ts';
import { type AnswerGroup, type Holidays, type TollFreeNumber, valueAt } from '../../contracts/index.ts';

/** What a group would do at one moment; everything goes by one reading of the clock. */
export interface Opening {
  /** Numbers of the group that are open, in its order. */
  readonly sources: readonly string[];
  /** Detour targets that are open, in their order; none beside percentages. [S2-042] */
  readonly detour: readonly string[];
  /** The destination is changed now; null: it is not. [S2-034] */
  readonly changedTo: readonly string[] | null;
  /** The group has detour targets at all. */
  readonly hasDetour: boolean;
}

/**
 * What of a group is open. An answer number is closed by its own hours alone, and only while the number has after-hours
 * guidance: hours without that function mean nothing. [S2-035] [S2-043]
 */
export function openingOf(
  setting: TollFreeNumber,
  group: AnswerGroup,
  now: Instant,
  holidays: Holidays,
): Opening {
  const targets = group.distribution.by === 'percentage' ? [] : group.busyDetour;
  const table = group.destinationChange;
  const changed = table === null ? null : valueAt(table, now, holidays);
  return {
    sources: group.numbers.filter((number) => opens(setting, number, now, holidays)),
    detour: targets.filter(
      (number) => !group.numbers.includes(number) && opens(setting, number, now, holidays),
    ),
    changedTo: changed === null || changed.length === 0 ? null : changed,
    hasDetour: targets.length > 0,
  };
}

/** Whether an answer number is open at a moment. [S2-035] */
function opens(setting: TollFreeNumber, number: string, now: Instant, holidays: Holidays): boolean {
  if (!setting.guidance.afterHours) return true;
  const hours = setting.answerNumbers.find((one) => one.number === number)?.hours ?? null;
  return hours === null || valueAt(hours, now, holidays) === 'open';
}
