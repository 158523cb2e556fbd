/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_EPOCH_S = 2_208_988_800;
const PACKET_BYTES = 48;
const MODE_CLIENT = 3;
const MODE_SERVER = 4;

/**
 * The answer of an SNTP server (RFC 4330 §4) to `request` at `nowMs`, or undefined for what is no request.
 *
 * ```
 *  0        1        2        3        4 … 11           12 … 15    16 … 23    24 … 31    32 … 39   40 … 47
 * │LI VN Mode│stratum│ poll   │precision│delay, dispersion│ source │ set      │ originate│ received│ sent    │
 * ```
 */
export function timeAnswer(request: Uint8Array, nowMs: number): Buffer | undefined {
  const first = request[0] ?? 0;
  if (request.length < PACKET_BYTES || (first & 7) !== MODE_CLIENT) return undefined;
  const answer = Buffer.alloc(PACKET_BYTES);
  answer[0] = (first & 0b0011_1000) | MODE_SERVER;
  answer[1] = 2;
  answer[2] = request[2] ?? 0;
  answer.writeInt8(-10, 3);
  answer.write('LAB ', 12, 'latin1');
  for (const at of [16, 32, 40]) writeTime(answer, at, nowMs);
  answer.set(request.subarray(40, 48), 24);
  return answer;
}

function writeTime(packet: Buffer, at: number, ms: number): void {
  packet.writeUInt32BE((Math.floor(ms / 1_000) + NTP_EPOCH_S) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor(((ms % 1_000) / 1_000) * 2 ** 32), at + 4);
}
