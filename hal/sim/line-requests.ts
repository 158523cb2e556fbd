import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { LineCondition } from './line-faults.ts';

/** Requests of the control socket about the display of a phone and the two wires to it, after checking. */
export type LineRequest =
  /** Answers what the display showed. */
  | { readonly op: 'display'; readonly port: number }
  | { readonly op: 'numberDisplay'; readonly port: number; readonly on: boolean }
  /** Sets what is wrong with the wires; what is not named stays, and `null` mends everything. */
  | { readonly op: 'lineFault'; readonly port: number; readonly fault: Partial<LineCondition> | null };

/** The operations of {@link LineRequest}. */
export const LINE_OPS = ['display', 'numberDisplay', 'lineFault'] as const;

/** Greatest value of each condition that is a number. */
const MOST = {
  hazardousAcVrms: 400,
  hazardousDcV: 400,
  foreignAcVrms: 400,
  foreignDcV: 400,
  leakageKohm: 60_000,
  ren: 20,
} as const;

type Fields = Readonly<Record<string, unknown>>;

/** Checks a request whose port is known to be one. Never throws. */
export function parseLineRequest(
  op: (typeof LINE_OPS)[number],
  port: number,
  fields: Fields,
): Result<LineRequest, CodedError> {
  switch (op) {
    case 'display':
      return ok({ op, port });
    case 'numberDisplay': {
      const on = fields['on'];
      return typeof on === 'boolean' ? ok({ op, port, on }) : bad('"on" is true or false.');
    }
    case 'lineFault': {
      const fault = fields['fault'];
      if (fault === null) return ok({ op, port, fault });
      if (typeof fault !== 'object') return bad('"fault" is an object, or null for a healthy line.');
      const read = faultOf(fault as Fields);
      return read.ok ? ok({ op, port, fault: read.value }) : read;
    }
  }
}

function faultOf(fields: Fields): Result<Partial<LineCondition>, CodedError> {
  const fault: { -readonly [Name in keyof LineCondition]?: LineCondition[Name] } = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'receiverOffHook') {
      if (typeof value !== 'boolean') return bad('"receiverOffHook" is true or false.');
      fault.receiverOffHook = value;
      continue;
    }
    const most = Object.hasOwn(MOST, name) ? MOST[name as keyof typeof MOST] : undefined;
    if (most === undefined) return bad(`A line has no condition ${JSON.stringify(name).slice(0, 40)}.`);
    if (typeof value !== 'number' || !(value >= 0 && value <= most)) {
      return bad(`"${name}" is a number from 0 to ${most}.`);
    }
    fault[name as keyof typeof MOST] = value;
  }
  return ok(fault);
}

function bad(say: string): Result<never, CodedError> {
  return refuse({ code: 'control.badRequest', fault: 'caller', say });
}
