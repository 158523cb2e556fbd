export { classify } from './classify.ts';
export type { Classified } from './types.ts';
