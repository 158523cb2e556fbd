import { makeResponse, parse, parseUri, stringify } from 'sip';

/** Parameters; `null` for one without a value. */
export type Params = Record<string, string | null | undefined>;

export interface NameAddress {
  name?: string | undefined;
  uri: string;
  params: Params;
}

/** A challenge or credentials, quotes and all. */
export interface AuthHeader {
  scheme: string;
  [parameter: string]: string | undefined;
}

/** Headers as the package has them: some parsed, the others texts. Whatever it could not parse is missing. */
export interface HeaderBag {
  to?: NameAddress;
  from?: NameAddress;
  contact?: NameAddress[] | '*';
  'call-id'?: string;
  cseq?: { seq: number; method: string };
  via?: { host?: string; port?: number | undefined; protocol?: string; params: Params }[];
  route?: { uri: unknown; params: Params }[];
  'record-route'?: { uri: unknown; params: Params }[];
  'www-authenticate'?: AuthHeader[];
  'proxy-authenticate'?: AuthHeader[];
  authorization?: AuthHeader[];
  'proxy-authorization'?: AuthHeader[];
  'refer-to'?: NameAddress | string;
  [other: string]: unknown;
}

export interface SipRequest {
  readonly method: string;
  uri: string;
  status?: undefined;
  readonly headers: HeaderBag;
  content?: string;
}

export interface SipResponse {
  readonly method?: undefined;
  readonly status: number;
  readonly reason?: string;
  readonly headers: HeaderBag;
  content?: string;
}

export type SipMessage = SipRequest | SipResponse;

export interface SipUri {
  readonly schema: string;
  readonly user?: string | undefined;
  readonly host: string;
  /** NaN when absent. */
  readonly port: number;
  readonly params: Params;
}

/** Beyond these the package stalls for seconds, or dies; a phone of its age would restart. */
const LONGEST = 16_384;
const POISON = /__proto__|[ \t\r\n]{200}/;

/** Compact names that the package leaves as they are. */
const COMPACT: Readonly<Record<string, string>> = {
  o: 'event',
  r: 'refer-to',
  x: 'session-expires',
  b: 'referred-by',
  u: 'allow-events',
};

/** A message; undefined for what is none or is dangerous to the package. Never throws. */
export function readSip(bytes: Buffer): SipMessage | undefined {
  if (bytes.length > LONGEST || POISON.test(bytes.toString('latin1'))) return undefined;
  try {
    return checked(parse(bytes));
  } catch {
    return undefined;
  }
}

/** What came is a message that can be answered. */
export function checked(value: unknown): SipMessage | undefined {
  if (typeof value !== 'object' || value === null || !('headers' in value)) return undefined;
  const message = value as SipMessage;
  const { headers } = message;
  const whole =
    Array.isArray(headers.via) &&
    headers.via[0] !== undefined &&
    typeof headers['call-id'] === 'string' &&
    headers.to?.params !== undefined &&
    headers.from?.params !== undefined &&
    Number.isInteger(headers.cseq?.seq);
  if (!whole || (message.method === undefined && !(message.status >= 100 && message.status <= 699)))
    return undefined;
  for (const [short, long] of Object.entries(COMPACT)) {
    if (headers[long] === undefined && headers[short] !== undefined) headers[long] = headers[short];
  }
  return message;
}

/** The package writes a text byte by byte, so a text of more than that goes in as its UTF-8 bytes. */
export function toWire(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function fromWire(text: string | undefined): string {
  return text === undefined ? '' : Buffer.from(text, 'latin1').toString('utf8');
}

export function sipBytes(message: SipMessage): Buffer {
  return Buffer.from(stringify(message), 'latin1');
}

export function responseTo(
  request: SipRequest,
  status: number,
  reason: string,
  more: HeaderBag = {},
  content?: string,
): SipResponse {
  const made = makeResponse(request, status, reason) as SipResponse;
  const { to } = request.headers;
  // The request is asked again for its tag; a copy, so that one answer does not change another.
  const headers: HeaderBag = {
    ...made.headers,
    ...more,
    ...(to === undefined || more.to !== undefined ? {} : { to: { ...to, params: { ...to.params } } }),
  };
  return content === undefined ? { ...made, headers } : { ...made, headers, content };
}

/** A text header that may have come twice or not at all. */
export function headerText(headers: HeaderBag, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** A URI that the package understands; `tel:` and IPv6 are not among them. */
export function uriOf(text: string | undefined): SipUri | undefined {
  if (text === undefined || text.length > 512) return undefined;
  return parseUri(text) as SipUri | undefined;
}

/** A URI that the package has parsed, as text again; an empty one for what it could not. */
export function stringUri(uri: unknown): string {
  if (typeof uri === 'string') return uri;
  if (typeof uri !== 'object' || uri === null || !('host' in uri)) return '';
  const { schema, user, host, port, params } = uri as SipUri;
  const tail = Object.entries(params ?? {}).map(([name, value]) =>
    value ? `;${name}=${value}` : `;${name}`,
  );
  return `${schema}:${user === undefined ? '' : `${user}@`}${host}${Number.isNaN(port) ? '' : `:${port}`}${tail.join('')}`;
}

export function userOf(text: string | undefined): string {
  const user = uriOf(text)?.user ?? /^tel:([^;?]{1,64})/i.exec(text ?? '')?.[1] ?? '';
  try {
    return decodeURIComponent(user).slice(0, 64);
  } catch {
    return user.slice(0, 64);
  }
}

/** Display name without its quotes. */
export function displayOf(address: NameAddress | undefined): string {
  const name = fromWire(address?.name).trim();
  const bare = name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name;
  return bare.slice(0, 80);
}

export function quotedName(name: string): string | undefined {
  return name === '' ? undefined : toWire(`"${name.replace(/[\r\n]/g, ' ').replace(/["\\]/g, '\\$&')}"`);
}
