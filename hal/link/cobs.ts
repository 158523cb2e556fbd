/**
 * Consistent Overhead Byte Stuffing: rewrites bytes so that 0x00 never occurs, at a cost of one byte in 254. The
 * constant cost is why it was chosen over HDLC escaping, whose worst case doubles an audio frame.
 *
 * Example: `11 00 22` becomes `02 11 02 22`.
 */
export const COBS_BLOCK_BYTES = 254;

/** Most bytes that `plainBytes` can become. */
export function cobsLimit(plainBytes: number): number {
  return plainBytes + Math.floor(plainBytes / COBS_BLOCK_BYTES) + 1;
}

/** Encodes `plain` into `target` at `offset`; returns how many bytes were written. No delimiter is added. */
export function cobsEncode(plain: Uint8Array, target: Uint8Array, offset = 0): number {
  let codeAt = offset;
  let writeAt = offset + 1;
  let code = 1;
  for (const byte of plain) {
    if (code === COBS_BLOCK_BYTES + 1) {
      target[codeAt] = code;
      codeAt = writeAt++;
      code = 1;
    }
    if (byte === 0) {
      target[codeAt] = code;
      codeAt = writeAt++;
      code = 1;
    } else {
      target[writeAt++] = byte;
      code++;
    }
  }
  target[codeAt] = code;
  return writeAt - offset;
}

/** Decodes bytes that stood between two delimiters, or undefined when they are not COBS. */
export function cobsDecode(encoded: Uint8Array): Buffer | undefined {
  const plain = Buffer.allocUnsafe(encoded.length);
  let readAt = 0;
  let writeAt = 0;
  while (readAt < encoded.length) {
    const code = encoded[readAt++] ?? 0;
    const end = readAt + code - 1;
    if (code === 0 || end > encoded.length) return undefined;
    for (; readAt < end; readAt++) {
      const byte = encoded[readAt] ?? 0;
      if (byte === 0) return undefined;
      plain[writeAt++] = byte;
    }
    if (code <= COBS_BLOCK_BYTES && readAt < encoded.length) plain[writeAt++] = 0;
  }
  return plain.subarray(0, writeAt);
}
