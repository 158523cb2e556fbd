import { isIPv4, isIPv6 } from 'node:net';
import { SIP_LIMITS } from '../limits.ts';
import { NO_PARAMS, type Params } from './params.ts';
import { isDigits, isUriText, parseUint, unescapeUri } from './text.ts';

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

/** A `tel:` URI (RFC 3966). `number` has no visual separators. */
export interface TelUri {
  readonly kind: 'tel';
  readonly number: string;
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
  const colon = text.indexOf(':');
  if (colon <= 0) return undefined;
  const scheme = text.slice(0, colon).toLowerCase();
  if (!isScheme(scheme)) return undefined;
  const rest = text.slice(colon + 1);
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme === 'sips', rest, text);
  if (!isPrintable(rest)) return undefined;
  if (scheme === 'tel') return parseTel(rest, text);
  return { kind: 'other', scheme, text };
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

/** A host in the form that URIs and Via want: IPv6 in brackets. */
export function bracketHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Splits `host`, `host:port`, `[v6]` and `[v6]:port`; the host loses its brackets and becomes lower case. */
export function parseHostPort(text: string): { host: string; port: number | undefined } | undefined {
  const close = text.startsWith('[') ? text.indexOf(']') : -1;
  if (text.startsWith('[') && close < 0) return undefined;
  const colon = text.indexOf(':', close + 1);
  const hostText = colon < 0 ? text : text.slice(0, colon);
  const host = close > 0 ? hostText.slice(1, -1) : hostText;
  if (close > 0 ? close !== hostText.length - 1 || !isIPv6(host) : !isHostName(host)) return undefined;
  if (colon < 0) return { host: host.toLowerCase(), port: undefined };
  const port = parseUint(text.slice(colon + 1), 65_535);
  return port === undefined ? undefined : { host: host.toLowerCase(), port };
}

function parseSip(secure: boolean, rest: string, text: string): SipUri | undefined {
  const at = rest.indexOf('@');
  const user = at < 0 ? '' : parseUser(rest.slice(0, at));
  if (user === undefined) return undefined;
  const tail = rest.slice(at + 1);
  const question = tail.indexOf('?');
  const headers = question < 0 ? '' : tail.slice(question + 1);
  if (question >= 0 && !isUriText(headers, '[]/?:+$&=')) return undefined;
  const pieces = (question < 0 ? tail : tail.slice(0, question)).split(';');
  if (pieces.length > SIP_LIMITS.listItems) return undefined;
  const place = parseHostPort(pieces[0] ?? '');
  const params = parseUriParams(pieces.slice(1));
  if (place === undefined || params === undefined) return undefined;
  return { kind: 'sip', secure, user, ...place, params, headers, text };
}

/** `user[:password]`; the password is checked and forgotten (RFC 3261 §19.1.1 recommends against it). */
function parseUser(text: string): string | undefined {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  if (user.length === 0 || !isUriText(user, '&=+$,;?/#')) return undefined;
  if (colon >= 0 && !isUriText(text.slice(colon + 1), '&=+$,')) return undefined;
  return unescapeUri(user);
}

function parseUriParams(pieces: readonly string[]): Params | undefined {
  if (pieces.length === 0) return NO_PARAMS;
  const out = new Map<string, string>();
  for (const piece of pieces) {
    const equals = piece.indexOf('=');
    const name = equals < 0 ? piece : piece.slice(0, equals);
    const value = equals < 0 ? '' : piece.slice(equals + 1);
    if (name.length === 0 || !isUriText(name, '[]/:&+$') || !isUriText(value, '[]/:&+$')) return undefined;
    const key = unescapeUri(name).toLowerCase();
    if (!out.has(key)) out.set(key, unescapeUri(value));
  }
  return out;
}

function parseTel(rest: string, text: string): TelUri | undefined {
  const end = rest.indexOf(';');
  let number = '';
  for (const char of end < 0 ? rest : rest.slice(0, end)) {
    if (isDigits(char) || '+*#abcdefABCDEF'.includes(char)) number += char;
    else if (!'-.()'.includes(char)) return undefined;
  }
  return number.length === 0 ? undefined : { kind: 'tel', number, text };
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

function isHostName(text: string): boolean {
  if (text.length === 0 || text.length > 255) return false;
  if (isIPv4(text)) return true;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) | 32;
    const letter = code >= 97 && code <= 122 && text.charCodeAt(at) >= 65;
    if (!letter && !isDigits(text.charAt(at)) && !'-._'.includes(text.charAt(at))) return false;
  }
  return true;
}
