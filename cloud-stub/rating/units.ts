/** Units begun in `talkMs`: 180,000 ms of 180,000 are one, one millisecond more begins the second. */
export function startedUnits(talkMs: number, unitMs: number): number {
  return talkMs <= 0 ? 0 : Math.ceil(talkMs / unitMs);
}

/**
 * Units begun in the share `part / whole` of a time: 90 s of which 1 page in 3 counts are 30 s, one unit. The products
 * stay whole numbers, so that a share that ends exactly on a unit does not begin the next one.
 */
export function startedUnitsOfShare(talkMs: number, part: number, whole: number, unitMs: number): number {
  return part <= 0 || talkMs <= 0 ? 0 : Math.ceil((talkMs * part) / (whole * unitMs));
}
