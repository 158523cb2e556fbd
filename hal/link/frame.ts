import { crc32 } from 'node:zlib';
import { cobsDecode, cobsEncode, cobsLimit } from './cobs.ts';

/** Major version of the board protocol that this code speaks; the first byte of every frame. */
export const PROTOCOL_MAJOR = 1;
/** Minor version: raised when a message or a trailing field is added. */
export const PROTOCOL_MINOR = 2;

/** Bytes of a frame before its payload. */
export const HEADER_BYTES = 14;
/** Bytes of the CRC-32 after the payload. */
export const CRC_BYTES = 4;
/** Longest payload of any frame. */
export const PAYLOAD_LIMIT_BYTES = 1024;
/** Longest frame between two delimiters. */
export const ENCODED_LIMIT_BYTES = cobsLimit(HEADER_BYTES + PAYLOAD_LIMIT_BYTES + CRC_BYTES);

/** Frame types. 0x01–0x0f the link itself, 0x10–0x1f events, 0x20–0x3f commands, 0x40–0x4f media. */
export const FRAME = {
  hello: 0x01,
  helloRequest: 0x02,
  heartbeat: 0x03,
  ack: 0x04,
  credit: 0x05,
  hook: 0x10,
  ringTrip: 0x11,
  flash: 0x12,
  pulseDigit: 0x13,
  fault: 0x14,
  measured: 0x15,
  refused: 0x16,
  faxFrame: 0x17,
  faxFigures: 0x18,
  ring: 0x20,
  ringStop: 0x21,
  polarity: 0x22,
  power: 0x23,
  gain: 0x24,
  callerId: 0x25,
  audioSwitch: 0x26,
  measure: 0x27,
  faxMode: 0x28,
  impedance: 0x29,
  audio: 0x40,
  t38: 0x41,
  t38Made: 0x42,
} as const;

/** Flag: the frame is of the control class, that is numbered, acknowledged and retransmitted. */
export const FLAG_RELIABLE = 0x01;
/** Flag: the frame was sent before. For traces and counters; the receiver goes by the number alone. */
export const FLAG_RETRANSMIT = 0x02;

/**
 * One frame, before COBS. Numbers are little-endian.
 *
 * ```
 *  0        1        2        3        4                 6                 8                           12                14
 * +--------+--------+--------+--------+-----------------+-----------------+---------------------------+-----------------+---------+-------+
 * |version |  type  |channel | flags  |    seq u16      |     ack u16     |          tick u32         |   length u16    | payload |CRC-32 |
 * +--------+--------+--------+--------+-----------------+-----------------+---------------------------+-----------------+---------+-------+
 * ```
 *
 * Example, HOOK off hook on port 1, seq 5, ack 3, tick 8000:
 * `01 10 01 01 05 00 03 00 40 1f 00 00 01 00 01` and CRC `98 7e 3d c6`.
 */
export interface Frame {
  readonly version: number;
  readonly type: number;
  /** 0 the board as a whole, 1–8 a port. */
  readonly channel: number;
  readonly flags: number;
  /** Control class: its number. Audio: the number in its own row. Others: 0. */
  readonly seq: number;
  /** Number of the next control frame that the sender of this frame expects. */
  readonly ack: number;
  /** The board's clock, 8 kHz units, modulo 2³². */
  readonly tick: number;
  readonly payload: Uint8Array;
}

/** Why bytes between two delimiters were not a frame. */
export type FrameFault = 'cobs' | 'short' | 'length' | 'crc';

/** Result of {@link decodeFrame}. */
export type FrameOutcome =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly fault: FrameFault };

/**
 * The frame as it goes on the wire: 0x00, COBS, 0x00. The leading delimiter ends whatever noise an idle line has made,
 * which would otherwise cost this frame. A payload over the limit is a mistake of ours and throws.
 */
export function encodeFrame(frame: Frame): Buffer {
  const length = frame.payload.length;
  if (length > PAYLOAD_LIMIT_BYTES) throw new RangeError(`payload of ${length} bytes`);
  const plain = Buffer.allocUnsafe(HEADER_BYTES + length + CRC_BYTES);
  plain[0] = frame.version;
  plain[1] = frame.type;
  plain[2] = frame.channel;
  plain[3] = frame.flags;
  plain.writeUInt16LE(frame.seq, 4);
  plain.writeUInt16LE(frame.ack, 6);
  plain.writeUInt32LE(frame.tick >>> 0, 8);
  plain.writeUInt16LE(length, 12);
  plain.set(frame.payload, HEADER_BYTES);
  const crcAt = HEADER_BYTES + length;
  plain.writeUInt32LE(crc32(plain.subarray(0, crcAt)), crcAt);
  const wire = Buffer.allocUnsafe(cobsLimit(plain.length) + 2);
  const end = 1 + cobsEncode(plain, wire, 1);
  wire[0] = 0;
  wire[end] = 0;
  return wire.subarray(0, end + 1);
}

/** Reads what stood between two delimiters. Never throws. */
export function decodeFrame(encoded: Uint8Array): FrameOutcome {
  const plain = cobsDecode(encoded);
  if (plain === undefined) return { ok: false, fault: 'cobs' };
  if (plain.length < HEADER_BYTES + CRC_BYTES) return { ok: false, fault: 'short' };
  const crcAt = plain.length - CRC_BYTES;
  if (crc32(plain.subarray(0, crcAt)) !== plain.readUInt32LE(crcAt)) return { ok: false, fault: 'crc' };
  if (plain.readUInt16LE(12) !== crcAt - HEADER_BYTES) return { ok: false, fault: 'length' };
  return {
    ok: true,
    frame: {
      version: plain[0] ?? 0,
      type: plain[1] ?? 0,
      channel: plain[2] ?? 0,
      flags: plain[3] ?? 0,
      seq: plain.readUInt16LE(4),
      ack: plain.readUInt16LE(6),
      tick: plain.readUInt32LE(8),
      payload: plain.subarray(HEADER_BYTES, crcAt),
    },
  };
}
