import { OPTION } from './option-codes.ts';
import { type DhcpPacket, MESSAGE_TYPES } from './packet.ts';

const HEADER_BYTES = 240;
const COOKIE = 0x63825363;
/** Some relays and old clients drop anything shorter (BOOTP, RFC 951: 300 bytes). */
const LEAST_BYTES = 300;
/** What every client must take: 576 bytes of IP less the headers of IP and UDP (RFC 2131 §2). */
export const SURE_BYTES = 548;
/** What one Ethernet frame carries. */
export const MOST_BYTES = 1_472;
const PART_BYTES = 255;

/** What was written, and the options that did not fit. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly leftOut: readonly number[];
}

/**
 * Writes a message of at most `limitBytes`. Options come in the order of the map; type and server id lead, relay
 * information ends (RFC 3046 §2.2). One longer than 255 bytes goes in parts (RFC 3396). What does not fit is left out
 * whole, latest first, and named. Room for the relay's own echo is kept.
 */
export function encodePacket(packet: DhcpPacket, limitBytes: number = SURE_BYTES): Encoded {
  const relay = packet.options.get(OPTION.relayInformation);
  const echo = relay === undefined ? 0 : bytesFor(relay);
  const least = HEADER_BYTES + 3 + echo + 1;
  const out = Buffer.alloc(Math.max(Math.min(limitBytes, MOST_BYTES), LEAST_BYTES, least));
  writeHeader(out, packet);
  const type = Uint8Array.of(MESSAGE_TYPES.indexOf(packet.type) + 1);
  let at = writeOption(out, HEADER_BYTES, OPTION.messageType, type);
  const room = Math.min(limitBytes, MOST_BYTES) - echo - 1;
  const leftOut: number[] = [];
  for (const [code, value] of packet.options) {
    if (code === OPTION.messageType || code === OPTION.relayInformation) continue;
    if (at + bytesFor(value) > room) leftOut.push(code);
    else at = writeOption(out, at, code, value);
  }
  if (relay !== undefined) at = writeOption(out, at, OPTION.relayInformation, relay);
  out[at++] = OPTION.end;
  return { bytes: out.subarray(0, Math.max(at, LEAST_BYTES)), leftOut };
}

function writeHeader(out: Buffer, packet: DhcpPacket): void {
  out.writeUInt8(packet.op === 'request' ? 1 : 2, 0);
  out.writeUInt8(packet.hardwareType, 1);
  out.writeUInt8(packet.hardwareAddress.length, 2);
  out.writeUInt8(packet.hops, 3);
  out.writeUInt32BE(packet.transaction, 4);
  out.writeUInt16BE(packet.seconds, 8);
  out.writeUInt16BE(packet.broadcast ? 0x8000 : 0, 10);
  out.writeUInt32BE(packet.clientAddress, 12);
  out.writeUInt32BE(packet.yourAddress, 16);
  out.writeUInt32BE(packet.serverAddress, 20);
  out.writeUInt32BE(packet.relayAddress, 24);
  out.set(packet.hardwareAddress.subarray(0, 16), 28);
  out.writeUInt32BE(COOKIE, 236);
}

/** What {@link writeOption} writes: two bytes for every part, one part at least. */
function bytesFor(value: Uint8Array): number {
  return value.length + 2 * Math.max(1, Math.ceil(value.length / PART_BYTES));
}

/** One option in as many parts as it needs, an empty one as its code and a zero; where the next one begins. */
function writeOption(out: Buffer, at: number, code: number, value: Uint8Array): number {
  let next = at;
  let from = 0;
  do {
    const part = value.subarray(from, from + PART_BYTES);
    out[next] = code;
    out[next + 1] = part.length;
    out.set(part, next + 2);
    next += 2 + part.length;
    from += PART_BYTES;
  } while (from < value.length);
  return next;
}
