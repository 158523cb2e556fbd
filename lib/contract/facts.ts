import { z } from 'zod';
import { boxFact } from './box-facts.ts';
import { factId } from './fact-id.ts';

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

/** How the sound of a leg was, estimated by the E-model (ITU-T G.107). */
const mediaQuality = z.strictObject({
  /** Mean opinion score, 1 to 4.5. */
  mos: z.number().min(1).max(4.5),
  lossPercent: z.number().min(0).max(100),
  /** Came too late to be played. */
  latePercent: z.number().min(0).max(100),
  /** Mean length of a burst of losses; 0 without any. */
  burstMs: z.number().min(0),
  jitterMostMs: z.number().min(0),
  /** Null when the far end never reported. */
  roundTripMs: z.number().min(0).nullable(),
  remoteLossPercent: z.number().min(0).max(100).nullable(),
});

/**
 * One leg of a call as the box saw it. `startedAt`, `answeredAt`, `endedAt` are the box's wall clock in epoch ms;
 * `talkMs` is measured on its monotonic clock. The switch's record of the same `call` is the one that is charged;
 * the box's is charged only for calls that the switch never saw (decision 10).
 */
export const boxRecord = z.strictObject({
  id: factId,
  call: z.string().max(40),
  direction: z.enum(['out', 'in', 'internal']),
  /** 1 to 8: a port of the board. 101 to 132: a desk phone of the office. */
  line: z.int().min(1).max(132),
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
      /** How it sounded at the box; absent when hardly anything came. */
      quality: mediaQuality.optional(),
      /** Both directions were encrypted (SRTP). */
      encrypted: z.boolean().optional(),
    })
    .nullable(),
});
export type BoxRecord = z.infer<typeof boxRecord>;

/** How a fax went, as far as the box could follow the two machines (ITU-T T.30). */
export const faxResults = [
  /** The receiver confirmed the last page (MCF or RTP after EOP). */
  'ok',
  /** The machines ended it themselves before the last page was confirmed. */
  'failed',
  /** The call ended in the middle. */
  'cut',
  /** Nothing came from either machine for a minute, and the box ended the call. */
  'silent',
  /** The board, the media process or the agent was lost in the middle. */
  'lost',
  /** Fax tones were heard and no control frame could be read. */
  'unknown',
] as const;
export const faxResult = z.enum(faxResults);
export type FaxResult = z.infer<typeof faxResult>;

/** Which way a fax took through the box. */
export const faxPath = z.enum(['t38Gateway', 't38Board', 'passthrough']);
export type FaxPath = z.infer<typeof faxPath>;

/**
 * One fax as the box saw it, written when its call ends. It travels as call records do and is acknowledged with them; its
 * `call` is that of the call record. Times are the box's wall clock in epoch ms, `durationMs` its monotonic clock.
 */
export const faxFact = z.strictObject({
  /** Of the same series as the ids of call records. */
  id: boxRecord.shape.id,
  call: z.string().max(40),
  line: z.int().min(1).max(8),
  serviceId: z.string().max(40),
  from: z.string().max(40),
  to: z.string().max(40),
  /** What the machine on our line did with pages; null when neither machine got so far. */
  direction: z.enum(['sent', 'received']).nullable(),
  /** What the other machine, and ours, called itself (TSI, CSI). */
  remoteIdent: z.string().max(40).nullable(),
  localIdent: z.string().max(40).nullable(),
  /** Pages that the receiver confirmed. */
  pages: z.int().min(0),
  /** Of the last page, in bit/s. */
  bitRate: z.int().min(0).nullable(),
  ecm: z.boolean().nullable(),
  /** Trainings that were refused (FTT). */
  retrains: z.int().min(0),
  path: faxPath,
  result: faxResult,
  /** The result in words, and why the fax went as sound when it did. */
  say: z.string().max(300),
  /** T.30 frames in the order in which they passed, `>` to the network, `<` from it: `<DIS >TSI >DCS <CFR …`. */
  trace: z.string().max(1_000),
  /** UDPTL packets; null for a fax that went as sound. */
  packets: z
    .strictObject({
      sent: z.int().min(0),
      received: z.int().min(0),
      /** Put back from redundancy or parity. */
      recovered: z.int().min(0),
      lost: z.int().min(0),
    })
    .nullable(),
  startedAt: epochMs,
  endedAt: epochMs,
  durationMs: z.int().min(0),
});
export type FaxFact = z.infer<typeof faxFact>;

/**
 * gateway → cloud on `up/cdr`. Call records, faxes and other facts together are at least one and at most
 * {@link RECORDS_PER_BATCH}; all are acknowledged by their ids on `down/ack`.
 */
export const recordBatch = z.strictObject({
  v: z.literal(1),
  records: z.array(boxRecord).max(RECORDS_PER_BATCH),
  faxes: z.array(faxFact).max(RECORDS_PER_BATCH).optional(),
  facts: z.array(boxFact).max(RECORDS_PER_BATCH).optional(),
});
export type RecordBatch = z.infer<typeof recordBatch>;

/** cloud → gateway on `down/ack`, sent after the commit. */
export const recordAck = z.strictObject({
  v: z.literal(1),
  ids: z.array(z.string().max(60)).max(RECORDS_PER_BATCH),
});
export type RecordAck = z.infer<typeof recordAck>;

/** gateway → cloud on `up/reported`, retained. */
export const reportedConfig = z.strictObject({
  v: z.literal(1),
  /** Revision that runs, 0 when none. */
  appliedRev: z.int().min(0),
  /** Revision that was last seen on the wire, 0 when none. */
  desiredRev: z.int().min(0),
  /** `rolledBack`: it ran, the box was worse for it, and the one before runs again. Not tried again until there is another. */
  state: z.enum(['none', 'applied', 'rejected', 'rolledBack']),
  /** The one that runs is still being watched, and taken back should the box be worse for it. */
  onProbation: z.literal(true).optional(),
  /** Set when `state` is `rejected` or `rolledBack`. */
  refusal: z
    .strictObject({ code: z.string().max(60), fault: z.string().max(20), say: z.string().max(500) })
    .nullable(),
  at: epochMs,
});
export type ReportedConfig = z.infer<typeof reportedConfig>;

/** gateway → cloud on `up/status`, retained; `online: false` is the last will. */
export const presence = z.strictObject({
  v: z.literal(1),
  online: z.boolean(),
  boot: z.string().max(16),
  connection: z.int().min(0),
});
export type Presence = z.infer<typeof presence>;
