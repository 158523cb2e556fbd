import type { SipHeaders } from '../api.ts';
import { SIP_LIMITS } from '../limits.ts';
import { PROXY_REQUIRE, RECORD_ROUTE, REQUIRE, ROUTE, SUPPORTED } from './fields/lists.ts';
import { type Head, headEnd, splitHead } from './head.ts';
import { nameMask } from './header-names.ts';
import { Headers } from './headers.ts';
import type { SipMessage } from './message.ts';
import { type NameAddr, parseNameAddr, parseNameAddrs } from './name-addr.ts';
import { checkDate } from './sip-date.ts';
import { parseStartLine, type StartLine } from './start-line.ts';
import { blankEnd, CLASS, CODE, hasLws, parseUint, runEnd, splitOutside } from './text.ts';
import { MAGIC_COOKIE, parseVia, parseVias, salvageVia, type Via } from './via.ts';

/** What a datagram, or one message of a stream, turned out to be. */
export type ParseResult =
  | { readonly kind: 'ok'; readonly message: SipMessage }
  /** A broken request that can be answered: what `rejectionTo` needs for that. */
  | Rejection
  /** Not answerable: noise, a broken response, a broken ACK, or a request without a usable Via. */
  | { readonly kind: 'drop'; readonly say: string };

/** What is known of a broken request: enough to answer it (RFC 3261 §8.2.6.2). */
export interface Rejection {
  readonly kind: 'reject';
  readonly status: number;
  readonly say: string;
  /** The topmost, or as much of it as could be read. */
  readonly via: Via;
  /** The others as they stood. */
  readonly lowerVias: readonly string[];
  /** From, To, Call-ID and CSeq as they stood, as far as they are there. */
  readonly echo: SipHeaders;
}

/** Largest CSeq number, RFC 3261 §8.1.1.5. */
const CSEQ_MAX = 2 ** 31 - 1;
/** Largest expiry, RFC 3261 §20.19. */
const EXPIRES_MAX = 2 ** 32 - 1;
const NOTHING = Buffer.alloc(0);
/** Headers that may stand in a message once. */
const SINGLE = nameMask(
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Content-Length',
  'Content-Type',
  'Expires',
  'Date',
);
/** Headers that may be absent but not wrong, because what is done with a message hangs on them. */
const CHECKED = [REQUIRE, PROXY_REQUIRE, SUPPORTED, ROUTE, RECORD_ROUTE] as const;
const CHECKED_MASK = nameMask(...CHECKED.map(({ name }) => name));
const DATED = nameMask('Expires', 'Date');

/** Reads one message. Never throws, whatever the bytes; work is linear in their number. */
export function parseMessage(datagram: Buffer): ParseResult {
  const bytes = datagram.subarray(leadingBlank(datagram));
  if (bytes.length > SIP_LIMITS.messageBytes) return drop('too long');
  const end = headEnd(bytes, 0);
  if (end < 0) return drop('no end of the head');
  const head = splitHead(bytes.subarray(0, end - 4));
  const start = parseStartLine(head.startLine);
  if (start.kind === 'noise') return drop('no SIP start line');
  const headers = new Headers(head.lines);
  const found = readFields(start, head, headers, bytes.subarray(end));
  if (typeof found !== 'string') return { kind: 'ok', message: found };
  const status = start.kind === 'badRequest' ? start.status : 400;
  return start.kind === 'response' ? drop(found) : rejection(head, headers, status, found);
}

/** The typed message, or the sentence that says what is wrong. */
function readFields(start: StartLine, head: Head, headers: Headers, rest: Buffer): SipMessage | string {
  if (start.kind === 'badRequest') return start.say;
  if (start.kind === 'noise') return 'no SIP start line';
  if (head.fault !== undefined) return head.fault;
  const repeated = headers.repeatedOf(SINGLE);
  if (repeated !== undefined) return `more than one ${repeated}`;
  const vias = parseVias(headers.all('via'), SIP_LIMITS.vias);
  if (vias === undefined || !isSome(vias)) return 'Via is missing or malformed';
  const branch = vias[0].params.get('branch');
  if (branch === '' || branch === MAGIC_COOKIE) return 'Via has an empty branch';
  const from = parseNameAddr(headers.get('from') ?? '');
  const to = parseNameAddr(headers.get('to') ?? '');
  if (from === undefined) return 'From is missing or malformed';
  if (to === undefined) return 'To is missing or malformed';
  const callId = headers.get('call-id') ?? '';
  if (callId === '' || hasLws(callId)) return 'Call-ID is missing or malformed';
  const cseq = parseCseq(headers.get('cseq') ?? '');
  if (cseq === undefined) return 'CSeq is missing or malformed';
  const maxForwards = optionalUint(headers, 'max-forwards', 255);
  if (maxForwards === null) return 'Max-Forwards is out of range';
  const found = parseContacts(headers.all('contact'));
  if (found === undefined) return 'Contact is malformed';
  const fault = checkOptional(headers);
  if (fault !== undefined) return fault;
  const body = cutBody(headers, rest);
  if (body === undefined) return 'Content-Length does not fit the message';
  const { contacts, contactStar } = found;
  const fromTag = from.params.get('tag') ?? '';
  const toTag = to.params.get('tag') ?? '';
  // Written out, because a spread costs as much as reading a header.
  if (start.kind === 'response') {
    const { status, phrase } = start;
    return {
      kind: 'response',
      status,
      phrase,
      headers,
      vias,
      from,
      to,
      fromTag,
      toTag,
      callId,
      cseq,
      contacts,
      contactStar,
      body,
    };
  }
  if (cseq.method !== start.method) return 'CSeq names another method';
  const { method, uri: requestUri } = start;
  return {
    kind: 'request',
    method,
    requestUri,
    maxForwards,
    headers,
    vias,
    from,
    to,
    fromTag,
    toTag,
    callId,
    cseq,
    contacts,
    contactStar,
    body,
  };
}

function isSome(vias: readonly Via[]): vias is readonly [Via, ...Via[]] {
  return vias.length > 0;
}

function drop(say: string): ParseResult {
  return { kind: 'drop', say };
}

/** RFC 3261 §7.5: empty lines before the start line are skipped. */
function leadingBlank(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === CODE.cr && bytes[at + 1] === CODE.lf) at += 2;
  return at;
}

/** An answer is possible when the top Via says where to; an ACK is never answered. */
function rejection(head: Head, headers: Headers, status: number, say: string): ParseResult {
  const vias = headers.all('via').flatMap((value) => splitOutside(value, CODE.comma) ?? [value]);
  const via = vias[0] === undefined ? undefined : (parseVia(vias[0], true) ?? salvageVia(vias[0]));
  if (via === undefined || vias.length > SIP_LIMITS.vias || head.startLine.startsWith('ACK '))
    return drop(say);
  const echo: [string, string][] = [];
  for (const name of ECHOED) for (const value of headers.all(name)) echo.push([name, value]);
  const lowerVias = vias.slice(1).filter((piece) => piece !== '');
  return { kind: 'reject', status, say, via, lowerVias, echo };
}

const ECHOED = ['From', 'To', 'Call-ID', 'CSeq'] as const;

/** `number LWS method`. */
function parseCseq(value: string): { number: number; method: string } | undefined {
  const digitsEnd = runEnd(value, 0, CLASS.digit);
  const start = blankEnd(value, digitsEnd);
  if (start === digitsEnd || start === value.length || runEnd(value, start, CLASS.token) !== value.length)
    return undefined;
  const number = parseUint(value.slice(0, digitsEnd), CSEQ_MAX);
  return number === undefined ? undefined : { number, method: value.slice(start) };
}

/** Undefined when absent, null when present and wrong. */
function optionalUint(headers: Headers, name: string, max: number): number | undefined | null {
  const text = headers.get(name);
  return text === undefined ? undefined : (parseUint(text, max) ?? null);
}

const NO_CONTACTS = { contacts: [], contactStar: false } as const;

function parseContacts(
  values: readonly string[],
): { contacts: readonly NameAddr[]; contactStar: boolean } | undefined {
  if (values.length === 0) return NO_CONTACTS;
  if (values.length === 1 && values[0] === '*') return { contacts: [], contactStar: true };
  const contacts = parseNameAddrs(values);
  return contacts === undefined || contacts.length > SIP_LIMITS.listItems
    ? undefined
    : { contacts, contactStar: false };
}

/** Headers that may be absent but not wrong. */
function checkOptional(headers: Headers): string | undefined {
  if (headers.hasAny(DATED)) {
    if (optionalUint(headers, 'Expires', EXPIRES_MAX) === null) return 'Expires is out of range';
    const date = headers.get('Date');
    if (date !== undefined && !checkDate(date)) return 'Date is malformed';
  }
  if (!headers.hasAny(CHECKED_MASK)) return undefined;
  for (const field of CHECKED) {
    if (headers.read<unknown>(field) === 'malformed') return `${field.name} is malformed`;
  }
  return undefined;
}

/** The memory that a message came in is somebody else's. */
function owned(bytes: Buffer): Buffer {
  return bytes.length === 0 ? NOTHING : Buffer.from(bytes);
}

/** Bytes of the body: exactly Content-Length of them when it is there, else all (RFC 3261 §18.3). */
function cutBody(headers: Headers, rest: Buffer): Buffer | undefined {
  const length = optionalUint(headers, 'content-length', SIP_LIMITS.messageBytes);
  if (length === undefined) return owned(rest);
  return length === null || length > rest.length ? undefined : owned(rest.subarray(0, length));
}
