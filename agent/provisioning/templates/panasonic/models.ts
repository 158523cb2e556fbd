import { type PanasonicModel, panasonicModels } from '../../../../lib/contract/phone-models.ts';

export type { PanasonicFamily, PanasonicModel } from '../../../../lib/contract/phone-models.ts';

/** The models that can be set up. Counts of lines and keys: see the table of sources in the README. */
export const PANASONIC_MODELS: ReadonlyMap<string, PanasonicModel> = new Map(
  panasonicModels.map((model) => [model.model, model]),
);
