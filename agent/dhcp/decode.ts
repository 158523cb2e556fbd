import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Ipv4 } from '../../lib/net/ipv4.ts';
import { OPTION } from './option-codes.ts';
import { type DhcpPacket, MESSAGE_TYPES } from './packet.ts';

/** Why bytes are no DHCP message. Always the sender's fault; nothing is ever answered to it. */
export interface DhcpMalformed extends CodedError {
  readonly code: 'dhcp.short' | 'dhcp.long' | 'dhcp.header' | 'dhcp.cookie' | 'dhcp.options' | 'dhcp.notDhcp';
  readonly fault: 'peer';
}

/** Fixed part and magic cookie (RFC 2131 §3). */
const HEADER_BYTES = 240;
const COOKIE = 0x63825363;
const SNAME_AT = 44;
const FILE_AT = 108;
/** More than an Ethernet frame holds: no client sends so much, and a jumbo flood costs nothing. */
const PACKET_LIMIT_BYTES = 4_096;

/** Reads one datagram. Takes any bytes, never throws, and holds on to none of them. */
export function decodePacket(datagram: Uint8Array): Result<DhcpPacket, DhcpMalformed> {
  if (datagram.length < HEADER_BYTES) return malformed('dhcp.short', `it has ${datagram.length} bytes`);
  if (datagram.length > PACKET_LIMIT_BYTES) return malformed('dhcp.long', `it has ${datagram.length} bytes`);
  const bytes = Buffer.from(datagram);
  const op = bytes.readUInt8(0);
  const hlen = bytes.readUInt8(2);
  if (op !== 1 && op !== 2) return malformed('dhcp.header', `op is ${op}`);
  if (hlen > 16) return malformed('dhcp.header', `hlen is ${hlen}`);
  if (bytes.readUInt32BE(236) !== COOKIE) return malformed('dhcp.cookie', 'the magic cookie is another');
  const options = readOptions(bytes);
  if (!options.ok) return options;
  const typeOption = options.value.get(OPTION.messageType);
  const type = typeOption?.length === 1 ? MESSAGE_TYPES[(typeOption[0] ?? 0) - 1] : undefined;
  if (type === undefined) return malformed('dhcp.notDhcp', 'it has no known message type (option 53)');
  const address = (at: number): Ipv4 => bytes.readUInt32BE(at) as Ipv4;
  return ok({
    op: op === 1 ? 'request' : 'reply',
    type,
    hardwareType: bytes.readUInt8(1),
    hops: bytes.readUInt8(3),
    transaction: bytes.readUInt32BE(4),
    seconds: bytes.readUInt16BE(8),
    broadcast: (bytes.readUInt8(10) & 0x80) !== 0,
    clientAddress: address(12),
    yourAddress: address(16),
    serverAddress: address(20),
    relayAddress: address(24),
    hardwareAddress: bytes.subarray(28, 28 + hlen),
    options: options.value,
  });
}

/** The options field, then `file` and `sname` where option 52 says so (RFC 2131 §4.1), parts of one option joined (RFC 3396). */
function readOptions(bytes: Buffer): Result<ReadonlyMap<number, Uint8Array>, DhcpMalformed> {
  const parts = new Map<number, Buffer[]>();
  const main = readField(bytes.subarray(HEADER_BYTES), parts);
  if (main !== undefined) return main;
  const overload = parts.get(OPTION.overload)?.[0];
  const where = overload?.length === 1 ? (overload[0] ?? 0) : 0;
  const file = (where & 1) === 0 ? undefined : readField(bytes.subarray(FILE_AT, FILE_AT + 128), parts);
  if (file !== undefined) return file;
  const sname = (where & 2) === 0 ? undefined : readField(bytes.subarray(SNAME_AT, SNAME_AT + 64), parts);
  if (sname !== undefined) return sname;
  const options = new Map<number, Uint8Array>();
  for (const [code, pieces] of parts) {
    const [only, ...more] = pieces;
    options.set(code, more.length === 0 && only !== undefined ? only : Buffer.concat(pieces));
  }
  return ok(options);
}

/** Adds what a field holds. An end mark may be missing: some clients leave it out when the packet is full. */
function readField(
  field: Buffer,
  into: Map<number, Buffer[]>,
): { readonly ok: false; readonly error: DhcpMalformed } | undefined {
  for (let at = 0; at < field.length; ) {
    const code = field[at++];
    if (code === OPTION.pad) continue;
    if (code === undefined || code === OPTION.end) return undefined;
    const length = field[at++];
    if (length === undefined || at + length > field.length) {
      return malformed('dhcp.options', `option ${code} is longer than the packet`);
    }
    const value = field.subarray(at, at + length);
    const known = into.get(code);
    if (known === undefined) into.set(code, [value]);
    else known.push(value);
    at += length;
  }
  return undefined;
}

function malformed(
  code: DhcpMalformed['code'],
  what: string,
): { readonly ok: false; readonly error: DhcpMalformed } {
  return refuse({ code, fault: 'peer', say: `Not a DHCP message: ${what}.` });
}
