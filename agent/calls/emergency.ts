import { parseAdoptable } from './adoptable.ts';
import type { LegStart, UnfinishedLeg } from './journal.ts';
import type { Adoptable, OfficeState } from './model.ts';
import { isEmergencyNumber } from './numbering.ts';

/** An emergency call that is up or on its way: nothing is restarted or reconfigured under it (decision 11). */
export function emergencyUp({ legs }: Pick<OfficeState, 'legs'>): boolean {
  return [...legs.values()].some(({ emergency }) => emergency);
}

/** Whether a call that an earlier run left was an emergency call. */
export function wasEmergency({ direction, to }: LegStart, kept: Adoptable): boolean {
  if (kept.emergency === true) return true;
  // Rows of a program that did not write it down are known by their number; a colleague elsewhere may have it as an extension.
  return direction === 'out' && kept.free !== true && isEmergencyNumber(to);
}

/** Among the calls that an earlier run left, and that may go on as soon as they are taken up, is an emergency call. */
export function leftEmergency(unfinished: readonly UnfinishedLeg[]): boolean {
  return unfinished.some(({ start, kept }) => {
    const parsed = parseAdoptable(kept);
    return parsed !== undefined && wasEmergency(start, parsed);
  });
}
