export { openBoxAt, openHead, packHead } from './kept.ts';
export type { KeptRelease, ReleaseStore, RolloutChange, RolloutStore, RolloutSummary } from './ports.ts';
export { type Tally, tallyOf } from './tally.ts';
export type { FleetBox, Rollout, RolloutBox } from './types.ts';
