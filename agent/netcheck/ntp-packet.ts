/** Seconds between 1900, where NTP begins to count, and 1970. */
const NTP_EPOCH_S = 2_208_988_800;
const BYTES = 48;
/** Version 4, client (RFC 5905 §7.3). */
const CLIENT = 0x23;
const SERVER_MODE = 4;

/** A request of an SNTP client; `nowMs` comes back in the answer. */
export function encodeNtpRequest(nowMs: number): Buffer {
  const out = Buffer.alloc(BYTES);
  out[0] = CLIENT;
  writeTime(out, 40, nowMs);
  return out;
}

/**
 * The server's clock against ours, from the answer to the request of `sentMs` that came at `cameMs`. Undefined for what is no
 * answer to it, and for a server that has no time itself.
 */
export function ntpOffsetMs(bytes: Uint8Array, sentMs: number, cameMs: number): number | undefined {
  if (bytes.length < BYTES) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const [head = 0, stratum = 0] = buffer;
  const unsynchronised = head >> 6 === 3;
  if ((head & 7) !== SERVER_MODE || stratum === 0 || stratum > 15 || unsynchronised) return undefined;
  const asked = Buffer.alloc(BYTES);
  writeTime(asked, 40, sentMs);
  if (!buffer.subarray(24, 32).equals(asked.subarray(40, 48))) return undefined;
  const received = readTime(buffer, 32);
  const transmitted = readTime(buffer, 40);
  return (received - sentMs + (transmitted - cameMs)) / 2;
}

function writeTime(out: Buffer, at: number, epochMs: number): void {
  const seconds = Math.floor(epochMs / 1_000);
  out.writeUInt32BE((seconds + NTP_EPOCH_S) % 2 ** 32, at);
  out.writeUInt32BE(Math.floor(((epochMs - seconds * 1_000) / 1_000) * 2 ** 32), at + 4);
}

/** Of the era that began in 1900, or of the one that begins in 2036 (RFC 4330 §3). */
function readTime(buffer: Buffer, at: number): number {
  const seconds = buffer.readUInt32BE(at);
  const era = seconds < 2 ** 31 ? 2 ** 32 : 0;
  return (seconds + era - NTP_EPOCH_S) * 1_000 + (buffer.readUInt32BE(at + 4) / 2 ** 32) * 1_000;
}
