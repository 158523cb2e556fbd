export { CHANGES_MOST, type LocalChange, localChange } from './change.ts';
export { changeFile } from './local-file.ts';
export { TrialRoom, type TrialState } from './trial-room.ts';
