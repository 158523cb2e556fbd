import { SIP_LIMITS } from '../limits.ts';
import { bracketHost, parseHostPort } from './host.ts';
import { NO_PARAMS, type Params, parseParam, parseParams } from './params.ts';
import { CLASS, CODE, hasLws, isToken, quote, runEnd, splitOutside, trimLws } from './text.ts';

/** One Via (RFC 3261 §20.42, RFC 3581). */
export interface Via {
  /** Upper case: `UDP`, `TCP`, `TLS` or whatever stood there. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
}

/** Every branch made by RFC 3261 starts so. */
export const MAGIC_COOKIE = 'z9hG4bK';

/** Reads all Vias in order. Undefined when one is malformed or there are more than `limit`. */
export function parseVias(values: readonly string[], limit: number, anyVersion = false): Via[] | undefined {
  const out: Via[] = [];
  for (const value of values) {
    const pieces = value.includes(',') ? splitOutside(value, CODE.comma) : [value];
    if (pieces === undefined) return undefined;
    for (const piece of pieces) {
      const via = parseVia(piece, anyVersion);
      if (via === undefined || out.length >= limit) return undefined;
      out.push(via);
    }
  }
  return out;
}

/**
 * `SIP/2.0/UDP host:port;params`, with white space where the grammar allows it. `anyVersion` serves the answer to a
 * request of another version.
 */
export function parseVia(text: string, anyVersion = false): Via | undefined {
  return text.startsWith(PLAIN) ? readVia(text, PLAIN.length) : parseWideVia(text, anyVersion);
}

/** How nearly every Via begins. */
const PLAIN = 'SIP/2.0/';

/** From the transport on: `UDP host:port;params`. */
function readVia(text: string, from: number): Via | undefined {
  const gap = runEnd(text, from, CLASS.token);
  if (gap === from || gap === text.length || !hasLws(text.charAt(gap))) return undefined;
  const semicolon = text.indexOf(';', gap);
  const place = parseHostPort(withoutLws(text.slice(gap, semicolon < 0 ? text.length : semicolon)));
  const params = semicolon < 0 ? NO_PARAMS : parseParams(text, semicolon);
  if (place === undefined || params === undefined) return undefined;
  return { transport: upperTransport(text.slice(from, gap)), host: place.host, port: place.port, params };
}

/** `SIP / 2.0 / UDP host`, RFC 4475 §3.1.1.1. */
function parseWideVia(text: string, anyVersion: boolean): Via | undefined {
  const slash1 = text.indexOf('/');
  const slash2 = slash1 < 0 ? -1 : text.indexOf('/', slash1 + 1);
  if (slash2 < 0) return undefined;
  if (trimLws(text.slice(0, slash1)).toUpperCase() !== 'SIP') return undefined;
  const version = trimLws(text.slice(slash1 + 1, slash2));
  if (!isToken(version) || (!anyVersion && version !== '2.0')) return undefined;
  return readVia(trimLws(text.slice(slash2 + 1)), 0);
}

/** What can be read of a malformed Via, so that its sender hears of it: where it is, and its sound parameters. */
export function salvageVia(text: string): Via | undefined {
  const [start, ...pieces] = text.split(';', SIP_LIMITS.listItems);
  const via = parseVia(start ?? '', true);
  if (via === undefined) return undefined;
  const params = new Map<string, string>();
  for (const piece of pieces) {
    const param = parseParam(piece);
    if (param !== undefined && !params.has(param[0])) params.set(param[0], param[1]);
  }
  return { ...via, params };
}

/** The grammar allows white space around the colon of `host : port`. */
function withoutLws(text: string): string {
  const trimmed = trimLws(text);
  if (!hasLws(trimmed)) return trimmed;
  let out = '';
  for (const char of trimmed) if (!hasLws(char)) out += char;
  return out;
}

/** Where the message came from by the word of the element that took it, IPv6 without brackets (RFC 5118 §4.5 has both ways). */
export function receivedOf(via: Via): string | undefined {
  const received = via.params.get('received');
  return received?.startsWith('[') && received.endsWith(']') ? received.slice(1, -1) : received;
}

/** As it goes on the wire. */
export function writeVia(via: Via): string {
  let out = placeOf(via);
  for (const [name, value] of via.params) out += writeParam(name, value);
  return out;
}

function placeOf({ transport, host, port }: Via): string {
  const place = `SIP/2.0/${transport} ${bracketHost(host)}`;
  return port === undefined ? place : `${place}:${port}`;
}

function writeParam(name: string, value: string): string {
  return value === '' ? `;${name}` : `;${name}=${paramValue(value)}`;
}

/** A value that is no plain one stood in quotes. */
function paramValue(value: string): string {
  return runEnd(value, 0, CLASS.value) === value.length ? value : quote(value);
}

/** Nearly always one of three, and then no new string. */
function upperTransport(text: string): string {
  return text === 'UDP' || text === 'TCP' || text === 'TLS' ? text : text.toUpperCase();
}

/**
 * The top Via of a request as received: `received` always, and the port when `rport` was asked for (RFC 3261 §18.2.1,
 * RFC 3581 §4). As it goes on the wire: each response has it.
 */
export function writeStampedVia(via: Via, sourceHost: string, sourcePort: number): string {
  let out = placeOf(via);
  for (const [name, value] of via.params) {
    if (name === 'received') continue;
    out += writeParam(name, name === 'rport' ? String(sourcePort) : value);
  }
  // A zone means nothing to anybody else (RFC 4007 §11.2).
  return out + writeParam('received', withoutZone(sourceHost));
}

function withoutZone(host: string): string {
  return host.includes('%') ? (host.split('%', 1)[0] ?? host) : host;
}
