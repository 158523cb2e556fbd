/**
 * RTP of a desk phone (RFC 3550 §5.1) and its key presses (RFC 4733 §2.3). Of its own, so that its sound crosses two
 * implementations.
 *
 * ```
 *  0        1        2                 4                                 8                                 12
 * | V P X CC| M  PT  | sequence        | timestamp                       | SSRC                            | payload
 *                                                    telephone-event:  | event  | E R vol | duration        |
 * ```
 *
 * Example: PCMU, sequence 1, timestamp 160, SSRC 01020304, payload ff: `80 00 00 01 00 00 00 a0 01 02 03 04 ff`.
 */
export interface Rtp {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

const HEADER = 12;
const LONGEST = 1_500;

export function rtpBytes(packet: Rtp): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUInt8(0x80, 0);
  head.writeUInt8((packet.marker ? 0x80 : 0) | (packet.payloadType & 0x7f), 1);
  head.writeUInt16BE(packet.sequence & 0xffff, 2);
  head.writeUInt32BE(packet.timestamp >>> 0, 4);
  head.writeUInt32BE(packet.ssrc >>> 0, 8);
  return Buffer.concat([head, packet.payload]);
}

/** Where the payload begins; undefined when it is no RTP of version 2. */
export function payloadStart(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER || bytes.length > LONGEST || bytes.readUInt8(0) >> 6 !== 2) return undefined;
  let start = HEADER + (bytes.readUInt8(0) & 0x0f) * 4;
  if ((bytes.readUInt8(0) & 0x10) !== 0) {
    if (start + 4 > bytes.length) return undefined;
    start += 4 + bytes.readUInt16BE(start + 2) * 4;
  }
  return start > bytes.length ? undefined : start;
}

/** The packet; undefined when its lengths do not fit. Never throws. */
export function readRtpBytes(bytes: Buffer): Rtp | undefined {
  const start = payloadStart(bytes);
  if (start === undefined) return undefined;
  const padding = (bytes.readUInt8(0) & 0x20) !== 0 ? (bytes.at(-1) ?? 0) : 0;
  if (start + padding > bytes.length) return undefined;
  return {
    payloadType: bytes.readUInt8(1) & 0x7f,
    marker: (bytes.readUInt8(1) & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, bytes.length - padding),
  };
}

const DIGITS = '0123456789*#ABCD';
const VOLUME = 10;

/** A key press under way, or over. `durationSamples` counts from its beginning. */
export function keyPress(digit: string, durationSamples: number, over: boolean): Buffer {
  const event = Math.max(0, DIGITS.indexOf(digit));
  return Buffer.from([event, (over ? 0x80 : 0) | VOLUME, durationSamples >> 8, durationSamples & 0xff]);
}

/** The digit, and whether its key is released; undefined for what is no digit. */
export function readKeyPress(
  payload: Buffer,
): { readonly digit: string; readonly over: boolean } | undefined {
  const digit = payload.length >= 4 ? DIGITS[payload.readUInt8(0)] : undefined;
  return digit === undefined ? undefined : { digit, over: (payload.readUInt8(1) & 0x80) !== 0 };
}
