import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { HEAR_LIMIT_MS } from './ear.ts';
import { type FAX_OPS, type FaxRequest, parseFaxRequest } from './fax-requests.ts';
import { type LINE_OPS, type LineRequest, parseLineRequest } from './line-requests.ts';
import type { DialMethod } from './phone.ts';

/** One request on the simulator's control socket, after checking. Times in ms, levels in dBm0. */
export type ControlRequest =
  | { readonly op: 'lift' | 'hangUp' | 'ringing'; readonly port: number }
  | { readonly op: 'flash'; readonly port: number; readonly ms: number }
  | { readonly op: 'dial'; readonly port: number; readonly digits: string; readonly by: DialMethod }
  | { readonly op: 'speak'; readonly port: number; readonly hz: number | null; readonly levelDbm0: number }
  | { readonly op: 'hear'; readonly port: number; readonly ms: number }
  | { readonly op: 'vanish'; readonly ms: number }
  | { readonly op: 'garbage'; readonly bytes: number }
  | { readonly op: 'restart' | 'state' }
  | FaxRequest
  | LineRequest;

/** A request that cannot be carried out: `control.badRequest` or `control.noSuchPort`. */
export type ControlRefusal = CodedError;

/** Level of a phone's voice when none is named. */
const DEFAULT_SPEAK_DBM0 = -15;
const DIGITS_LIMIT = 64;
const GARBAGE_LIMIT_BYTES = 65_536;
const VANISH_LIMIT_MS = 600_000;
const FLASH_LIMIT_MS = 5_000;

/** Checks a JSON value from the socket. Never throws. */
export function parseControlRequest(value: unknown, ports: number): Result<ControlRequest, ControlRefusal> {
  if (typeof value !== 'object' || value === null) return bad('A request is a JSON object.');
  const fields = value as Readonly<Record<string, unknown>>;
  const op = fields['op'];
  switch (op) {
    case 'restart':
    case 'state':
      return ok({ op });
    case 'vanish':
      return numberIn(fields, 'ms', 1, VANISH_LIMIT_MS, (ms) => ({ op, ms }));
    case 'garbage':
      return numberIn(fields, 'bytes', 1, GARBAGE_LIMIT_BYTES, (bytes) => ({ op, bytes }));
    case 'lift':
    case 'hangUp':
    case 'ringing':
    case 'flash':
    case 'dial':
    case 'speak':
    case 'hear':
    case 'faxSend':
    case 'faxReceive':
    case 'faxResult':
    case 'faxStop':
    case 'display':
    case 'numberDisplay':
    case 'lineFault':
      return onPort(op, fields, ports);
    default:
      return bad(`There is no operation ${JSON.stringify(op)}.`);
  }
}

function onPort(
  op:
    | 'lift'
    | 'hangUp'
    | 'ringing'
    | 'flash'
    | 'dial'
    | 'speak'
    | 'hear'
    | (typeof FAX_OPS)[number]
    | (typeof LINE_OPS)[number],
  fields: Readonly<Record<string, unknown>>,
  ports: number,
): Result<ControlRequest, ControlRefusal> {
  const port = fields['port'];
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > ports) {
    const say = `There is no port ${JSON.stringify(port)}; this board has ports 1 to ${ports}.`;
    return refuse({ code: 'control.noSuchPort', fault: 'caller', say });
  }
  switch (op) {
    case 'lift':
    case 'hangUp':
    case 'ringing':
      return ok({ op, port });
    case 'flash':
      return numberIn(fields, 'ms', 1, FLASH_LIMIT_MS, (ms) => ({ op, port, ms }));
    case 'hear':
      return numberIn(fields, 'ms', 1, HEAR_LIMIT_MS, (ms) => ({ op, port, ms }));
    case 'dial': {
      const { digits, by } = { digits: fields['digits'], by: fields['by'] ?? 'dtmf' };
      const good =
        typeof digits === 'string' && digits.length <= DIGITS_LIMIT && /^[0-9*#A-D]+$/.test(digits);
      if (!good) return bad(`"digits" is a text of at most ${DIGITS_LIMIT} of 0-9 * # A-D.`);
      if (by !== 'dtmf' && by !== 'pulse10' && by !== 'pulse20') {
        return bad('"by" is "dtmf", "pulse10" or "pulse20".');
      }
      return ok({ op, port, digits, by });
    }
    case 'speak': {
      const levelDbm0 = typeof fields['levelDbm0'] === 'number' ? fields['levelDbm0'] : DEFAULT_SPEAK_DBM0;
      if (fields['hz'] === null) return ok({ op, port, hz: null, levelDbm0 });
      return numberIn(fields, 'hz', 50, 3_900, (hz) => ({ op, port, hz, levelDbm0: Math.min(3, levelDbm0) }));
    }
    case 'display':
    case 'numberDisplay':
    case 'lineFault':
      return parseLineRequest(op, port, fields);
    default:
      return parseFaxRequest(op, port, fields);
  }
}

function numberIn(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
  most: number,
  make: (value: number) => ControlRequest,
): Result<ControlRequest, ControlRefusal> {
  const value = fields[name];
  const good = typeof value === 'number' && value >= least && value <= most;
  return good ? ok(make(value)) : bad(`"${name}" is a number from ${least} to ${most}.`);
}

function bad(say: string): Result<ControlRequest, ControlRefusal> {
  return refuse({ code: 'control.badRequest', fault: 'caller', say });
}
