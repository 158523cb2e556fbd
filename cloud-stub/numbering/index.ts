export { classify } from './classify.ts';
export type { Classified, Privacy } from './types.ts';
