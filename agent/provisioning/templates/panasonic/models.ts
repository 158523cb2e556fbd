/** `hdv`: KX-HDV and KX-TGP600, which share their settings; `ut`: KX-UT1xx, with its stricter files and other key names. */
export type PanasonicFamily = 'hdv' | 'ut';

export interface PanasonicModel {
  readonly model: string;
  readonly family: PanasonicFamily;
  /** Lines that can register; those that are not used are switched off where the family has a key for it. */
  readonly lines: number;
  /** Keys beside the display. */
  readonly keys: number;
  /** Sold in Japan (`N`): menus are Japanese from the factory, and a page of a phone book holds 10 names instead of 20. */
  readonly japanese: boolean;
}

type Row = readonly [model: string, lines: number, keys: number, japanese: boolean];

const HDV: readonly Row[] = [
  ['KX-HDV130N', 2, 2, true],
  ['KX-HDV230N', 6, 24, true],
  ['KX-HDV330N', 12, 24, true],
  ['KX-HDV430N', 16, 24, true],
  ['KX-TGP600', 8, 0, false],
  ['KX-TGP600N', 8, 0, true],
];

const UT: readonly Row[] = [
  ['KX-UT113N', 2, 0, true],
  ['KX-UT123N', 2, 0, true],
  ['KX-UT133N', 4, 24, true],
  ['KX-UT136N', 4, 24, true],
];

function modelsOf(family: PanasonicFamily, rows: readonly Row[]): PanasonicModel[] {
  return rows.map(([model, lines, keys, japanese]) => ({ model, family, lines, keys, japanese }));
}

/** The models that can be set up. Counts of lines and keys: see the table of sources in the README. */
export const PANASONIC_MODELS: ReadonlyMap<string, PanasonicModel> = new Map(
  [...modelsOf('hdv', HDV), ...modelsOf('ut', UT)].map((model) => [model.model, model]),
);
