import { SIP_LIMITS } from '../limits.ts';
import { parseHostPort } from './host.ts';
import { NO_PARAMS, type Params } from './params.ts';
import { CLASS, CODE, escapedRunEnd, isDigits, unescapeUri } from './text.ts';

/** A `sip:` or `sips:` URI (RFC 3261 §19.1). `user` is unescaped; `text` is what stood on the wire. */
export interface SipUri {
  readonly kind: 'sip';
  readonly secure: boolean;
  readonly user: string;
  /** Lower case; IPv6 without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
  /** The part after `?`, raw; empty when there is none. */
  readonly headers: string;
  readonly text: string;
}

/** A `tel:` URI (RFC 3966). `number` has no visual separators; a global one begins with `+`. */
export interface TelUri {
  readonly kind: 'tel';
  readonly number: string;
  /** `phone-context` of a local number, `ext`, `isub` and what else stands there. */
  readonly params: Params;
  readonly text: string;
}

/** A scheme we know nothing of. Kept, so that From and To may carry it. */
export interface OtherUri {
  readonly kind: 'other';
  readonly scheme: string;
  readonly text: string;
}

export type Uri = SipUri | TelUri | OtherUri;

/** Reads a URI; undefined when it is malformed. Never throws. */
export function parseUri(text: string): Uri | undefined {
  // Nearly every URI there is; what follows is for the rest.
  if (text.startsWith('sip:')) return parseSip(false, text, 4);
  const colon = text.indexOf(':');
  if (colon <= 0) return undefined;
  const scheme = text.slice(0, colon).toLowerCase();
  if (!isScheme(scheme)) return undefined;
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme === 'sips', text, colon + 1);
  if (scheme === 'tel') return parseTel(text, colon + 1);
  return isPrintable(text.slice(colon + 1)) ? { kind: 'other', scheme, text } : undefined;
}

/** The user part, or the number of a `tel:` URI; empty when there is none. */
export function userOf(uri: Uri): string {
  switch (uri.kind) {
    case 'sip':
      return uri.user;
    case 'tel':
      return uri.number;
    case 'other':
      return '';
  }
}

function parseSip(secure: boolean, text: string, from: number): SipUri | undefined {
  const at = text.indexOf('@', from);
  let user = '';
  if (at >= 0) {
    const found = parseUser(text, from, at);
    if (found === undefined) return undefined;
    user = found;
  }
  const start = at < 0 ? from : at + 1;
  const question = text.indexOf('?', start);
  const end = question < 0 ? text.length : question;
  if (question >= 0 && escapedRunEnd(text, question + 1, CLASS.uriHeader) !== text.length) return undefined;
  const semicolon = text.indexOf(';', start);
  const placeEnd = semicolon < 0 || semicolon > end ? end : semicolon;
  const place = parseHostPort(text.slice(start, placeEnd));
  const params = placeEnd === end ? NO_PARAMS : parseUriParams(text, placeEnd, end);
  if (place === undefined || params === undefined) return undefined;
  const headers = question < 0 ? '' : text.slice(question + 1);
  return { kind: 'sip', secure, user, host: place.host, port: place.port, params, headers, text };
}

/** `user[:password]`; the password is checked and forgotten (RFC 3261 §19.1.1 recommends against it). */
function parseUser(text: string, from: number, to: number): string | undefined {
  const end = escapedRunEnd(text, from, CLASS.user);
  if (end <= from) return undefined;
  if (end !== to) {
    if (text.charCodeAt(end) !== CODE.colon) return undefined;
    if (escapedRunEnd(text, end + 1, CLASS.password) !== to) return undefined;
  }
  return unescapeUri(text.slice(from, end));
}

/** `;name=value` from a semicolon up to `end`. */
function parseUriParams(text: string, from: number, end: number): Params | undefined {
  const out = new Map<string, string>();
  let at = from;
  for (let count = 0; at < end; count++) {
    const nameEnd = escapedRunEnd(text, at + 1, CLASS.uriParam);
    if (count >= SIP_LIMITS.listItems || nameEnd <= at + 1) return undefined;
    const name = unescapeUri(text.slice(at + 1, nameEnd)).toLowerCase();
    let value = '';
    at = nameEnd;
    if (text.charCodeAt(at) === CODE.equals) {
      const valueEnd = escapedRunEnd(text, at + 1, CLASS.uriParam);
      if (valueEnd < 0) return undefined;
      value = unescapeUri(text.slice(at + 1, valueEnd));
      at = valueEnd;
    }
    if (at < end && text.charCodeAt(at) !== CODE.semicolon) return undefined;
    if (!out.has(name)) out.set(name, value);
  }
  return out;
}

/** A number has at least one digit, `*` or `#`; a `+` stands at its start or nowhere (RFC 3966 §3). */
function parseTel(text: string, from: number): TelUri | undefined {
  const semicolon = text.indexOf(';', from);
  const end = semicolon < 0 ? text.length : semicolon;
  const params = semicolon < 0 ? NO_PARAMS : parseUriParams(text, semicolon, text.length);
  let number = '';
  let dialled = false;
  for (let at = from; at < end; at++) {
    const char = text.charAt(at);
    if (isDigits(char) || '*#abcdefABCDEF'.includes(char)) dialled = true;
    else if ('-.()'.includes(char)) continue;
    else if (char !== '+' || at !== from) return undefined;
    number += char;
  }
  return !dialled || params === undefined ? undefined : { kind: 'tel', number, params, text };
}

function isScheme(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const letter = code >= 97 && code <= 122;
    if (!letter && (at === 0 || !(isDigits(text.charAt(at)) || '+-.'.includes(text.charAt(at)))))
      return false;
  }
  return true;
}

function isPrintable(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 127 || '<>"'.includes(text.charAt(at))) return false;
  }
  return text.length > 0;
}
