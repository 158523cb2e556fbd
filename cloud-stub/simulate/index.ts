export { readScenario, type Scenario } from './scenario.ts';
export { simulate } from './simulate.ts';
export type { Simulation, SimulationRefusal } from './types.ts';
