/**
 * G.711 µ-law (ITU-T G.711, Table 2a/2b) by table. Linear samples are 16-bit signed: the 14-bit values of the
 * Recommendation, times four. Both directions are total: every byte and every sample has an image.
 */

/** µ-law byte of digital silence (positive zero). */
export const ULAW_SILENCE = 0xff;

/** Largest linear value that a µ-law byte stands for. */
export const ULAW_PEAK = 32_124;

const BIAS = 0x84;
const CLIP = 32_635;

function expand(byte: number): number {
  const inverted = ~byte & 0xff;
  const exponent = (inverted >> 4) & 7;
  const magnitude = ((((inverted & 0x0f) << 3) + BIAS) << exponent) - BIAS;
  return inverted & 0x80 ? -magnitude : magnitude;
}

function compress(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

const DECODED = Int16Array.from({ length: 256 }, (_, byte) => expand(byte));
const ENCODED = Uint8Array.from({ length: 65_536 }, (_, index) => compress(index - 32_768));

/** The µ-law byte of one linear sample; values outside 16 bits are clipped. */
export function ulawEncode(sample: number): number {
  const clipped = sample < -32_768 ? -32_768 : sample > 32_767 ? 32_767 : Math.trunc(sample);
  return ENCODED[clipped + 32_768] ?? ULAW_SILENCE;
}

/** The linear sample of one µ-law byte (its low eight bits). */
export function ulawDecode(byte: number): number {
  return DECODED[byte & 0xff] ?? 0;
}

/** Encodes a block into `out` (made when not given; must be as long as `samples`). */
export function ulawEncodeBlock(
  samples: Int16Array,
  out: Uint8Array = new Uint8Array(samples.length),
): Uint8Array {
  for (let index = 0; index < samples.length; index++) {
    out[index] = ENCODED[(samples[index] ?? 0) + 32_768] ?? ULAW_SILENCE;
  }
  return out;
}

/** Decodes a block into `out` (made when not given; must be as long as `bytes`). */
export function ulawDecodeBlock(
  bytes: Uint8Array,
  out: Int16Array = new Int16Array(bytes.length),
): Int16Array {
  for (let index = 0; index < bytes.length; index++) out[index] = DECODED[bytes[index] ?? 0] ?? 0;
  return out;
}
