import { AreaMap } from './areas.ts';
import { japan } from './japan.ts';

/** The areas of Japan. */
export const areas: AreaMap = new AreaMap(japan);
