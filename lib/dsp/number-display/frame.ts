import { type CodedError, ok, type Result, refuse } from '../../base/errors.ts';
import { displayCrc } from './crc.ts';
import {
  type AbsenceReason,
  type CallerDisplay,
  type DisplayCaller,
  displayDigits,
  NUMBER_LIMIT,
} from './message.ts';

const SOH = 0x01;
const STX = 0x02;
const ETX = 0x03;
const DLE = 0x10;
/** Header of the frame, and the kind of message: caller information. */
const HEADER = 0x07;
const KIND = 0x40;

/** Parameters of the message. 0x21 and 0x22 (type of number) are read over, and never sent: see the folder's README. */
const FIELD = { caller: 0x02, reason: 0x04, dialled: 0x09 } as const;

const REASONS: readonly string[] = ['P', 'C', 'O', 'S'] satisfies readonly AbsenceReason[];

/** Longest frame that is read: the length has seven bits, and each byte may be doubled. */
export const FRAME_LIMIT_BYTES = 300;

/** Why bytes are not a frame of Number Display. */
export type DisplayFrameError = CodedError & {
  readonly code:
    | 'display.length'
    | 'display.header'
    | 'display.parity'
    | 'display.check'
    | 'display.message'
    | 'display.noCaller';
  readonly fault: 'peer';
};

/**
 * Writes the frame, every character with its even parity bit, the two bytes of the check without. Characters that a
 * display does not show are left out; a number of which nothing is left becomes reason `O`.
 *
 * ```
 * DLE SOH 07 DLE STX 40 len { type len data… }… DLE ETX crc crc
 * ```
 * 0312345678: `90 81 87 90 82 c0 0c 82 0a 30 33 b1 b2 33 b4 35 36 b7 b8 90 03 fb 52`
 */
export function encodeDisplayFrame(message: CallerDisplay): Uint8Array {
  const fields = [...callerField(message.caller)];
  const dialled = displayDigits(message.dialled ?? '');
  if (dialled !== '') fields.push(...field(FIELD.dialled, dialled));
  const checked = [
    HEADER,
    DLE,
    STX,
    ...[KIND, fields.length, ...fields].flatMap((byte) => (byte === DLE ? [DLE, DLE] : [byte])),
    DLE,
    ETX,
  ].map(withParity);
  const crc = displayCrc(checked);
  return Uint8Array.from([withParity(DLE), withParity(SOH), ...checked, crc & 0xff, crc >> 8]);
}

/** Reads a frame, from DLE SOH on; what follows the check is not looked at. Never throws. */
export function decodeDisplayFrame(bytes: Uint8Array): Result<CallerDisplay, DisplayFrameError> {
  if (bytes.length > FRAME_LIMIT_BYTES) {
    return bad('display.length', `${bytes.length} bytes, ${FRAME_LIMIT_BYTES} at most`);
  }
  const lead = [DLE, SOH, HEADER, DLE, STX];
  if (lead.some((byte, at) => bytes[at] !== withParity(byte))) {
    return bad('display.header', 'does not begin with DLE SOH 07 DLE STX');
  }
  const inner = unstuff(bytes, lead.length);
  if (!inner.ok) return inner;
  const { message, end } = inner.value;
  const [low, high] = bytes.subarray(end, end + 2);
  if (low === undefined || high === undefined) return bad('display.length', 'ends before its check');
  if (displayCrc(bytes.subarray(2, end + 2)) !== 0) return bad('display.check', 'check does not fit');
  return readMessage(message);
}

/** Even parity in the eighth bit. */
function withParity(byte: number): number {
  let ones = 0;
  for (let bit = 0; bit < 7; bit++) ones += (byte >> bit) & 1;
  return (byte & 0x7f) | (ones % 2 === 0 ? 0 : 0x80);
}

function callerField(caller: DisplayCaller): readonly number[] {
  const digits = 'number' in caller ? displayDigits(caller.number) : '';
  if (digits !== '') return field(FIELD.caller, digits);
  return field(FIELD.reason, 'reason' in caller ? caller.reason : 'O');
}

function field(type: number, text: string): readonly number[] {
  return [type, text.length, ...Buffer.from(text, 'latin1')];
}

/** The bytes between STX and ETX without parity and doubling, and where the check begins. */
function unstuff(
  bytes: Uint8Array,
  from: number,
): Result<{ readonly message: readonly number[]; readonly end: number }, DisplayFrameError> {
  const message: number[] = [];
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const character = byte & 0x7f;
    if (withParity(character) !== byte) return bad('display.parity', `byte ${at} has the wrong parity`);
    if (character !== DLE) {
      message.push(character);
      continue;
    }
    const next = bytes[++at];
    if (next === withParity(ETX)) return ok({ message, end: at + 1 });
    if (next !== withParity(DLE)) return bad('display.message', `a lone DLE at byte ${at - 1}`);
    message.push(DLE);
  }
  return bad('display.length', 'ends before DLE ETX');
}

function readMessage(message: readonly number[]): Result<CallerDisplay, DisplayFrameError> {
  const [kind, length] = message;
  if (kind !== KIND || length !== message.length - 2) {
    return bad('display.message', 'kind or length is wrong');
  }
  let caller: DisplayCaller | undefined;
  let dialled: string | undefined;
  for (let at = 2; at < message.length; ) {
    const size = message[at + 1];
    if (size === undefined || at + 2 + size > message.length) {
      return bad('display.message', `field at byte ${at} is longer than the message`);
    }
    const text = Buffer.from(message.slice(at + 2, at + 2 + size)).toString('latin1');
    switch (message[at]) {
      case FIELD.caller:
        if (isNumber(text)) caller = { number: text };
        break;
      case FIELD.reason:
        if (REASONS.includes(text)) caller ??= { reason: text as AbsenceReason };
        break;
      case FIELD.dialled:
        if (isNumber(text)) dialled = text;
        break;
    }
    at += 2 + size;
  }
  if (caller === undefined) return bad('display.noCaller', 'says neither a number nor why there is none');
  return ok(dialled === undefined ? { caller } : { caller, dialled });
}

function isNumber(text: string): boolean {
  return text.length <= NUMBER_LIMIT && /^[0-9]+$/.test(text);
}

function bad(code: DisplayFrameError['code'], what: string): Result<never, DisplayFrameError> {
  return refuse({ code, fault: 'peer', say: `Number Display frame: ${what}` });
}
