import { parseCallId } from '../../lib/base/ids.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';

/** Codes of what is not believed, each with its rule for people. */
export const DOUBTS = {
  'record.schema': 'a record has the fields of its kind, with values in their bounds',
  'record.foreignId': 'a gateway numbers its own records',
  'record.callId': 'a call has the id that was made where it started',
  'record.foreignService': 'an ID belongs, or not long ago belonged, to the gateway that reports it',
  'record.unknownLine': 'an ID is, or not long ago was, on the line that it is contracted for',
  'record.times': 'a call starts, is answered and ends in this order, and not in the future',
  'record.noTime':
    'a record made before the box knew the time waits until a later one of the same start tells it',
  'record.callOfSwitch': 'a call inside the office does not cross the switch',
} as const;

/** Why a box's record is not believed: the rule, and the field that breaks it. */
export interface Doubt {
  readonly code: keyof typeof DOUBTS;
  readonly field: string;
  readonly say: string;
}

/** The lines of a gateway, as the contract has them now. */
export interface KnownLines {
  readonly gateway: string;
  /** `port` null: a desk phone, whose line the box numbers beyond those of its board. */
  readonly lines: readonly { readonly port: number | null; readonly serviceId: string }[];
}

/** Lines of a box's desk phones are numbered from here. */
export const FIRST_PHONE_LINE = 101;

/** Before this no box existed. */
const FIRST_BOX_MS = Date.UTC(2026, 0, 1);
/** A box's clock may be this far ahead of ours. */
const AHEAD_MS = 24 * 3_600_000;
/** The wall clock of a box may be corrected during a call; the talk time is measured on the other one. */
const CORRECTION_MS = 5_000;
const LONGEST_CALL_MS = 7 * 24 * 3_600_000;

/** Undefined when the record can be believed. Pure; the caller knows the lines and the time. */
export function doubtOf(record: BoxRecord, known: KnownLines, nowMs: number): Doubt | undefined {
  return doubtWhose(record, known) ?? timesOf(record, nowMs);
}

/** Whether a record or a fax is the sender's own, of one of its calls and lines. */
export function doubtWhose(
  record: Pick<BoxRecord, 'id' | 'call' | 'serviceId' | 'line'>,
  known: KnownLines,
): Doubt | undefined {
  const sender = record.id.slice(0, record.id.indexOf('/'));
  if (sender !== known.gateway) {
    return {
      code: 'record.foreignId',
      field: 'id',
      say: `The record is numbered by ${sender}, sent by ${known.gateway}.`,
    };
  }
  if (parseCallId(record.call) === undefined) {
    return { code: 'record.callId', field: 'call', say: `"${record.call}" is not a call id.` };
  }
  const line = known.lines.find(({ serviceId }) => serviceId === record.serviceId);
  if (line === undefined) {
    return {
      code: 'record.foreignService',
      field: 'serviceId',
      say: `${record.serviceId} is no ID of this gateway.`,
    };
  }
  const right = line.port === null ? record.line >= FIRST_PHONE_LINE : record.line === line.port;
  if (!right) {
    const where = line.port === null ? 'a desk phone' : `line ${line.port}`;
    return {
      code: 'record.unknownLine',
      field: 'line',
      say: `${record.serviceId} is on ${where}, the record says ${record.line}.`,
    };
  }
  return undefined;
}

function timesOf(record: BoxRecord, nowMs: number): Doubt | undefined {
  const { startedAt, answeredAt, endedAt, talkMs } = record;
  const doubt = (field: string, say: string): Doubt => ({ code: 'record.times', field, say });
  if (startedAt < FIRST_BOX_MS) {
    return doubt('startedAt', 'The call starts before the service did: the box had no time.');
  }
  if (endedAt > nowMs + AHEAD_MS) return doubt('endedAt', 'The call ends in the future.');
  if (endedAt < startedAt) return doubt('endedAt', 'The call ends before it starts.');
  if (answeredAt !== null && (answeredAt < startedAt || answeredAt > endedAt)) {
    return doubt('answeredAt', 'The call is answered before it starts or after it ends.');
  }
  if (answeredAt === null && talkMs > 0) return doubt('talkMs', 'Nobody answered, and yet somebody talked.');
  if (talkMs > LONGEST_CALL_MS) return doubt('talkMs', 'The talk time is longer than a week.');
  if (talkMs > endedAt - startedAt + CORRECTION_MS) {
    return doubt('talkMs', 'The talk time is longer than the call.');
  }
  return undefined;
}
