import { CODE, isToken, splitOutside, trimLws, unquote } from './text.ts';

/** Parameters by lower-case name. A parameter without a value has the empty string. A Map, because names come off the wire. */
export type Params = ReadonlyMap<string, string>;

/** No parameters. */
export const NO_PARAMS: Params = new Map();

/**
 * `;name=value;flag;q="x"` of a header (RFC 3261 generic-param). `text` starts at the first semicolon or is empty.
 * Undefined when it is malformed; the first of two equal names wins.
 */
export function parseParams(text: string): Params | undefined {
  const rest = trimLws(text);
  if (rest.length === 0) return NO_PARAMS;
  if (rest.charCodeAt(0) !== CODE.semicolon) return undefined;
  const pieces = splitOutside(rest.slice(1), CODE.semicolon);
  if (pieces === undefined) return undefined;
  const out = new Map<string, string>();
  for (const piece of pieces) {
    const parsed = parseParam(piece);
    if (parsed === undefined) return undefined;
    if (!out.has(parsed[0])) out.set(parsed[0], parsed[1]);
  }
  return out;
}

/** One `name`, `name=value` or `name="value"`; white space around `=` is allowed. */
export function parseParam(piece: string): [name: string, value: string] | undefined {
  const equals = piece.indexOf('=');
  const name = trimLws(equals < 0 ? piece : piece.slice(0, equals));
  if (!isToken(name)) return undefined;
  if (equals < 0) return [name.toLowerCase(), ''];
  const raw = trimLws(piece.slice(equals + 1));
  const value = raw.charCodeAt(0) === CODE.quote ? unquote(raw) : isPlainValue(raw) ? raw : undefined;
  return value === undefined ? undefined : [name.toLowerCase(), value];
}

/** A token or a host. IPv6 hosts bring brackets and colons; `/` and `@` occur in the wild (URIs, MIME types) and harm nobody. */
function isPlainValue(text: string): boolean {
  if (text.length === 0) return false;
  for (let at = 0; at < text.length; at++) {
    if (!isToken(text.charAt(at)) && !'[]:/@$&?='.includes(text.charAt(at))) return false;
  }
  return true;
}
