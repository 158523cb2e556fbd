import type { KeyUse } from '../phone-state.ts';
import type { GrandstreamFamily } from './grandstream-table.ts';
import type { KeySettings } from './settings.ts';

/** What is said of a key beside the display. */
type Part = 'keyMode' | 'account' | 'description' | 'value';

/** How many keys a model has: the first `fixed` of `virtual` are always there; `physical` ones have lamps of their own. */
export interface KeyCounts {
  readonly virtual: number;
  readonly fixed: number;
  readonly physical: number;
}

const MODES: Readonly<Record<string, KeyUse>> = {
  None: 'none',
  Line: 'line',
  SpeedDial: 'dial',
  BLF: 'watch',
  CallPark: 'park',
  MonitoredCallPark: 'park',
};

/** Modes in P values: fixed keys of GXP phones count from 10, the others from 0, GRP26xx has −1 for none. */
function modeOf(
  p: string,
  group: 'vpk' | 'mpk',
  fixed: boolean,
  family: GrandstreamFamily,
): string | undefined {
  const lampKey: Readonly<Record<string, string>> = {
    '-1': 'None',
    '0': 'SpeedDial',
    '1': 'BLF',
    '9': 'CallPark',
    '16': 'MonitoredCallPark',
  };
  if (group === 'mpk') return lampKey[p];
  if (family === 'grp26xx') return { ...lampKey, '31': 'Line' }[p];
  if (!fixed) return lampKey[p];
  return {
    '-1': 'None',
    '0': 'Line',
    '10': 'SpeedDial',
    '11': 'BLF',
    '19': 'CallPark',
    '26': 'MonitoredCallPark',
  }[p];
}

/** P values of all keys: `P1363` → `pks.vpk.1.keyMode`. */
export function keyCells(
  counts: KeyCounts,
): ReadonlyMap<string, { readonly name: string; readonly part: Part }> {
  const cells = new Map<string, { name: string; part: Part }>();
  const add = (group: string, key: number, numbers: readonly [number, number, number, number]): void => {
    const parts: readonly Part[] = ['keyMode', 'account', 'description', 'value'];
    for (const [index, part] of parts.entries()) {
      cells.set(`P${numbers[index]}`, { name: `pks.${group}.${key}.${part}`, part });
    }
  };
  for (let key = 1; key <= counts.virtual; key++) {
    const first = key <= 6 ? 1_361 + 2 * key : 23_772 + 4 * key;
    add(
      'vpk',
      key,
      key <= 6 ? [first, first + 1, first + 102, first + 103] : [first, first + 1, first + 2, first + 3],
    );
  }
  for (let key = 1; key <= counts.physical; key++) {
    const first = key <= 7 ? 298 + 3 * key : key <= 18 ? 321 + 4 * key : 1_364 + 4 * key;
    add(
      'mpk',
      key,
      key <= 7 ? [322 + key, first, first + 1, first + 2] : [first, first + 1, first + 2, first + 3],
    );
  }
  return cells;
}

/** A P value of a key as the name has it; undefined when the phone does not know it. */
export function keyValue(
  name: string,
  part: Part,
  value: string,
  counts: KeyCounts,
  family: GrandstreamFamily,
): string | undefined {
  const found = /^pks\.(vpk|mpk)\.(\d+)\./.exec(name);
  const group = found?.[1] === 'mpk' ? 'mpk' : 'vpk';
  if (part !== 'keyMode') return part === 'account' && !/^\d{1,2}$/.test(value) ? undefined : value;
  return modeOf(value, group, Number(found?.[2]) <= counts.fixed, family);
}

/** Whether a name is one of a key that this model has, with a value that it knows. */
export function takesKey(name: string, value: string, counts: KeyCounts): boolean {
  const found = /^pks\.(vpk|mpk)\.(\d{1,2})\.(keyMode|account|description|value)$/.exec(name);
  if (found === null) return false;
  const number = Number(found[2]);
  if (number < 1 || number > (found[1] === 'vpk' ? counts.virtual : counts.physical)) return false;
  if (found[3] === 'keyMode') return Object.hasOwn(MODES, value);
  return found[3] !== 'account' || /^(?:Account)?\d{1,2}$/.test(value);
}

/** The keys of a phone, those beside the display first. */
export function keysOf(values: ReadonlyMap<string, string>, counts: KeyCounts): readonly KeySettings[] {
  const keys: KeySettings[] = [];
  const add = (group: string, number: number): void => {
    const part = (name: Part): string => values.get(`pks.${group}.${number}.${name}`) ?? '';
    const mode = part('keyMode');
    // From the factory the first keys are lines.
    const use = MODES[mode] ?? (group === 'vpk' && number <= counts.fixed ? 'line' : 'none');
    // `Account1` is the first; a bare number counts from 0.
    const account = part('account').startsWith('Account')
      ? Number(part('account').slice(7))
      : Number(part('account')) + 1;
    const value = part('value').trim();
    const works = use === 'none' || use === 'line' || value !== '';
    keys.push({
      key: keys.length + 1,
      use: works ? use : 'none',
      account,
      value,
      label: part('description'),
    });
  };
  for (let key = 1; key <= counts.virtual; key++) add('vpk', key);
  for (let key = 1; key <= counts.physical; key++) add('mpk', key);
  return keys;
}
