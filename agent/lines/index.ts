export {
  type Cadence,
  type Collected,
  type DialledNumber,
  type DialRefusal,
  type Final,
  hasCall,
  IDLE_LINE,
  isFree,
  type Line,
  type LineEffect,
  type LineInput,
  type LinePlan,
  type LineTimer,
  type NumberKind,
  type Sound,
  soundOf,
} from './line.ts';
export { step } from './step.ts';
