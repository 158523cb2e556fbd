import { isIPv4, isIPv6 } from 'node:net';
import { ok, type Result, refuse } from '../../base/errors.ts';
import type { Connection, Media, Origin, SdpRefusal, SessionDescription } from './types.ts';

/** Limits: a description is read in one pass and holds no more than this. */
const SDP_LIMITS = { chars: 16_384, lines: 500, media: 16, formats: 64 } as const;

interface Draft {
  origin: Origin | undefined;
  connection: Connection | undefined;
  attributes: (readonly [string, string])[];
  media: MediaDraft[];
}

interface MediaDraft {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  connection: Connection | undefined;
  attributes: (readonly [string, string])[];
}

/** Reads a session description. Line ends may be CRLF or LF. Never throws; unknown lines are skipped. */
export function parseSdp(text: string): Result<SessionDescription, SdpRefusal> {
  if (text.length > SDP_LIMITS.chars) return malformed(0, 'it is too long');
  const lines = text.split('\n', SDP_LIMITS.lines + 1);
  if (lines.length > SDP_LIMITS.lines) return malformed(SDP_LIMITS.lines, 'it has too many lines');
  const draft: Draft = { origin: undefined, connection: undefined, attributes: [], media: [] };
  let version = false;
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') continue;
    if (line.charAt(1) !== '=') return malformed(index + 1, 'a line is not of the form x=value');
    if (!version && line !== 'v=0') return malformed(index + 1, 'it does not start with v=0');
    version = true;
    const fault = readLine(draft, line.charAt(0), line.slice(2));
    if (fault !== undefined) return malformed(index + 1, fault);
  }
  const { origin, connection, attributes, media } = draft;
  if (origin === undefined) return malformed(0, 'it has no o= line');
  return ok({ origin, connection, attributes, media });
}

function malformed(line: number, why: string): { readonly ok: false; readonly error: SdpRefusal } {
  const say = `The session description is malformed at line ${line}: ${why}.`;
  return refuse({ code: 'sdp.malformed', fault: 'peer', status: 400, line, say });
}

/** What is wrong with the line, or undefined. */
function readLine(draft: Draft, type: string, value: string): string | undefined {
  const current = draft.media.at(-1);
  switch (type) {
    case 'o':
      draft.origin ??= readOrigin(value);
      return draft.origin === undefined ? 'o= is malformed' : undefined;
    case 'c': {
      const connection = readConnection(value);
      if (connection === undefined) return 'c= is malformed';
      if (current === undefined) draft.connection = connection;
      else current.connection = connection;
      return undefined;
    }
    case 'm': {
      const media = readMedia(value);
      if (media === undefined || draft.media.length >= SDP_LIMITS.media) return 'm= is malformed';
      draft.media.push(media);
      return undefined;
    }
    case 'a': {
      const colon = value.indexOf(':');
      const name = colon < 0 ? value : value.slice(0, colon);
      (current ?? draft).attributes.push([name.trim(), colon < 0 ? '' : value.slice(colon + 1).trim()]);
      return undefined;
    }
    default:
      return undefined;
  }
}

/** `o=user id version IN IP4 host`. */
function readOrigin(value: string): Origin | undefined {
  const [user, id, version, ...address] = words(value);
  const connection = readConnection(address.join(' '));
  if (user === undefined || id === undefined || version === undefined) return undefined;
  if (!isNumber(id) || !isNumber(version) || connection === undefined) return undefined;
  return { user, id: BigInt(id), version: BigInt(version), connection };
}

/** `IN IP4 host[/ttl]`. Names are refused: nobody here looks up where audio should go. */
function readConnection(value: string): Connection | undefined {
  const [network, type, address, ...more] = words(value);
  if (network !== 'IN' || address === undefined || more.length > 0) return undefined;
  const slash = address.indexOf('/');
  const host = slash < 0 ? address : address.slice(0, slash);
  if (type === 'IP4') return isIPv4(host) || isName(host) ? { family: 4, host } : undefined;
  if (type === 'IP6') return isIPv6(host) || isName(host) ? { family: 6, host } : undefined;
  return undefined;
}

/** `audio 30000 RTP/AVP 0 101`, `audio 30000/2 …`, `image 0 udptl t38`. */
function readMedia(value: string): MediaDraft | undefined {
  const [kind, portText, protocol, ...formats] = words(value);
  if (kind === undefined || portText === undefined || protocol === undefined) return undefined;
  const slash = portText.indexOf('/');
  const digits = slash < 0 ? portText : portText.slice(0, slash);
  const port = isNumber(digits) ? Number(digits) : Number.NaN;
  if (!(port <= 65_535) || formats.length === 0 || formats.length > SDP_LIMITS.formats) return undefined;
  return { kind, port, protocol, formats, connection: undefined, attributes: [] };
}

function words(value: string): string[] {
  return value.split(' ').filter((word) => word !== '');
}

/** Up to 20 decimal digits: what a 64-bit number may have. */
function isNumber(text: string): boolean {
  if (text.length === 0 || text.length > 20) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** A host name is let through in `o=` and judged where an address is needed. */
function isName(text: string): boolean {
  for (const char of text) if (char <= ' ' || char > '~' || char === ':') return false;
  return text.length > 0 && text.length <= 255;
}

/** Values of one attribute of a media, in order. */
export function attributesOf(media: Media, name: string): string[] {
  return media.attributes.filter(([key]) => key === name).map(([, value]) => value);
}
