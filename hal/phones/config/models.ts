import type { Maker } from '../phone-state.ts';
import type { KeyCounts } from './grandstream-keys.ts';
import type { GrandstreamFamily } from './grandstream-table.ts';

export interface GrandstreamModel extends KeyCounts {
  readonly maker: 'grandstream';
  readonly model: string;
  readonly family: GrandstreamFamily;
  readonly accounts: number;
  /** Calls at once. */
  readonly calls: number;
  readonly firmware: string;
}

export interface PanasonicModel {
  readonly maker: 'panasonic';
  readonly model: string;
  readonly family: 'hdv' | 'ut';
  readonly accounts: number;
  readonly keys: number;
  readonly calls: number;
  readonly firmware: string;
}

export type PhoneModel = GrandstreamModel | PanasonicModel;

type Counts = readonly [accounts: number, fixed: number, virtual: number, physical: number];

const GRANDSTREAM: readonly (readonly [RegExp, GrandstreamFamily, Counts])[] = [
  [/^GXP161[05]$/, 'gxp16xx', [1, 2, 2, 0]],
  [/^GXP162[05]$/, 'gxp16xx', [2, 2, 2, 0]],
  [/^GXP1628$/, 'gxp16xx', [2, 2, 2, 8]],
  [/^GXP1630$/, 'gxp16xx', [3, 3, 3, 8]],
  [/^GXP2130$/, 'gxp21xx', [3, 3, 12, 8]],
  [/^GXP2135$/, 'gxp21xx', [4, 8, 32, 0]],
  [/^GXP2140$/, 'gxp21xx', [4, 4, 16, 0]],
  [/^GXP2160$/, 'gxp21xx', [6, 6, 24, 24]],
  [/^GXP2170$/, 'gxp21xx', [6, 12, 48, 0]],
  [/^GRP260[12][PWG]?$/, 'grp26xx', [2, 2, 2, 0]],
  [/^GRP2603[PWG]?$/, 'grp26xx', [3, 3, 3, 0]],
  [/^GRP2604[PWG]?$/, 'grp26xx', [3, 3, 3, 10]],
  [/^GRP2612[PWG]?$/, 'grp26xx', [2, 3, 16, 0]],
  [/^GRP2613[PWG]?$/, 'grp26xx', [3, 4, 24, 0]],
  [/^GRP2614[PWG]?$/, 'grp26xx', [4, 6, 16, 24]],
  [/^GRP2615[PWG]?$/, 'grp26xx', [5, 10, 40, 0]],
  [/^GRP2616[PWG]?$/, 'grp26xx', [6, 6, 16, 24]],
];

const FIRMWARE: Readonly<Record<GrandstreamFamily, string>> = {
  gxp16xx: '1.0.7.13',
  gxp21xx: '1.0.11.23',
  grp26xx: '1.0.5.48',
};

const PANASONIC: readonly (readonly [RegExp, 'hdv' | 'ut', accounts: number, keys: number])[] = [
  [/^KX-HDV130N?$/, 'hdv', 2, 2],
  [/^KX-HDV230N?$/, 'hdv', 6, 24],
  [/^KX-HDV330N?$/, 'hdv', 12, 24],
  [/^KX-HDV430N?$/, 'hdv', 16, 24],
  [/^KX-TGP600N?$/, 'hdv', 8, 0],
  [/^KX-UT1[12]3N?$/, 'ut', 2, 0],
  [/^KX-UT13[36]N?$/, 'ut', 4, 24],
];

/** A model that can be simulated, or undefined. Counts are as far as public documents agree. */
export function modelOf(maker: Maker, name: string): PhoneModel | undefined {
  if (maker === 'grandstream') {
    const found = GRANDSTREAM.find(([pattern]) => pattern.test(name));
    if (found === undefined) return undefined;
    const [, family, [accounts, fixed, virtual, physical]] = found;
    const calls = Math.max(2, Math.min(accounts * 2, 6));
    return {
      maker,
      model: name,
      family,
      accounts,
      fixed,
      virtual,
      physical,
      calls,
      firmware: FIRMWARE[family],
    };
  }
  const found = PANASONIC.find(([pattern]) => pattern.test(name));
  if (found === undefined) return undefined;
  const [, family, accounts, keys] = found;
  const firmware = family === 'hdv' ? '07.101' : '01.133';
  return { maker, model: name, family, accounts, keys, calls: Math.max(2, Math.min(accounts, 6)), firmware };
}
