export {
  FAX_OFF,
  type FaxEffect,
  type FaxInput,
  type FaxState,
  type FaxTimer,
  type OfferedMedia,
} from './fax-state.ts';
export { faxStep } from './fax-step.ts';
