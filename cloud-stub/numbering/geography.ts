import type { Instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { readBands } from './bands.ts';
import { DigitTrie, MORE_DIGITS } from './digit-trie.ts';
import type {
  BandAnswer,
  ChargeArea,
  NumberBand,
  NumberOrigin,
  Prefecture,
  Side,
} from './geography-types.ts';
import { type DataFault, dataFault, readTsv } from './tsv.ts';

/** The text of the three data files. */
export interface GeographyFiles {
  readonly prefectures: string;
  readonly chargeAreas: string;
  readonly bands: string;
}

const PREFECTURES = 'prefectures.tsv';
const AREAS = 'charge-areas.tsv';
const BANDS = 'number-bands.tsv';

/** An answer and the time for which it holds. */
interface Dated {
  readonly from: number;
  readonly until: number;
  readonly answer: BandAnswer & { readonly found: 'origin' };
}

const UNASSIGNED: BandAnswer = { found: 'unassigned' };
const MORE: BandAnswer = { found: 'moreDigits' };

/** Prefectures, charge areas and the numbers in them. Immutable; made once from the data files. */
export class Geography {
  readonly prefectures: ReadonlyMap<string, Prefecture>;
  readonly chargeAreas: ReadonlyMap<string, ChargeArea>;
  readonly bands: readonly NumberBand[];
  readonly #trie: DigitTrie;
  /** What the trie's values stand for: the answers for one prefix, by time. */
  readonly #dated: readonly (readonly Dated[])[];

  private constructor(
    prefectures: ReadonlyMap<string, Prefecture>,
    chargeAreas: ReadonlyMap<string, ChargeArea>,
    bands: readonly NumberBand[],
  ) {
    this.prefectures = prefectures;
    this.chargeAreas = chargeAreas;
    this.bands = bands;
    const places = new Map<string, Dated[]>();
    for (const band of bands) {
      const answer = { found: 'origin' as const, origin: this.#originIn(band) };
      const dated = { from: band.from ?? 0, until: band.until ?? Number.POSITIVE_INFINITY, answer };
      for (const prefix of band.prefixes) {
        const held = places.get(prefix);
        if (held === undefined) places.set(prefix, [dated]);
        else held.push(dated);
      }
    }
    this.#dated = [...places.values()];
    this.#trie = DigitTrie.of([...places.keys()].map((prefix, index) => [prefix, index] as const));
  }

  /** Reads and cross-checks the files: every name must be known, no two bands may hold one number at one time. */
  static read(files: GeographyFiles): Result<Geography, DataFault> {
    const prefectures = readPrefectures(files.prefectures);
    if (!prefectures.ok) return prefectures;
    const chargeAreas = readAreas(files.chargeAreas, prefectures.value);
    if (!chargeAreas.ok) return chargeAreas;
    const bands = readBands(BANDS, files.bands);
    if (!bands.ok) return bands;
    const stranger = bands.value.findIndex((band) => !chargeAreas.value.has(band.chargeArea));
    if (stranger !== -1) {
      const what = `${bands.value[stranger]?.chargeArea} is not in ${AREAS}`;
      return refuse(dataFault(BANDS, stranger + 2, what));
    }
    return ok(new Geography(prefectures.value, chargeAreas.value, bands.value));
  }

  /** Where a national number is, at a moment. Total: other text is `unassigned`. */
  find(national: string, at: Instant): BandAnswer {
    const value = this.#trie.find(national);
    if (value < 0) return value === MORE_DIGITS ? MORE : UNASSIGNED;
    const dated = this.#dated[value] ?? [];
    for (const one of dated) if (at >= one.from && at < one.until) return one.answer;
    return UNASSIGNED;
  }

  /** The origin of a national fixed-line number, or undefined: not fixed, not assigned, or too few digits. [S2-021] */
  originOf(national: string, at: Instant): NumberOrigin | undefined {
    const answer = this.find(national, at);
    return answer.found === 'origin' ? answer.origin : undefined;
  }

  #originIn(band: NumberBand): NumberOrigin {
    const prefecture = this.prefectures.get(this.chargeAreas.get(band.chargeArea)?.prefecture ?? '');
    if (prefecture === undefined) throw new Error(`${band.chargeArea} has no prefecture`);
    return {
      areaCode: band.areaCode,
      chargeArea: band.chargeArea,
      prefecture: prefecture.name,
      region: prefecture.region,
      side: prefecture.side,
    };
  }
}

function readPrefectures(text: string): Result<ReadonlyMap<string, Prefecture>, DataFault> {
  const rows = readTsv(PREFECTURES, text, ['code', 'name', 'english', 'region', 'side']);
  if (!rows.ok) return rows;
  const found = new Map<string, Prefecture>();
  for (const row of rows.value) {
    const name = row.column('name');
    const side = readSide(row.column('side'));
    const complete = name !== '' && row.column('english') !== '' && row.column('region') !== '';
    if (side === undefined || !complete || found.has(name)) {
      return refuse(dataFault(PREFECTURES, row.line, `${name} is incomplete or comes twice`));
    }
    const code = Number(row.column('code'));
    found.set(name, {
      code,
      name,
      english: row.column('english'),
      region: row.column('region'),
      side,
    });
  }
  return ok(found);
}

function readSide(text: string): Side | undefined {
  return text === 'east' || text === 'west' ? text : undefined;
}

function readAreas(
  text: string,
  prefectures: ReadonlyMap<string, Prefecture>,
): Result<ReadonlyMap<string, ChargeArea>, DataFault> {
  const rows = readTsv(AREAS, text, ['chargeArea', 'prefecture', 'reaches']);
  if (!rows.ok) return rows;
  const found = new Map<string, ChargeArea>();
  for (const row of rows.value) {
    const name = row.column('chargeArea');
    if (name === '' || found.has(name)) {
      return refuse(dataFault(AREAS, row.line, `${name || 'a name'} is missing or comes twice`));
    }
    const prefecture = row.column('prefecture');
    const reaches = row.column('reaches').split(' ').filter(Boolean);
    const stranger = [prefecture, ...reaches].find((one) => !prefectures.has(one));
    if (stranger !== undefined) {
      return refuse(dataFault(AREAS, row.line, `${stranger || 'nothing'} is no prefecture`));
    }
    if (reaches.includes(prefecture)) {
      return refuse(dataFault(AREAS, row.line, `${name} reaches into its own prefecture`));
    }
    found.set(name, { name, prefecture, reaches });
  }
  return ok(found);
}
