import { type CodedError, ok, type Result, refuse } from '../../base/errors.ts';
import { type ReceptionReport, readReports, writeReports } from './reception-report.ts';
import { readVoipMetrics, type VoipMetrics, writeVoipMetrics } from './voip-metrics.ts';

/** One packet of a compound RTCP packet (RFC 3550 §6, RFC 3611). */
export type RtcpPacket =
  | {
      readonly type: 'senderReport';
      readonly ssrc: number;
      /** 64 bits of NTP time: seconds since 1900 and their fraction in 2⁻³². */
      readonly ntpSeconds: number;
      readonly ntpFraction: number;
      readonly rtpTimestamp: number;
      readonly packets: number;
      readonly octets: number;
      readonly reports: readonly ReceptionReport[];
    }
  | { readonly type: 'receiverReport'; readonly ssrc: number; readonly reports: readonly ReceptionReport[] }
  | {
      readonly type: 'sourceDescription';
      readonly chunks: readonly { readonly ssrc: number; readonly cname: string }[];
    }
  | { readonly type: 'bye'; readonly ssrcs: readonly number[]; readonly reason: string }
  | { readonly type: 'extendedReport'; readonly ssrc: number; readonly voip: readonly VoipMetrics[] }
  /** Application-defined and feedback packets, read over. */
  | { readonly type: 'other'; readonly packetType: number };

/** Why a datagram is not RTCP. */
export type RtcpRefusal = CodedError & {
  readonly code: 'rtcp.short' | 'rtcp.long' | 'rtcp.version' | 'rtcp.length' | 'rtcp.first' | 'rtcp.padding';
  readonly fault: 'peer';
};

const LARGEST_BYTES = 1_500;
const PACKETS_LIMIT = 32;
const HEADER_BYTES = 4;
const SENDER_INFO_BYTES = 24;
const CHUNKS_LIMIT = 31;
const TEXT_LIMIT_BYTES = 255;
const CNAME = 1;

const TYPES = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  bye: 203,
  extendedReport: 207,
};

/** Whether a datagram on a port of RTP is RTCP (RFC 5761 §4): types 192 to 223. */
export function isRtcp(datagram: Uint8Array): boolean {
  const type = datagram[1] ?? 0;
  return type >= 192 && type <= 223;
}

/**
 * Reads a compound packet (RFC 3550 A.2): version 2 throughout, a report first, no padding but in the last, and lengths
 * that add up to the datagram. Never throws.
 *
 * ```
 * |V=2|P|  count  |  packet type  |     length in words − 1     |
 * ```
 * `81 c9 00 07 00 00 00 01 | 00 00 00 02 …`: a receiver report of SSRC 1 with one block, about SSRC 2.
 */
export function decodeRtcp(datagram: Buffer): Result<readonly RtcpPacket[], RtcpRefusal> {
  if (datagram.length < 8) return bad('rtcp.short', `RTCP of ${datagram.length} bytes, 8 needed`);
  if (datagram.length > LARGEST_BYTES) return bad('rtcp.long', `RTCP of ${datagram.length} bytes`);
  const packets: RtcpPacket[] = [];
  let at = 0;
  while (at < datagram.length) {
    if (packets.length >= PACKETS_LIMIT) return bad('rtcp.long', `more than ${PACKETS_LIMIT} packets in one`);
    const first = datagram[at] ?? 0;
    if (first >> 6 !== 2) return bad('rtcp.version', `RTCP version ${first >> 6}, only 2 exists`);
    if (at + HEADER_BYTES > datagram.length) return bad('rtcp.length', 'RTCP ends within a header');
    const type = datagram.readUInt8(at + 1);
    const bytes = 4 * (datagram.readUInt16BE(at + 2) + 1);
    if (at + bytes > datagram.length) return bad('rtcp.length', 'an RTCP packet is longer than its datagram');
    if (at === 0 && type !== TYPES.senderReport && type !== TYPES.receiverReport) {
      return bad('rtcp.first', `RTCP begins with type ${type}, not with a report`);
    }
    let end = at + bytes;
    if (first & 0x20) {
      const padding = datagram.readUInt8(end - 1);
      const last = end === datagram.length;
      if (!last || at === 0 || padding === 0 || padding % 4 !== 0 || padding > bytes - HEADER_BYTES) {
        return bad('rtcp.padding', `RTCP claims ${padding} bytes of padding`);
      }
      end -= padding;
    }
    const body = datagram.subarray(at + HEADER_BYTES, end);
    const packet = readBody(type, first & 0x1f, body);
    if (packet === undefined) return bad('rtcp.length', `an RTCP packet of type ${type} is too short`);
    packets.push(packet);
    at += bytes;
  }
  return ok(packets);
}

/** Writes a compound packet; the first must be a report. */
export function encodeRtcp(packets: readonly RtcpPacket[]): Buffer {
  return Buffer.concat(packets.map(writePacket));
}

function bad(code: RtcpRefusal['code'], say: string): Result<never, RtcpRefusal> {
  return refuse({ code, fault: 'peer', say });
}

function readBody(type: number, count: number, body: Buffer): RtcpPacket | undefined {
  switch (type) {
    case TYPES.senderReport: {
      if (body.length < SENDER_INFO_BYTES) return undefined;
      const reports = readReports(body.subarray(SENDER_INFO_BYTES), count);
      if (reports === undefined) return undefined;
      return {
        type: 'senderReport',
        ssrc: body.readUInt32BE(0),
        ntpSeconds: body.readUInt32BE(4),
        ntpFraction: body.readUInt32BE(8),
        rtpTimestamp: body.readUInt32BE(12),
        packets: body.readUInt32BE(16),
        octets: body.readUInt32BE(20),
        reports,
      };
    }
    case TYPES.receiverReport: {
      const reports = body.length < 4 ? undefined : readReports(body.subarray(4), count);
      return reports && { type: 'receiverReport', ssrc: body.readUInt32BE(0), reports };
    }
    case TYPES.sourceDescription:
      return readChunks(body, count);
    case TYPES.bye:
      return readBye(body, count);
    case TYPES.extendedReport:
      if (body.length < 4) return undefined;
      return { type: 'extendedReport', ssrc: body.readUInt32BE(0), voip: readVoipMetrics(body.subarray(4)) };
    default:
      return { type: 'other', packetType: type };
  }
}

/** Chunks of SSRC and items (type, length, text), each ended by a zero and filled up to 32 bits. Only CNAME is kept. */
function readChunks(body: Buffer, count: number): RtcpPacket | undefined {
  const chunks: { ssrc: number; cname: string }[] = [];
  let at = 0;
  for (let chunk = 0; chunk < count; chunk++) {
    if (at + 4 > body.length) return undefined;
    const ssrc = body.readUInt32BE(at);
    let cname = '';
    at += 4;
    for (;;) {
      const kind = body[at];
      if (kind === undefined) return undefined;
      if (kind === 0) break;
      const length = body[at + 1];
      if (length === undefined || at + 2 + length > body.length) return undefined;
      if (kind === CNAME) cname = body.toString('utf8', at + 2, at + 2 + length);
      at += 2 + length;
    }
    at += 4 - (at % 4);
    chunks.push({ ssrc, cname });
  }
  return { type: 'sourceDescription', chunks };
}

function readBye(body: Buffer, count: number): RtcpPacket | undefined {
  if (body.length < 4 * count) return undefined;
  const ssrcs: number[] = [];
  for (let index = 0; index < count; index++) ssrcs.push(body.readUInt32BE(4 * index));
  const length = body[4 * count] ?? 0;
  const from = 4 * count + 1;
  return { type: 'bye', ssrcs, reason: body.toString('utf8', from, Math.min(body.length, from + length)) };
}

function writePacket(packet: RtcpPacket): Buffer {
  switch (packet.type) {
    case 'senderReport': {
      const info = Buffer.alloc(SENDER_INFO_BYTES);
      const words = [packet.ssrc, packet.ntpSeconds, packet.ntpFraction, packet.rtpTimestamp];
      for (const [index, word] of [...words, packet.packets, packet.octets].entries()) {
        info.writeUInt32BE(word >>> 0, 4 * index);
      }
      return framed(TYPES.senderReport, packet.reports.length, [info, writeReports(packet.reports)]);
    }
    case 'receiverReport':
      return framed(TYPES.receiverReport, packet.reports.length, [
        word(packet.ssrc),
        writeReports(packet.reports),
      ]);
    case 'sourceDescription': {
      const chunks = packet.chunks.slice(0, CHUNKS_LIMIT);
      return framed(TYPES.sourceDescription, chunks.length, chunks.map(writeChunk));
    }
    case 'bye': {
      const reason = textOf(packet.reason);
      const text = Buffer.alloc(reason.length === 0 ? 0 : 4 * Math.ceil((reason.length + 1) / 4));
      if (text.length > 0) text[0] = reason.length;
      reason.copy(text, 1);
      return framed(TYPES.bye, packet.ssrcs.length, [...packet.ssrcs.map(word), text]);
    }
    case 'extendedReport':
      return framed(TYPES.extendedReport, 0, [word(packet.ssrc), writeVoipMetrics(packet.voip)]);
    case 'other':
      return Buffer.alloc(0);
  }
}

function framed(type: number, count: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.from([0x80 | (count & 0x1f), type, 0, 0]);
  head.writeUInt16BE(body.length / 4, 2);
  return Buffer.concat([head, body]);
}

function word(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value >>> 0, 0);
  return out;
}

function writeChunk({ ssrc, cname }: { readonly ssrc: number; readonly cname: string }): Buffer {
  const text = textOf(cname);
  const items = Buffer.alloc(4 * Math.ceil((2 + text.length + 1) / 4));
  items[0] = CNAME;
  items[1] = text.length;
  text.copy(items, 2);
  return Buffer.concat([word(ssrc), items]);
}

function textOf(text: string): Buffer {
  return Buffer.from(text, 'utf8').subarray(0, TEXT_LIMIT_BYTES);
}
