import { FaxLinkLab, type FaxLinkOptions } from './fax-link.part.ts';

/** Pages that arrived dot by dot, of so many. */
export interface SurvivalCell {
  readonly name: string;
  readonly lossPercent: number;
  readonly ecm: boolean;
  readonly identical: number;
  readonly of: number;
  /** Seeds that failed, to be looked at again. */
  readonly failed: readonly number[];
}

/** The ways a fax takes over T.38. */
const T38_WAYS: readonly (readonly [name: string, way: Partial<FaxLinkOptions>])[] = [
  ['box to box', { far: 'box', direction: 'out' }],
  ['box to server', { far: 'server', direction: 'out' }],
  ['server to box', { far: 'server', direction: 'in' }],
];

/** G.711 is measured at one rate of loss and so many seeds at most. */
const AUDIO_LOSS_PERCENT = 0.5;
const AUDIO_SEEDS_MOST = 40;

/** Sends a page for every seed, rate, way and both kinds of error correction. `told` gets each cell when it is done. */
export function measureSurvival(
  seeds: number,
  lossPercents: readonly number[],
  told: (cell: SurvivalCell) => void,
): void {
  const lab = new FaxLinkLab();
  try {
    for (const ecm of [true, false])
      for (const lossPercent of lossPercents)
        for (const [name, way] of T38_WAYS) told(measureCell(lab, name, { ...way, ecm }, lossPercent, seeds));
    for (const modems of ['v17', 'v29'] as const)
      for (const ecm of [true, false]) {
        const way = { t38FromMs: Number.POSITIVE_INFINITY, modems, ecm };
        told(measureCell(lab, `G.711 ${modems}`, way, AUDIO_LOSS_PERCENT, Math.min(seeds, AUDIO_SEEDS_MOST)));
      }
  } finally {
    lab.close();
  }
}

function measureCell(
  lab: FaxLinkLab,
  name: string,
  way: Partial<FaxLinkOptions>,
  lossPercent: number,
  seeds: number,
): SurvivalCell {
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  const failed = all.filter((seed) => !lab.run({ ...way, loss: lossPercent / 100, seed }).identical);
  const ecm = way.ecm ?? true;
  return { name, lossPercent, ecm, identical: seeds - failed.length, of: seeds, failed };
}
