import type { Geography } from './geography.ts';
import type { NumberOrigin, Side } from './geography-types.ts';

/** An area that callers are in, by the names of the data files; a region is one of the eight, or a {@link SIDES} name. [S2-021] */
export type Area =
  | { readonly area: 'japan' }
  | { readonly area: 'region'; readonly name: string }
  | { readonly area: 'prefecture'; readonly name: string }
  | { readonly area: 'chargeArea'; readonly name: string };

/** Japan in two halves, as regions: the prefectures of NTT East and those of NTT West. [S2-020] */
export const SIDES: Readonly<Record<Side, string>> = { east: '東日本', west: '西日本' };

/** What is known of a caller's place: all of it, a prefecture alone, or nothing. */
export interface Place {
  readonly chargeArea: string | null;
  readonly prefecture: string | null;
}

/** Which areas lie in which. */
export class AreaMap {
  readonly #geography: Geography;
  /** Charge areas by area; made when first asked for. */
  readonly #members = new Map<string, ReadonlySet<string>>();

  constructor(geography: Geography) {
    this.#geography = geography;
  }

  /** The eight regions in the order of the prefectures' codes, then 東日本 and 西日本. */
  get regions(): readonly string[] {
    const eight = [...this.#geography.prefectures.values()].map((one) => one.region);
    return [...new Set([...eight, SIDES.east, SIDES.west])];
  }

  /** False for a name that is in no data file: `東京` is no prefecture, `東京都` is. */
  known(area: Area): boolean {
    return this.members(area).size > 0;
  }

  /** The charge areas in an area; none for an unknown name. */
  members(area: Area): ReadonlySet<string> {
    const key = area.area === 'japan' ? 'japan' : `${area.area}:${area.name}`;
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    const made = new Set(
      [...this.#geography.chargeAreas.values()]
        .filter((one) => this.holds(area, { chargeArea: one.name, prefecture: one.prefecture }))
        .map((one) => one.name),
    );
    if (made.size > 0) this.#members.set(key, made);
    return made;
  }

  /** True when a caller of `inner` is a caller of `outer` as well. An unknown `inner` lies nowhere. */
  covers(outer: Area, inner: Area): boolean {
    const within = [...this.members(inner)];
    const members = this.members(outer);
    return within.length > 0 && within.every((one) => members.has(one));
  }

  /** True when some caller belongs to both: 中部 and 東日本 share 新潟県, and neither covers the other. [S2-040] */
  overlaps(one: Area, other: Area): boolean {
    const members = this.members(one);
    return [...this.members(other)].some((area) => members.has(area));
  }

  /** The prefecture of a charge area; undefined for an unknown name. */
  prefectureOf(chargeArea: string): string | undefined {
    return this.#geography.chargeAreas.get(chargeArea)?.prefecture;
  }

  /** Whether a caller of this place is in the area; what is not known is in Japan and nowhere else. */
  holds(area: Area, place: Place): boolean {
    const prefecture = this.#geography.prefectures.get(place.prefecture ?? '');
    switch (area.area) {
      case 'japan':
        return true;
      case 'region':
        return (
          prefecture !== undefined &&
          (prefecture.region === area.name || SIDES[prefecture.side] === area.name)
        );
      case 'prefecture':
        return prefecture?.name === area.name;
      case 'chargeArea':
        return place.chargeArea === area.name;
    }
  }

  /** Everything about a charge area but the area code, or undefined for an unknown name. */
  placeOf(chargeArea: string): Omit<NumberOrigin, 'areaCode'> | undefined {
    const prefecture = this.prefectureOf(chargeArea);
    return prefecture === undefined ? undefined : { chargeArea, ...this.#inPrefecture(prefecture) };
  }

  /** Region and half of a prefecture, or undefined for an unknown name. */
  prefecture(name: string): Omit<NumberOrigin, 'areaCode' | 'chargeArea'> | undefined {
    return this.#geography.prefectures.has(name) ? this.#inPrefecture(name) : undefined;
  }

  #inPrefecture(name: string): Omit<NumberOrigin, 'areaCode' | 'chargeArea'> {
    const found = this.#geography.prefectures.get(name);
    if (found === undefined) throw new Error(`${name} is no prefecture`);
    return { prefecture: found.name, region: found.region, side: found.side };
  }
}
