import { GAP_MIN } from '../quality/burst.ts';

/** The VoIP metrics block of an extended report (RFC 3611 §4.7): how a call sounds to who hears it. */
export interface VoipMetrics {
  /** Who is heard. */
  readonly ssrc: number;
  /** Fractions in 256ths. */
  readonly lossRate: number;
  readonly discardRate: number;
  readonly burstDensity: number;
  readonly gapDensity: number;
  readonly burstMs: number;
  readonly gapMs: number;
  readonly roundTripMs: number;
  /** What happens on our side of the network: buffer, packetisation. */
  readonly endSystemDelayMs: number;
  /** R of ITU-T G.107, 0 to 100; 127 when not known. */
  readonly rFactor: number;
  /** MOS times ten, 10 to 50; 127 when not known. */
  readonly mosListening: number;
  readonly mosConversational: number;
  /** Of the jitter buffer: what it holds now, its most, and the most it could. */
  readonly bufferMs: number;
  readonly bufferMostMs: number;
  readonly bufferLimitMs: number;
}

const BLOCK_TYPE = 7;
const BLOCK_BYTES = 36;
const UNKNOWN = 127;

/** Concealment enhanced, buffer adaptive, rate of adjustment not told (RFC 3611 §4.7.6). */
const RECEIVER_CONFIGURATION = 0b1111_0000;

/** The blocks of that type; others are read over. A block that does not fit ends the reading. */
export function readVoipMetrics(bytes: Buffer): VoipMetrics[] {
  const found: VoipMetrics[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + 4 * bytes.readUInt16BE(at + 2);
    if (end > bytes.length) break;
    if (bytes[at] === BLOCK_TYPE && end - at === BLOCK_BYTES) found.push(readBlock(bytes.subarray(at, end)));
    at = end;
  }
  return found;
}

function readBlock(block: Buffer): VoipMetrics {
  return {
    ssrc: block.readUInt32BE(4),
    lossRate: block.readUInt8(8),
    discardRate: block.readUInt8(9),
    burstDensity: block.readUInt8(10),
    gapDensity: block.readUInt8(11),
    burstMs: block.readUInt16BE(12),
    gapMs: block.readUInt16BE(14),
    roundTripMs: block.readUInt16BE(16),
    endSystemDelayMs: block.readUInt16BE(18),
    rFactor: block.readUInt8(24),
    mosListening: block.readUInt8(26),
    mosConversational: block.readUInt8(27),
    bufferMs: block.readUInt16BE(30),
    bufferMostMs: block.readUInt16BE(32),
    bufferLimitMs: block.readUInt16BE(34),
  };
}

/**
 * ```
 * |     BT=7      |   reserved    |      block length = 8         |
 * |                        SSRC of source                         |
 * |   loss rate   | discard rate  | burst density |  gap density  |
 * |       burst duration          |         gap duration          |
 * |     round trip delay          |       end system delay        |
 * | signal level  |  noise level  |     RERL      |     Gmin      |
 * |   R factor    | ext. R factor |    MOS-LQ     |    MOS-CQ     |
 * |   RX config   |   reserved    |          JB nominal           |
 * |          JB maximum           |          JB abs max           |
 * ```
 */
export function writeVoipMetrics(metrics: readonly VoipMetrics[]): Buffer {
  const out = Buffer.alloc(BLOCK_BYTES * metrics.length);
  for (const [index, one] of metrics.entries()) writeBlock(out.subarray(BLOCK_BYTES * index), one);
  return out;
}

function writeBlock(block: Buffer, one: VoipMetrics): void {
  const byte = (value: number, at: number): void => {
    block[at] = Math.min(255, Math.max(0, Math.round(value)));
  };
  const short = (value: number, at: number): void => {
    block.writeUInt16BE(Math.min(0xffff, Math.max(0, Math.round(value))), at);
  };
  byte(BLOCK_TYPE, 0);
  short(BLOCK_BYTES / 4 - 1, 2);
  block.writeUInt32BE(one.ssrc >>> 0, 4);
  byte(one.lossRate, 8);
  byte(one.discardRate, 9);
  byte(one.burstDensity, 10);
  byte(one.gapDensity, 11);
  short(one.burstMs, 12);
  short(one.gapMs, 14);
  short(one.roundTripMs, 16);
  short(one.endSystemDelayMs, 18);
  for (const at of [20, 21, 22]) byte(UNKNOWN, at);
  byte(GAP_MIN, 23);
  byte(one.rFactor, 24);
  byte(UNKNOWN, 25);
  byte(one.mosListening, 26);
  byte(one.mosConversational, 27);
  byte(RECEIVER_CONFIGURATION, 28);
  short(one.bufferMs, 30);
  short(one.bufferMostMs, 32);
  short(one.bufferLimitMs, 34);
}
