export {
  type CallName,
  callsOf,
  type Desk,
  type DeskEffect,
  type DeskInput,
  type DeskView,
  EMPTY_DESK,
  heardOf,
} from './desk.ts';
export { deskStep } from './desk-step.ts';
