import { isIPv6 } from 'node:net';
import { decodeSocketAddress, encodeSocketAddress } from './socket-address.ts';

/** An address and a port. */
export interface StunAddress {
  readonly host: string;
  readonly port: number;
}

/** What is understood of a STUN message (RFC 8489), with the addresses of RFC 5780. */
export interface StunMessage {
  readonly kind: 'request' | 'response';
  /** Twelve bytes. */
  readonly transaction: Buffer;
  /** Response: where the request came from, as the server saw it. */
  readonly mapped?: StunAddress;
  /** Response: another place of the same server. */
  readonly other?: StunAddress;
  /** Request: the answer is wanted from the other port. */
  readonly changePort: boolean;
}

const COOKIE = 0x2112a442;
const HEAD_BYTES = 20;
const TRANSACTION_BYTES = 12;
const MESSAGE_MOST = 548;
const TYPE = { request: 0x0001, response: 0x0101 } as const;
const ATTRIBUTE = {
  mapped: 0x0001,
  changeRequest: 0x0003,
  xorMapped: 0x0020,
  origin: 0x802b,
  other: 0x802c,
} as const;
const CHANGE_PORT = 0x02;
const FAMILY = { four: 1, six: 2 } as const;

/** A Binding request. `transaction` has twelve bytes. */
export function encodeStunRequest(transaction: Buffer, changePort = false): Buffer {
  const change = Buffer.alloc(4);
  change.writeUInt32BE(CHANGE_PORT, 0);
  return message(TYPE.request, transaction, changePort ? [[ATTRIBUTE.changeRequest, change]] : []);
}

/** The answer to a Binding request that came from `mapped`. */
export function encodeStunResponse(
  transaction: Buffer,
  places: { readonly mapped: StunAddress; readonly origin: StunAddress; readonly other?: StunAddress },
): Buffer {
  const { mapped, origin, other } = places;
  return message(TYPE.response, transaction, [
    [ATTRIBUTE.xorMapped, xored(addressValue(mapped), transaction)],
    [ATTRIBUTE.origin, addressValue(origin)],
    ...(other === undefined ? [] : [[ATTRIBUTE.other, addressValue(other)] as const]),
  ]);
}

/** Takes any bytes and never throws; undefined for what is no Binding request or answer. */
export function decodeStun(bytes: Uint8Array): StunMessage | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length < HEAD_BYTES || buffer.length > MESSAGE_MOST) return undefined;
  const type = buffer.readUInt16BE(0);
  if (buffer.readUInt32BE(4) !== COOKIE || buffer.readUInt16BE(2) !== buffer.length - HEAD_BYTES) {
    return undefined;
  }
  if (type !== TYPE.request && type !== TYPE.response) return undefined;
  const transaction = Buffer.from(buffer.subarray(8, HEAD_BYTES));
  const found = attributesOf(buffer);
  const xorMapped = found.get(ATTRIBUTE.xorMapped);
  const mapped = addressOf(
    xorMapped === undefined ? found.get(ATTRIBUTE.mapped) : xored(xorMapped, transaction),
  );
  const other = addressOf(found.get(ATTRIBUTE.other));
  const change = found.get(ATTRIBUTE.changeRequest);
  return {
    kind: type === TYPE.request ? 'request' : 'response',
    transaction,
    ...(mapped === undefined ? {} : { mapped }),
    ...(other === undefined ? {} : { other }),
    changePort: change?.length === 4 && (change.readUInt32BE(0) & CHANGE_PORT) !== 0,
  };
}

function message(
  type: number,
  transaction: Buffer,
  attributes: readonly (readonly [code: number, value: Buffer])[],
): Buffer {
  const written = attributes.map(([code, value]) => {
    const padded = (value.length + 3) & ~3;
    const out = Buffer.alloc(4 + padded);
    out.writeUInt16BE(code, 0);
    out.writeUInt16BE(value.length, 2);
    out.set(value, 4);
    return out;
  });
  const body = Buffer.concat(written);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(COOKIE, 4);
  head.set(transaction.subarray(0, TRANSACTION_BYTES), 8);
  return Buffer.concat([head, body]);
}

/** The first of each; what does not fit ends the list. */
function attributesOf(buffer: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = HEAD_BYTES; at + 4 <= buffer.length; ) {
    const code = buffer.readUInt16BE(at);
    const length = buffer.readUInt16BE(at + 2);
    if (at + 4 + length > buffer.length) break;
    if (!found.has(code)) found.set(code, buffer.subarray(at + 4, at + 4 + length));
    at += 4 + ((length + 3) & ~3);
  }
  return found;
}

/** Family, port, address; the way the kernel's own structure has them behind its first two bytes. */
function addressValue({ host, port }: StunAddress): Buffer {
  const six = isIPv6(host);
  const kernel = encodeSocketAddress(host, port);
  const address = six ? kernel.subarray(8, 24) : kernel.subarray(4, 8);
  const head = Buffer.from([0, six ? FAMILY.six : FAMILY.four, port >> 8, port & 0xff]);
  return Buffer.concat([head, address]);
}

function addressOf(value: Buffer | undefined): StunAddress | undefined {
  if (value === undefined) return undefined;
  const port = value.length >= 4 ? value.readUInt16BE(2) : 0;
  if (value.length === 8 && value[1] === FAMILY.four) return { host: value.subarray(4).join('.'), port };
  if (value.length !== 20 || value[1] !== FAMILY.six) return undefined;
  const kernel = encodeSocketAddress('::', port);
  kernel.set(value.subarray(4), 8);
  return decodeSocketAddress(kernel);
}

/** RFC 8489 §14.2: hidden from routers that replace every address they find. */
function xored(value: Buffer, transaction: Buffer): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(COOKIE, 0);
  key.set(transaction.subarray(0, TRANSACTION_BYTES), 4);
  const out = Buffer.from(value);
  for (let at = 2; at < 4; at++) out[at] = (value[at] ?? 0) ^ (key[at - 2] ?? 0);
  for (let at = 4; at < value.length; at++) out[at] = (value[at] ?? 0) ^ (key[at - 4] ?? 0);
  return out;
}
