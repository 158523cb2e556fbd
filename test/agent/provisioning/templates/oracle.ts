import { readFileSync } from 'node:fs';

/** A value as a public list allows it; `undefined` where the list tells only the name. */
type Allowed = ((value: string) => boolean) | undefined;

function rows(file: string): string[][] {
  const text = readFileSync(new URL(`oracle/${file}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}

/** `0,1`, `1..64800`, `-1,0..23`, `Yes,No`; `text` and `?` say nothing of the value. */
function allowedBy(range: string): Allowed {
  if (range === 'text' || range === '?' || range === '-') return undefined;
  const parts = range.split(',').map((part) => part.split('..'));
  return (value) =>
    parts.some(([least = '', most]) =>
      most === undefined ? value === least : Number(value) >= Number(least) && Number(value) <= Number(most),
    );
}

/** What the public lists know of a family: `undefined` for a key that is in none of them. */
export type Oracle = (key: string) => { readonly allowed: Allowed } | undefined;

function oracleOf(map: ReadonlyMap<string, string>, plain: (key: string) => string): Oracle {
  return (key) => {
    const range = map.get(plain(key));
    return range === undefined ? undefined : { allowed: allowedBy(range) };
  };
}

/** `account.2.name` stands in the lists as `account.N.name`, `pks.vpk.7.value` as `pks.vpk.K.value`. */
function plainName(key: string): string {
  return key.replace(/^account\.[0-9]+\./, 'account.N.').replace(/^pks\.(vpk|mpk)\.[0-9]+\./, 'pks.$1.K.');
}

const named = (file: string) => new Map(rows(file).map(([key = '', , range = '']) => [key, range]));
const numbered = (file: string) => new Map(rows(file).map(([key = '', range = '']) => [key, range]));
/** P numbers that the list of names gives for a name, without ranges of their own. */
const alsoNumbered = (file: string) => rows(file).map(([, p = '-']): [string, string] => [p, '?']);

/** Of GXP21xx no public list has P values with ranges: names from its own list, ranges from its closest relative. */
const gxp21 = new Map([
  ...numbered('gxp21xx-p.txt'),
  ...alsoNumbered('grp26xx-alias.txt'),
  ...numbered('grp26xx.txt'),
]);
const grp = new Map([...alsoNumbered('grp26xx-alias.txt'), ...numbered('grp26xx.txt')]);

export const ORACLES = {
  gxp16xx: oracleOf(numbered('gxp16xx.txt'), (key) => key),
  gxp21xx: oracleOf(gxp21, (key) => key),
  gxp21xxNames: oracleOf(named('gxp21xx.txt'), plainName),
  grp26xx: oracleOf(grp, (key) => key),
  grp26xxNames: oracleOf(named('grp26xx-alias.txt'), plainName),
} as const;

/** Which P value a name of GRP26xx is, by the public list. */
export const NAME_TO_P: ReadonlyMap<string, string> = new Map(
  rows('grp26xx-alias.txt').map(([key = '', p = '-']) => [key, p]),
);

/** Names of Panasonic keys, and the public templates that have each. */
export const PANASONIC_NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  rows('panasonic.txt').map(([key = '', sources = '']) => [key, sources.split(',')]),
);

/** P values of the same setting for accounts 1, 2 and 3, by that of account 1. */
export const ACCOUNT_P: ReadonlyMap<string, readonly string[]> = new Map(
  rows('accounts.txt').map((row) => [row[0] ?? '', row]),
);
