export { Attribution, type Subjects } from './attribute.ts';
export { TRACE_LIMITS, TraceBudget, type TraceEnd, type TraceLimits } from './budget.ts';
export { type CaptureFormat, fileEnd, fileHead, filePacket, formatOf } from './capture-file.ts';
export {
  type BundleView,
  CAPTURE_LIMITS,
  type CaptureOrder,
  CaptureRecorder,
  type CaptureView,
} from './capture-recorder.ts';
export { type CaptureAnswer, captureRoutes } from './capture-routes.ts';
export { dhcpLine, ladderHead, ladderLine, mqttTraceLine, sipLine } from './ladder.ts';
export { masked } from './mask.ts';
export { type MqttPacket, mqttBytes } from './mqtt-bytes.ts';
export { RtpSecond } from './rtp-second.ts';
export { type TraceMessage, type TracePulse, tracedOf } from './trace-feed.ts';
export { lets, type TraceFilter } from './trace-filter.ts';
export { TraceRoom, type TraceRun, type TraceWatcher, type TraceWish } from './trace-room.ts';
export { traceRoutes } from './trace-routes.ts';
export {
  type Place,
  TRACE_KINDS,
  type Traced,
  type TraceKind,
  type TraceLosses,
  type Whose,
} from './traced.ts';
