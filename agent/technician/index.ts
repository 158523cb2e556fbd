export { type LogLevels, type LogTools, logTools } from './log-tools.ts';
export { Technician } from './technician.ts';
export {
  type Begun,
  type LineTest,
  type LineTools,
  TEST_RINGS,
  type ToolRefusal,
} from './types.ts';
