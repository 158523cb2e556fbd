export { CHANGES_MOST, type LocalChange, localChange, sayChange } from './change.ts';
export { changeFile } from './local-file.ts';
export { SESSION_LIMIT_MS, TrialRoom, type TrialState } from './trial-room.ts';
