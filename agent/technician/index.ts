export { Technician } from './technician.ts';
export {
  type Begun,
  type LineCheck,
  type LineTest,
  type LineTools,
  type Recording,
  TEST_RINGS,
  type TestRing,
  type ToolRefusal,
} from './types.ts';
