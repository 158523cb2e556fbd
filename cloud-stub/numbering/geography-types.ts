import type { Instant } from '../../lib/base/clock.ts';

/** NTT East's seventeen prefectures, or NTT West's thirty. [S2-020] */
export type Side = 'east' | 'west';

/** One of the 47 prefectures. */
export interface Prefecture {
  /** JIS X 0401: 1 to 47. */
  readonly code: number;
  /** `東京都` */
  readonly name: string;
  /** `Tokyo` */
  readonly english: string;
  /** One of the eight regions: `関東`. [S2-021] */
  readonly region: string;
  readonly side: Side;
}

/** One charge area (単位料金区域, MA); its name is unique in Japan. [S2-021] */
export interface ChargeArea {
  /** `相模原` */
  readonly name: string;
  /** Where its callers count: an area belongs to one prefecture even when its lines reach into another. */
  readonly prefecture: string;
  /** Further prefectures that some of its lines stand in: Machida's telephones belong to 相模原. */
  readonly reaches: readonly string[];
}

/** What a fixed-line number says about where it is. */
export interface NumberOrigin {
  /** With its leading zero: `042`. */
  readonly areaCode: string;
  readonly chargeArea: string;
  readonly prefecture: string;
  readonly region: string;
  readonly side: Side;
}

/** Answer of a look-up in the bands. */
export type BandAnswer =
  | { readonly found: 'origin'; readonly origin: NumberOrigin }
  /** No area code and exchange that is in use begins like this. */
  | { readonly found: 'unassigned' }
  /** More digits are needed to tell. */
  | { readonly found: 'moreDigits' };

/** Local codes of one area code that lie in one charge area. */
export interface NumberBand {
  readonly areaCode: string;
  /** As written in the data: `1-4,6,90-94`. */
  readonly local: string;
  readonly chargeArea: string;
  /** First moment, or null: always. */
  readonly from: Instant | null;
  /** First moment after, or null: for ever. */
  readonly until: Instant | null;
  /** All digits from the leading zero on: `01231`, `01232`, … */
  readonly prefixes: readonly string[];
}
