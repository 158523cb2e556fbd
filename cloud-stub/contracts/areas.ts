import type { OriginArea } from './toll-free.ts';

/** Which areas lie in which: knowledge of the numbering room, handed in. */
export interface Areas {
  /** True when a caller of `inner` is a caller of `outer` as well. */
  covers(outer: OriginArea, inner: OriginArea): boolean;
  /** The prefecture of a charge area; undefined when it is not known. */
  prefectureOf(chargeArea: string): string | undefined;
}

/** True for one and the same area. */
export function sameArea(one: OriginArea, other: OriginArea): boolean {
  if (one.area === 'japan' || other.area === 'japan') return one.area === other.area;
  return one.area === other.area && one.name === other.name;
}

/** All that can be said without a map: Japan holds everything, and an area holds itself. */
export const mapless: Areas = {
  covers: (outer, inner) => outer.area === 'japan' || sameArea(outer, inner),
  prefectureOf: () => undefined,
};

/** For people: `東京都`. */
export function areaName(area: OriginArea): string {
  return area.area === 'japan' ? 'Japan' : area.name;
}
