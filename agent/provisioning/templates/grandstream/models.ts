import {
  type GrandstreamFamily,
  type GrandstreamModel,
  grandstreamModels,
} from '../../../../lib/contract/phone-models.ts';

export type { GrandstreamFamily, GrandstreamModel } from '../../../../lib/contract/phone-models.ts';

/** `pValues`: `<P271>1</P271>`, config version 1. `names`: `<item name="account.1.enable">Yes</item>`, config version 2. */
export type GrandstreamForm = 'pValues' | 'names';

/** The models that can be set up. Counts of keys and accounts: see the table of sources in the README. */
export const GRANDSTREAM_MODELS: ReadonlyMap<string, GrandstreamModel> = new Map(
  grandstreamModels.map((model) => [model.model, model]),
);

/** The writing that the newest public documents of a family use. GXP16xx has only P values. */
export function usualForm(family: GrandstreamFamily): GrandstreamForm {
  return family === 'gxp16xx' ? 'pValues' : 'names';
}
