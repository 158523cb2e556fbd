export { areas } from './area-map.ts';
export { type CallerClass, type CallerOrigin, callerOrigin, type NetworkWord } from './caller.ts';
export { classify } from './classify.ts';
export { hyphenated } from './hyphenated.ts';
export { originOf } from './japan.ts';
export type { Classified } from './types.ts';
