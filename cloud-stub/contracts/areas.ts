import type { OriginArea } from './toll-free.ts';

/** Which areas lie in which: the numbering room's map. */
export interface Areas {
  /** False for a name that is in no data file. */
  known(area: OriginArea): boolean;
  /** True when some caller belongs to both. [S2-040] */
  overlaps(one: OriginArea, other: OriginArea): boolean;
  /** The prefecture of a charge area; undefined when it is not known. */
  prefectureOf(chargeArea: string): string | undefined;
}

/** For people: `東京都`. */
export function areaName(area: OriginArea): string {
  return area.area === 'japan' ? 'Japan' : area.name;
}
