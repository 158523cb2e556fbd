import type { Instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { japanDate, japanMidnight } from '../../lib/base/japan-time.ts';
import type { NumberBand } from './geography-types.ts';
import { type DataFault, dataFault, readTsv, type TsvRow } from './tsv.ts';

const COLUMNS = ['areaCode', 'local', 'chargeArea', 'from', 'until'] as const;
/** A fixed-line number has ten digits, the last four of them the line's own. */
const ROUTED_DIGITS = 6;

/** Reads the file of bands: one line for the local codes of an area code that lie in one charge area. */
export function readBands(file: string, text: string): Result<readonly NumberBand[], DataFault> {
  const rows = readTsv(file, text, COLUMNS);
  if (!rows.ok) return rows;
  const bands: NumberBand[] = [];
  for (const row of rows.value) {
    const band = readBand(row);
    if (typeof band === 'string') return refuse(dataFault(file, row.line, band));
    bands.push(band);
  }
  const clash = clashes(bands);
  if (clash !== undefined) return refuse(dataFault(file, clash.index + 2, clash.say));
  return ok(bands);
}

/** A string says what is wrong. */
function readBand(row: TsvRow): NumberBand | string {
  const areaCode = row.column('areaCode');
  if (!/^0[1-9][0-9]{0,3}$/.test(areaCode)) return `${areaCode || 'nothing'} is no area code`;
  const local = row.column('local');
  const codes = localCodes(local);
  if (typeof codes === 'string') return codes;
  const prefixes = codes.map((code) => areaCode + code);
  const long = prefixes.find((prefix) => prefix.length > ROUTED_DIGITS);
  if (long !== undefined) return `${long} is longer than area code and local code together`;
  const from = readDay(row.column('from'));
  const until = readDay(row.column('until'));
  if (typeof from === 'string') return from;
  if (typeof until === 'string') return until;
  if (from !== null && until !== null && from >= until) return 'it ends before it begins';
  const chargeArea = row.column('chargeArea');
  if (chargeArea === '') return 'the charge area is missing';
  return { areaCode, local, chargeArea, from, until, prefixes };
}

/** `1-4,6,90-94` is 1, 2, 3, 4, 6, 90, 91, 92, 93, 94. No local code begins with 0. A string says what is wrong. */
export function localCodes(text: string): readonly string[] | string {
  const codes: string[] = [];
  for (const part of text.split(',')) {
    const found = /^([1-9][0-9]{0,3})(?:-([1-9][0-9]{0,3}))?$/.exec(part);
    if (found === null) return `${JSON.stringify(part)} is no local code or range of them`;
    const [first = '', last = first] = [found[1], found[2]];
    if (first.length !== last.length) return `${part}: both ends need the same number of digits`;
    if (Number(first) > Number(last)) return `${part} runs backwards`;
    for (let code = Number(first); code <= Number(last); code++) codes.push(String(code));
  }
  return codes;
}

function readDay(text: string): Instant | null | string {
  if (text === '') return null;
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (found === null) return `${text} is no day; write 2026-07-01`;
  const day = japanMidnight(Number(found[1]), Number(found[2]), Number(found[3]));
  return japanDate(day) === text ? day : `${text} is on no calendar`;
}

/** Two bands that hold the same number at the same time are a mistake in the data, whatever they answer. */
function clashes(bands: readonly NumberBand[]): { index: number; say: string } | undefined {
  const owners = new Map<string, number[]>();
  for (const [index, band] of bands.entries()) {
    for (const prefix of band.prefixes) {
      const held = owners.get(prefix);
      if (held === undefined) owners.set(prefix, [index]);
      else held.push(index);
    }
  }
  for (const [prefix, held] of owners) {
    const shorter = beginningsOf(prefix, owners);
    if (held.length + shorter.length === 1) continue;
    for (const [place, one] of held.entries()) {
      const rivals = [...held.slice(place + 1), ...shorter];
      const other = rivals.find((rival) => together(bands[one], bands[rival]));
      if (other === undefined) continue;
      const name = (index: number) => `${bands[index]?.areaCode} ${bands[index]?.local}`;
      return { index: Math.max(one, other), say: `${prefix} lies in ${name(one)} and in ${name(other)}` };
    }
  }
  return undefined;
}

/** The bands of whatever `prefix` begins with. Tens of thousands are asked about at every start. */
function beginningsOf(prefix: string, owners: ReadonlyMap<string, readonly number[]>): readonly number[] {
  const found: number[] = [];
  for (let cut = 0; cut < prefix.length; cut++) {
    const held = owners.get(prefix.slice(0, cut));
    if (held !== undefined) found.push(...held);
  }
  return found;
}

function together(one: NumberBand | undefined, other: NumberBand | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const oneEnds = one.until ?? Number.POSITIVE_INFINITY;
  const otherEnds = other.until ?? Number.POSITIVE_INFINITY;
  return (one.from ?? 0) < otherEnds && (other.from ?? 0) < oneEnds;
}
