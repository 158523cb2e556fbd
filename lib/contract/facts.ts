import { z } from 'zod';

/** Why a call ended, as both sides name it. */
export const endReasons = [
  'answeredThenCallerHungUp',
  'answeredThenCalleeHungUp',
  'notAnswered',
  'callerGaveUp',
  'busy',
  'noChannel',
  'refused',
  'unallocated',
  'unreachable',
  'answeredElsewhere',
  'interrupted',
] as const;
export const endReason = z.enum(endReasons);
export type EndReason = z.infer<typeof endReason>;

const epochMs = z.int().min(0).max(8.64e15);

/** Most records in one publication. */
export const RECORDS_PER_BATCH = 50;

/**
 * One leg of a call as the box saw it. `startedAt`, `answeredAt`, `endedAt` are the box's wall clock in epoch ms;
 * `talkMs` is measured on its monotonic clock. The switch's record of the same `call` is the one that is charged;
 * the box's is charged only for calls that the switch never saw (decision 10).
 */
export const boxRecord = z.strictObject({
  /** `<gateway>/<boot>/<sequence>`; the same record always has the same id. */
  id: z.string().regex(/^gw-[0-9]{6}\/[0-9a-f]{8}\/[0-9]{1,10}$/),
  call: z.string().max(40),
  direction: z.enum(['out', 'in', 'internal']),
  line: z.int().min(1).max(8),
  serviceId: z.string().max(40),
  /** The extension's or the caller's number; empty when withheld. */
  from: z.string().max(40),
  to: z.string().max(40),
  startedAt: epochMs,
  answeredAt: epochMs.nullable(),
  endedAt: epochMs,
  talkMs: z.int().min(0),
  end: endReason,
  /** The Reason header's text or the rule that refused, for people. */
  because: z.string().max(300),
  /** True when the record was closed after a restart, at the last heartbeat. */
  interrupted: z.boolean(),
  /**
   * The box's monotonic clock at `startedAt`, in ms since it started, and whether it knew the time then. A record of a
   * box that did not is put right by the other records of the same start. Absent: the box always knew.
   */
  clock: z.strictObject({ upMs: z.int().min(0).max(8.64e15), set: z.boolean() }).optional(),
  /** Media figures of the leg, when there was media. */
  media: z
    .strictObject({
      packetsSent: z.int().min(0),
      packetsReceived: z.int().min(0),
      packetsLost: z.int().min(0),
      jitterMs: z.number().min(0),
      concealedMs: z.number().min(0),
    })
    .nullable(),
});
export type BoxRecord = z.infer<typeof boxRecord>;

/** gateway → cloud on `cdr`. */
export const recordBatch = z.strictObject({
  v: z.literal(1),
  records: z.array(boxRecord).min(1).max(RECORDS_PER_BATCH),
});
export type RecordBatch = z.infer<typeof recordBatch>;

/** cloud → gateway on `ack/cdr`, sent after the commit. */
export const recordAck = z.strictObject({
  v: z.literal(1),
  ids: z.array(z.string().max(60)).max(RECORDS_PER_BATCH),
});
export type RecordAck = z.infer<typeof recordAck>;

/** gateway → cloud on `cfg/reported`, retained. */
export const reportedConfig = z.strictObject({
  v: z.literal(1),
  /** Revision that runs, 0 when none. */
  appliedRev: z.int().min(0),
  /** Revision that was last seen on the wire, 0 when none. */
  desiredRev: z.int().min(0),
  state: z.enum(['none', 'applied', 'rejected']),
  /** Set when `state` is `rejected`. */
  refusal: z
    .strictObject({ code: z.string().max(60), fault: z.string().max(20), say: z.string().max(500) })
    .nullable(),
  at: epochMs,
});
export type ReportedConfig = z.infer<typeof reportedConfig>;

/** gateway → cloud on `status`, retained; `online: false` is the last will. */
export const presence = z.strictObject({
  v: z.literal(1),
  online: z.boolean(),
  boot: z.string().max(16),
  connection: z.int().min(0),
});
export type Presence = z.infer<typeof presence>;
