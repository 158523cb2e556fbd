/** How one party hears another (RFC 3550 §6.4.1). */
export interface ReceptionReport {
  /** Who is heard. */
  readonly ssrc: number;
  /** Lost since the last report, in 256ths. */
  readonly fractionLost: number;
  /** Lost since the beginning; below 0 when packets came more than once. */
  readonly lost: number;
  /** Highest sequence number, cycles above it. */
  readonly extendedHighest: number;
  /** In units of the RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report, 0 for none. */
  readonly lastReport: number;
  /** Since that report came, in 65,536ths of a second. */
  readonly sinceLastReport: number;
}

const BLOCK_BYTES = 24;
const MOST_LOST = 0x7f_ffff;

/** `count` blocks, or undefined when they are not all there. */
export function readReports(bytes: Buffer, count: number): ReceptionReport[] | undefined {
  if (bytes.length < BLOCK_BYTES * count) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const at = BLOCK_BYTES * index;
    return {
      ssrc: bytes.readUInt32BE(at),
      fractionLost: bytes.readUInt8(at + 4),
      lost: bytes.readIntBE(at + 5, 3),
      extendedHighest: bytes.readUInt32BE(at + 8),
      jitter: bytes.readUInt32BE(at + 12),
      lastReport: bytes.readUInt32BE(at + 16),
      sinceLastReport: bytes.readUInt32BE(at + 20),
    };
  });
}

export function writeReports(reports: readonly ReceptionReport[]): Buffer {
  const out = Buffer.alloc(BLOCK_BYTES * reports.length);
  for (const [index, report] of reports.entries()) {
    const at = BLOCK_BYTES * index;
    out.writeUInt32BE(report.ssrc >>> 0, at);
    out.writeUInt8(report.fractionLost & 0xff, at + 4);
    out.writeIntBE(Math.max(-MOST_LOST - 1, Math.min(MOST_LOST, Math.round(report.lost))), at + 5, 3);
    out.writeUInt32BE(report.extendedHighest >>> 0, at + 8);
    out.writeUInt32BE(Math.round(report.jitter) >>> 0, at + 12);
    out.writeUInt32BE(report.lastReport >>> 0, at + 16);
    out.writeUInt32BE(report.sinceLastReport >>> 0, at + 20);
  }
  return out;
}
