import { parseCallId } from '../../lib/base/ids.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';

/** Why a box's record is not believed. */
export type Doubt =
  | { readonly code: 'record.schema'; readonly say: string }
  | { readonly code: 'record.foreignId'; readonly say: string }
  | { readonly code: 'record.callId'; readonly say: string }
  | { readonly code: 'record.foreignService'; readonly say: string }
  | { readonly code: 'record.unknownLine'; readonly say: string }
  | { readonly code: 'record.times'; readonly say: string }
  | { readonly code: 'record.callOfSwitch'; readonly say: string };

/** The lines of a gateway, as the contract has them now. */
export interface KnownLines {
  readonly gateway: string;
  readonly lines: readonly { readonly port: number; readonly serviceId: string }[];
}

/** Before this no box existed. */
const FIRST_BOX_MS = Date.UTC(2026, 0, 1);
/** A box's clock may be this far ahead of ours. */
const AHEAD_MS = 24 * 3_600_000;
/** The wall clock of a box may be corrected during a call; the talk time is measured on the other one. */
const CORRECTION_MS = 5_000;
const LONGEST_CALL_MS = 7 * 24 * 3_600_000;

/** Undefined when the record can be believed. Pure; the caller knows the lines and the time. */
export function doubtOf(record: BoxRecord, known: KnownLines, nowMs: number): Doubt | undefined {
  const sender = record.id.slice(0, record.id.indexOf('/'));
  if (sender !== known.gateway) {
    return {
      code: 'record.foreignId',
      say: `The record is numbered by ${sender}, sent by ${known.gateway}.`,
    };
  }
  if (parseCallId(record.call) === undefined) {
    return { code: 'record.callId', say: `"${record.call}" is not a call id.` };
  }
  const line = known.lines.find(({ serviceId }) => serviceId === record.serviceId);
  if (line === undefined) {
    return { code: 'record.foreignService', say: `${record.serviceId} is no ID of this gateway.` };
  }
  if (line.port !== record.line) {
    return {
      code: 'record.unknownLine',
      say: `${record.serviceId} is on line ${line.port}, the record says ${record.line}.`,
    };
  }
  const times = timesOf(record, nowMs);
  return times === undefined ? undefined : { code: 'record.times', say: times };
}

function timesOf(record: BoxRecord, nowMs: number): string | undefined {
  const { startedAt, answeredAt, endedAt, talkMs } = record;
  if (startedAt < FIRST_BOX_MS) return 'The call starts before the service did: the box had no time.';
  if (endedAt > nowMs + AHEAD_MS) return 'The call ends in the future.';
  if (endedAt < startedAt) return 'The call ends before it starts.';
  if (answeredAt !== null && (answeredAt < startedAt || answeredAt > endedAt)) {
    return 'The call is answered before it starts or after it ends.';
  }
  if (answeredAt === null && talkMs > 0) return 'Nobody answered, and yet somebody talked.';
  if (talkMs > LONGEST_CALL_MS) return 'The talk time is longer than a week.';
  if (talkMs > endedAt - startedAt + CORRECTION_MS) return 'The talk time is longer than the call.';
  return undefined;
}
