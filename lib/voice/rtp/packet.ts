import { type CodedError, ok, type Result, refuse } from '../../base/errors.ts';

/** What an RTP packet says (RFC 3550 §5.1). Contributing sources and header extensions are read over. */
export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in samples. */
  readonly timestamp: number;
  /** 32 bits. */
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

/** Why a datagram is not an RTP packet of ours. */
export type RtpRefusal = CodedError & {
  readonly code: 'rtp.short' | 'rtp.long' | 'rtp.version' | 'rtp.padding' | 'rtp.isRtcp';
  readonly fault: 'peer';
};

/** Bytes of a header without contributing sources. */
export const RTP_HEADER_BYTES = 12;

/** Longest datagram that is looked at; 20 ms of µ-law need 172. */
export const RTP_DATAGRAM_LIMIT_BYTES = 1_500;

function bad(code: RtpRefusal['code'], say: string): Result<never, RtpRefusal> {
  return refuse({ code, fault: 'peer', say });
}

/**
 * Writes a packet.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |V=2|P|X|  CC   |M|     PT      |           sequence            |
 * |                           timestamp                           |
 * |                             SSRC                              |
 * ```
 * `80 80 ff fe 00 00 01 40 de ad be ef | d5 55`: marker, PCMU, sequence 65534, timestamp 320, two bytes of sound.
 */
export function encodeRtp(packet: RtpPacket): Buffer {
  const out = Buffer.allocUnsafe(RTP_HEADER_BYTES + packet.payload.length);
  out[0] = 0x80;
  out[1] = (packet.marker ? 0x80 : 0) | (packet.payloadType & 0x7f);
  out.writeUInt16BE(packet.sequence & 0xffff, 2);
  out.writeUInt32BE(packet.timestamp >>> 0, 4);
  out.writeUInt32BE(packet.ssrc >>> 0, 8);
  out.set(packet.payload, RTP_HEADER_BYTES);
  return out;
}

/**
 * Writes `packet`, whose payload lies in `datagram`, over that datagram where the place fits (a header without extras), and
 * anew otherwise: passing a packet on costs no memory.
 */
export function rewriteRtp(datagram: Buffer, packet: RtpPacket): Buffer {
  const { payload } = packet;
  const fits =
    payload.buffer === datagram.buffer && payload.byteOffset === datagram.byteOffset + RTP_HEADER_BYTES;
  if (!fits) return encodeRtp(packet);
  datagram[0] = 0x80;
  datagram[1] = (packet.marker ? 0x80 : 0) | (packet.payloadType & 0x7f);
  datagram.writeUInt16BE(packet.sequence & 0xffff, 2);
  datagram.writeUInt32BE(packet.timestamp >>> 0, 4);
  datagram.writeUInt32BE(packet.ssrc >>> 0, 8);
  return datagram.subarray(0, RTP_HEADER_BYTES + payload.length);
}

/** Reads a packet; `payload` is a view of `datagram`, not a copy. Never throws. */
export function decodeRtp(datagram: Buffer): Result<RtpPacket, RtpRefusal> {
  if (datagram.length < RTP_HEADER_BYTES)
    return bad('rtp.short', `RTP of ${datagram.length} bytes, 12 needed`);
  if (datagram.length > RTP_DATAGRAM_LIMIT_BYTES) return bad('rtp.long', `RTP of ${datagram.length} bytes`);
  const first = datagram.readUInt8(0);
  const second = datagram.readUInt8(1);
  if (first >> 6 !== 2) return bad('rtp.version', `RTP version ${first >> 6}, only 2 exists`);
  // RTCP multiplexed on this port: its types 192-223 would read as marker plus 64-95 (RFC 5761 §4).
  if (second >= 192 && second <= 223)
    return bad('rtp.isRtcp', `RTCP packet of type ${second} on an RTP port`);
  let from = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (datagram.length < from + 4) return bad('rtp.short', 'RTP ends within its header extension');
    from += 4 + datagram.readUInt16BE(from + 2) * 4;
  }
  let to = datagram.length;
  if (from > to) return bad('rtp.short', 'RTP ends within its header');
  if (first & 0x20) {
    const padding = datagram.readUInt8(to - 1);
    if (padding === 0 || padding > to - from)
      return bad('rtp.padding', `RTP claims ${padding} bytes of padding`);
    to -= padding;
  }
  return ok({
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    payload: datagram.subarray(from, to),
  });
}
