/** Families that share a key table. */
export type GrandstreamFamily = 'gxp16xx' | 'gxp21xx' | 'grp26xx';
/** `pValues`: `<P271>1</P271>`, config version 1. `names`: `<item name="account.1.enable">Yes</item>`, config version 2. */
export type GrandstreamForm = 'pValues' | 'names';

/** What a model has, as far as its file needs it. */
export interface GrandstreamModel {
  readonly model: string;
  readonly family: GrandstreamFamily;
  readonly accounts: number;
  /** Keys beside the display: the first `fixed` of `virtual` are always there and may be lines. */
  readonly virtual: number;
  readonly fixed: number;
  /** Keys with a lamp of their own (MPK). */
  readonly physical: number;
}

type Row = readonly [model: string, accounts: number, fixed: number, virtual: number, physical: number];

const GXP16XX: readonly Row[] = [
  ['GXP1610', 1, 2, 2, 0],
  ['GXP1615', 1, 2, 2, 0],
  ['GXP1620', 2, 2, 2, 0],
  ['GXP1625', 2, 2, 2, 0],
  ['GXP1628', 2, 2, 2, 8],
  ['GXP1630', 3, 3, 3, 8],
];

const GXP21XX: readonly Row[] = [
  ['GXP2130', 3, 3, 12, 8],
  ['GXP2135', 4, 8, 32, 0],
  ['GXP2140', 4, 4, 16, 0],
  ['GXP2160', 6, 6, 24, 24],
  ['GXP2170', 6, 12, 48, 0],
];

const GRP26XX: readonly Row[] = [
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

function modelsOf(family: GrandstreamFamily, rows: readonly Row[], variants = ['']): GrandstreamModel[] {
  return rows.flatMap(([name, accounts, fixed, virtual, physical]) =>
    variants.map((variant) => ({ model: name + variant, family, accounts, fixed, virtual, physical })),
  );
}

/** The models that can be set up. Counts of keys and accounts: see the table of sources in the README. */
export const GRANDSTREAM_MODELS: ReadonlyMap<string, GrandstreamModel> = new Map(
  [
    ...modelsOf('gxp16xx', GXP16XX),
    ...modelsOf('gxp21xx', GXP21XX),
    ...modelsOf('grp26xx', GRP26XX, GRP_VARIANTS),
  ].map((model) => [model.model, model]),
);

/** The writing that the newest public documents of a family use. GXP16xx has only P values. */
export function usualForm(family: GrandstreamFamily): GrandstreamForm {
  return family === 'gxp16xx' ? 'pValues' : 'names';
}
