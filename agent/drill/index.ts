export { drillFile } from './drill-file.ts';
export { DrillRoom } from './drill-room.ts';
export { Links } from './links.ts';
export {
  DRILL_SECONDS,
  type DrillFeature,
  type DrillRefusal,
  type DrillStatus,
} from './types.ts';
