export { type FaxCall, faxEntry, wasFax } from './fax-entry.ts';
export {
  FAX_OFF,
  type FaxEffect,
  type FaxInput,
  type FaxState,
  type FaxTimer,
} from './fax-state.ts';
export { faxStep } from './fax-step.ts';
export { faxAfterRestart } from './kept.ts';
