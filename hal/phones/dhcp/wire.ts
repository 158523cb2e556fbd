/**
 * DHCP as a telephone writes and reads it (RFC 2131 §2). It shares nothing with the box's server, so that a lease in the
 * demo crosses two implementations.
 *
 * ```
 *  0    1    2    3    4         8      10     12       16       20       24       28            44     108    236
 * | op | ht | hl | hp | xid     | secs | flags| ciaddr | yiaddr | siaddr | giaddr | chaddr 16   | sname| file | cookie, options
 * ```
 *
 * A DISCOVER of `00:0b:82:12:34:56`, xid 01020304, without options begins
 * `01 01 06 00 01 02 03 04 00 00 80 00 …` and ends `63 82 53 63 35 01 01 ff`.
 */
export const MESSAGE = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6, release: 7 } as const;

export type MessageType = (typeof MESSAGE)[keyof typeof MESSAGE];

/** What a phone sends. Addresses are texts, `0.0.0.0` where there is none. */
export interface DhcpQuestion {
  readonly type: MessageType;
  readonly xid: number;
  readonly secs: number;
  readonly mac: string;
  readonly ciaddr: string;
  /** Asks for answers by broadcast, because it has no address to be reached at. */
  readonly broadcast: boolean;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

/** What a server sends. */
export interface DhcpAnswer {
  readonly type: MessageType;
  readonly xid: number;
  readonly mac: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly file: string;
  /** Pieces of a long option are joined (RFC 3396); options in `sname` and `file` are read too. */
  readonly options: ReadonlyMap<number, Buffer>;
}

export const OPTION = {
  mask: 1,
  router: 3,
  dns: 6,
  requested: 50,
  leaseS: 51,
  overload: 52,
  type: 53,
  server: 54,
  wanted: 55,
  most: 57,
  t1S: 58,
  t2S: 59,
  vendorClass: 60,
  client: 61,
} as const;

const COOKIE = 0x63825363;
const FIXED_BYTES = 236;
const LEAST_BYTES = 300;
const MOST_BYTES = 1_500;
const BROADCAST = 0x8000;

/** The message as bytes, at least 300 of them, since old relays drop shorter ones. */
export function writeQuestion(question: DhcpQuestion): Buffer {
  const head = Buffer.alloc(FIXED_BYTES + 4);
  head.set([1, 1, 6, 0]);
  head.writeUInt32BE(question.xid >>> 0, 4);
  head.writeUInt16BE(Math.min(question.secs, 0xffff), 8);
  head.writeUInt16BE(question.broadcast ? BROADCAST : 0, 10);
  head.set(addressBytes(question.ciaddr), 12);
  head.set(Buffer.from(question.mac, 'hex'), 28);
  head.writeUInt32BE(COOKIE, FIXED_BYTES);
  const parts: Uint8Array[] = [head, Buffer.from([OPTION.type, 1, question.type])];
  for (const [code, value] of question.options) {
    for (let at = 0; at < Math.max(1, value.length); at += 255) {
      const piece = value.subarray(at, at + 255);
      parts.push(Buffer.from([code, piece.length]), piece);
    }
  }
  parts.push(Buffer.from([255]));
  const bytes = Buffer.concat(parts);
  return bytes.length >= LEAST_BYTES
    ? bytes
    : Buffer.concat([bytes, Buffer.alloc(LEAST_BYTES - bytes.length)]);
}

/** Reads a server's message; undefined for everything that is none. Never throws. */
export function readAnswer(bytes: Buffer): DhcpAnswer | undefined {
  if (bytes.length < FIXED_BYTES + 4 || bytes.length > MOST_BYTES) return undefined;
  if (bytes[0] !== 2 || bytes[1] !== 1 || bytes[2] !== 6) return undefined;
  if (bytes.readUInt32BE(FIXED_BYTES) !== COOKIE) return undefined;
  const found = new Map<number, Buffer[]>();
  if (!readOptions(bytes.subarray(FIXED_BYTES + 4), found)) return undefined;
  const overload = found.get(OPTION.overload)?.[0]?.[0] ?? 0;
  // RFC 2131 §4.1: first `file`, then `sname`.
  if ((overload & 1) !== 0 && !readOptions(bytes.subarray(108, FIXED_BYTES), found)) return undefined;
  if ((overload & 2) !== 0 && !readOptions(bytes.subarray(44, 108), found)) return undefined;
  const options = new Map([...found].map(([code, pieces]) => [code, Buffer.concat(pieces)]));
  const type = options.get(OPTION.type);
  if (type?.length !== 1 || !isAnswer(type[0])) return undefined;
  return {
    type: type[0],
    xid: bytes.readUInt32BE(4),
    mac: bytes.toString('hex', 28, 34),
    yiaddr: addressText(bytes.subarray(16, 20)) ?? '0.0.0.0',
    siaddr: addressText(bytes.subarray(20, 24)) ?? '0.0.0.0',
    file: (overload & 1) !== 0 ? '' : textTo0(bytes.subarray(108, FIXED_BYTES)),
    options,
  };
}

function isAnswer(type: number | undefined): type is MessageType {
  return type === MESSAGE.offer || type === MESSAGE.ack || type === MESSAGE.nak;
}

/** False when an option runs past the end. A missing end mark is forgiven, as phones do. */
function readOptions(area: Buffer, into: Map<number, Buffer[]>): boolean {
  for (let at = 0; at < area.length; ) {
    const code = area[at] ?? 255;
    if (code === 255) return true;
    if (code === 0) {
      at++;
      continue;
    }
    const length = area[at + 1];
    if (length === undefined || at + 2 + length > area.length) return false;
    const pieces = into.get(code) ?? [];
    pieces.push(area.subarray(at + 2, at + 2 + length));
    into.set(code, pieces);
    at += 2 + length;
  }
  return true;
}

function textTo0(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** `192.168.1.2` as four bytes; zeros for anything else. */
export function addressBytes(text: string): Buffer {
  const parts = text.split('.').map(Number);
  const good = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  return Buffer.from(good ? parts : [0, 0, 0, 0]);
}

/** The first address in the bytes. */
export function addressText(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined || bytes.length < 4 ? undefined : [...bytes.subarray(0, 4)].join('.');
}
