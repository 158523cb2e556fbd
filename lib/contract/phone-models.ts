import type { PhoneConfig, PhoneKey } from './lan-config.ts';

/** Models that share a key table in their files. */
export type GrandstreamFamily = 'gxp16xx' | 'gxp21xx' | 'grp26xx';
/** `hdv`: KX-HDV and KX-TGP600, which share their settings; `ut`: KX-UT1xx, with stricter files and other key names. */
export type PanasonicFamily = 'hdv' | 'ut';

/** A model of Grandstream. */
export interface GrandstreamModel {
  readonly vendor: 'grandstream';
  readonly model: string;
  readonly family: GrandstreamFamily;
  readonly accounts: number;
  /** Keys beside the display: the first `fixed` of `virtual` are always there and may be lines. */
  readonly virtual: number;
  readonly fixed: number;
  /** Keys with a lamp of their own (MPK). */
  readonly physical: number;
}

/** A model of Panasonic. */
export interface PanasonicModel {
  readonly vendor: 'panasonic';
  readonly model: string;
  readonly family: PanasonicFamily;
  /** Lines that can register; those that are not used are switched off where the family has a key for it. */
  readonly lines: number;
  /** Keys beside the display. */
  readonly keys: number;
  /** Sold in Japan (`N`): menus are Japanese from the factory, and a page of a phone book holds 10 names instead of 20. */
  readonly japanese: boolean;
}

export type PhoneModel = GrandstreamModel | PanasonicModel;

type GrandstreamRow = readonly [
  model: string,
  accounts: number,
  fixed: number,
  virtual: number,
  physical: number,
];

const GXP16XX: readonly GrandstreamRow[] = [
  ['GXP1610', 1, 2, 2, 0],
  ['GXP1615', 1, 2, 2, 0],
  ['GXP1620', 2, 2, 2, 0],
  ['GXP1625', 2, 2, 2, 0],
  ['GXP1628', 2, 2, 2, 8],
  ['GXP1630', 3, 3, 3, 8],
];

const GXP21XX: readonly GrandstreamRow[] = [
  ['GXP2130', 3, 3, 12, 8],
  ['GXP2135', 4, 8, 32, 0],
  ['GXP2140', 4, 4, 16, 0],
  ['GXP2160', 6, 6, 24, 24],
  ['GXP2170', 6, 12, 48, 0],
];

const GRP26XX: readonly GrandstreamRow[] = [
  ['GRP2601', 2, 2, 2, 0],
  ['GRP2602', 2, 2, 2, 0],
  ['GRP2603', 3, 3, 3, 0],
  ['GRP2604', 3, 3, 3, 10],
  ['GRP2612', 2, 3, 16, 0],
  ['GRP2613', 3, 4, 24, 0],
  ['GRP2614', 4, 6, 16, 24],
  ['GRP2615', 5, 10, 40, 0],
  ['GRP2616', 6, 6, 16, 24],
];

/** Letters after the number say how it is fed or joined to the network: `P`, `W`, `G`. The keys are the same. */
const GRP_VARIANTS = ['', 'P', 'W', 'G'];

type PanasonicRow = readonly [model: string, lines: number, keys: number, japanese: boolean];

const HDV: readonly PanasonicRow[] = [
  ['KX-HDV130N', 2, 2, true],
  ['KX-HDV230N', 6, 24, true],
  ['KX-HDV330N', 12, 24, true],
  ['KX-HDV430N', 16, 24, true],
  ['KX-TGP600', 8, 0, false],
  ['KX-TGP600N', 8, 0, true],
];

const UT: readonly PanasonicRow[] = [
  ['KX-UT113N', 2, 0, true],
  ['KX-UT123N', 2, 0, true],
  ['KX-UT133N', 4, 24, true],
  ['KX-UT136N', 4, 24, true],
];

/** The models of Grandstream that a box can set up. */
export const grandstreamModels: readonly GrandstreamModel[] = [
  ...grandstream('gxp16xx', GXP16XX),
  ...grandstream('gxp21xx', GXP21XX),
  ...grandstream('grp26xx', GRP26XX, GRP_VARIANTS),
];

/** The models of Panasonic that a box can set up. */
export const panasonicModels: readonly PanasonicModel[] = [...panasonic('hdv', HDV), ...panasonic('ut', UT)];

function grandstream(
  family: GrandstreamFamily,
  rows: readonly GrandstreamRow[],
  variants = [''],
): GrandstreamModel[] {
  return rows.flatMap(([name, accounts, fixed, virtual, physical]) =>
    variants.map((variant): GrandstreamModel => {
      const model = name + variant;
      return { vendor: 'grandstream', model, family, accounts, fixed, virtual, physical };
    }),
  );
}

function panasonic(family: PanasonicFamily, rows: readonly PanasonicRow[]): PanasonicModel[] {
  return rows.map(([model, lines, keys, japanese]) => ({
    vendor: 'panasonic',
    model,
    family,
    lines,
    keys,
    japanese,
  }));
}

const MODELS: ReadonlyMap<string, PhoneModel> = new Map(
  [...grandstreamModels, ...panasonicModels].map((model) => [model.model, model]),
);

/** The model by the name that its maker gave it, `GRP2614`; undefined for one that no box can set up. */
export function phoneModel(name: string): PhoneModel | undefined {
  return MODELS.get(name);
}

type Does = PhoneKey['does'];

/** Keys of one kind: how many there are, and what they can be made to do. */
export interface KeyPlaces {
  readonly count: number;
  readonly does: readonly Does[];
}

const ALL: readonly Does[] = ['line', 'watch', 'park', 'dial'];
const NO_LINE: readonly Does[] = ['watch', 'park', 'dial'];

/** The keys of a model by what they can do, in the order in which they are given out. */
export function keyPlaces(model: PhoneModel): readonly KeyPlaces[] {
  if (model.vendor === 'panasonic') return [{ count: model.keys, does: ALL }];
  const { family, fixed, virtual, physical } = model;
  return [
    // The plain models light no lamp beside a line.
    { count: fixed, does: family === 'gxp16xx' ? ['line', 'dial'] : ALL },
    { count: virtual - fixed, does: NO_LINE },
    { count: physical, does: NO_LINE },
  ];
}

/** A key that a phone has no place for: where it stands in the list, counted from 0, and what it cannot be. */
export interface KeyWithoutPlace {
  readonly index: number;
  readonly does: Does;
  /** Keys of the model that could do it, had they been free. */
  readonly able: number;
}

/**
 * Gives each wanted key the first free place that can do it. A phone on which nobody asked for a line gets one before all
 * others, because without it a held call could not be taken up; a model without any key needs none.
 */
export function keyWithoutPlace(model: PhoneModel, keys: readonly PhoneKey[]): KeyWithoutPlace | undefined {
  const places = keyPlaces(model).map(({ count, does }) => ({ free: count, count, does }));
  const total = places.reduce((sum, { count }) => sum + count, 0);
  const wanted = keys.map(({ does }, index) => ({ does, index }));
  const lineFirst = total > 0 && !keys.some(({ does }) => does === 'line');
  for (const { does, index } of lineFirst ? [{ does: 'line' as const, index: 0 }, ...wanted] : wanted) {
    const place = places.find((one) => one.free > 0 && one.does.includes(does));
    if (place !== undefined) {
      place.free--;
      continue;
    }
    const able = places.reduce((sum, one) => sum + (one.does.includes(does) ? one.count : 0), 0);
    return { index, does, able };
  }
  return undefined;
}

/** Languages that a model's files can ask for, or that it speaks from the factory. */
export function languagesOf(model: PhoneModel): readonly PhoneConfig['language'][] {
  if (model.vendor === 'grandstream') return ['ja', 'en'];
  if (!model.japanese) return ['en'];
  return model.family === 'ut' ? ['ja', 'en'] : ['ja'];
}

/** Rings that a model tells apart from its usual one (鳴り分け). [S0-056] */
export function ringsOf(model: Pick<PhoneModel, 'vendor'>): number {
  return model.vendor === 'grandstream' ? 3 : 5;
}
