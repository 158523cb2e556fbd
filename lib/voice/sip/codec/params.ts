import { SIP_LIMITS } from '../limits.ts';
import { blankEnd, CLASS, CODE, runEnd, trimLws, unquote } from './text.ts';

/** Parameters by lower-case name. A parameter without a value has the empty string. A Map, because names come off the wire. */
export type Params = ReadonlyMap<string, string>;

/** No parameters. */
export const NO_PARAMS: Params = new Map();

/**
 * `;name=value;flag;q="x"` of a header (RFC 3261 generic-param). It starts at the first semicolon at or after `from`,
 * with nothing but white space before it, and goes to the end. Undefined when it is malformed or has more than
 * {@link SIP_LIMITS}.listItems parameters; the first of two equal names wins.
 */
export function parseParams(text: string, from = 0): Params | undefined {
  let at = blankEnd(text, from);
  if (at === text.length) return NO_PARAMS;
  const out = new Map<string, string>();
  for (let count = 0; at < text.length; count++) {
    if (text.charCodeAt(at) !== CODE.semicolon || count >= SIP_LIMITS.listItems) return undefined;
    const start = blankEnd(text, at + 1);
    const nameEnd = runEnd(text, start, CLASS.token);
    if (nameEnd === start) return undefined;
    const name = lower(text.slice(start, nameEnd));
    at = blankEnd(text, nameEnd);
    let value = '';
    if (text.charCodeAt(at) === CODE.equals) {
      const valueStart = blankEnd(text, at + 1);
      const valueEnd = valueRunEnd(text, valueStart);
      const found = readValue(text, valueStart, valueEnd);
      if (found === undefined) return undefined;
      value = found;
      at = blankEnd(text, valueEnd);
    }
    if (!out.has(name)) out.set(name, value);
  }
  return out;
}

/** Names of parameters that nearly every message has: no new string is made of them. */
const USUAL: ReadonlySet<string> = new Set(['branch', 'rport', 'received', 'tag', 'expires', 'q', 'lr']);

function lower(name: string): string {
  return USUAL.has(name) ? name : name.toLowerCase();
}

/** One `name`, `name=value` or `name="value"`; white space around `=` is allowed. */
export function parseParam(piece: string): [name: string, value: string] | undefined {
  const start = blankEnd(piece, 0);
  const nameEnd = runEnd(piece, start, CLASS.token);
  if (nameEnd === start) return undefined;
  const name = piece.slice(start, nameEnd).toLowerCase();
  const equals = blankEnd(piece, nameEnd);
  if (equals === piece.length) return [name, ''];
  if (piece.charCodeAt(equals) !== CODE.equals) return undefined;
  const raw = trimLws(piece.slice(equals + 1));
  const end = valueRunEnd(raw, 0);
  const value = end === raw.length ? readValue(raw, 0, end) : undefined;
  return value === undefined ? undefined : [name, value];
}

/** Where a quoted or plain value ends; the end of the text when a quote is not closed. */
function valueRunEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== CODE.quote) return runEnd(text, from, CLASS.value);
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === CODE.backslash) at++;
    else if (code === CODE.quote) return at + 1;
  }
  return text.length;
}

function readValue(text: string, from: number, to: number): string | undefined {
  if (to <= from) return undefined;
  const raw = text.slice(from, to);
  return text.charCodeAt(from) === CODE.quote ? unquote(raw) : raw;
}
