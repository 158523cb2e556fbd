export { areas } from './area-map.ts';
export type { Area, Place } from './areas.ts';
export {
  type CallAttributes,
  type CallerClass,
  type CallerOrigin,
  callerOrigin,
  type NetworkWord,
} from './caller.ts';
export { classify } from './classify.ts';
export type { NumberOrigin, Prefecture, Side } from './geography-types.ts';
export { hyphenated } from './hyphenated.ts';
export { originOf } from './japan.ts';
export type { Classified } from './types.ts';
