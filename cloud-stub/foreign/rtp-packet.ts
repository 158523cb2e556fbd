/**
 * The fixed header of an RTP packet (RFC 3550 §5.1), as far as a telephone needs it:
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +---+-+-+-------+-+-------------+-------------------------------+
 *     |V=2|P|X|  CC   |M|     PT      |        sequence number        |
 *     +---+-+-+-------+-+-------------+-------------------------------+
 *     |                           timestamp                           |
 *     +---------------------------------------------------------------+
 *     |                             SSRC                              |
 *     +---------------------------------------------------------------+
 *
 * Example: PCMU, sequence 1, timestamp 160, SSRC 0x01020304, payload ff ff →
 * `80 00 00 01 00 00 00 a0 01 02 03 04 ff ff`.
 */
export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 12;
const LARGEST_BYTES = 1_500;

/** The packet as bytes. */
export function writeRtp(packet: RtpPacket): Buffer {
  const out = Buffer.alloc(HEADER_BYTES + packet.payload.length);
  out[0] = 0x80;
  out[1] = (packet.marker ? 0x80 : 0) | (packet.payloadType & 0x7f);
  out.writeUInt16BE(packet.sequence & 0xffff, 2);
  out.writeUInt32BE(packet.timestamp >>> 0, 4);
  out.writeUInt32BE(packet.ssrc >>> 0, 8);
  out.set(packet.payload, HEADER_BYTES);
  return out;
}

/** The packet in a datagram, or undefined when it is not RTP version 2 or its lengths do not fit. Never throws. */
export function readRtp(datagram: Buffer): RtpPacket | undefined {
  if (datagram.length < HEADER_BYTES || datagram.length > LARGEST_BYTES) return undefined;
  const first = datagram.readUInt8(0);
  const second = datagram.readUInt8(1);
  if (first >> 6 !== 2) return undefined;
  let start = HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (datagram.length < start + 4) return undefined;
    start += 4 + datagram.readUInt16BE(start + 2) * 4;
  }
  const padding = (first & 0x20) !== 0 ? (datagram.at(-1) ?? 0) : 0;
  const end = datagram.length - padding;
  if (start > end) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    payload: datagram.subarray(start, end),
  };
}
