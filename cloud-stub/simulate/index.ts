export { readScenario } from './scenario.ts';
export { simulate } from './simulate.ts';
export type { Simulation } from './types.ts';
