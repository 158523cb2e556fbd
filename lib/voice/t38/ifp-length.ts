/** Fields of one data packet at most; spandsp and hardware send one to four. */
const FIELDS = 0x80;

/**
 * How long the IFP packet at the beginning of `bytes` is (ITU-T T.38 §7 and Annex A), or undefined when none is there or it
 * is cut short. Parity repairs a lost IFP only up to zeros behind its end (§9.1.4.2): its own grammar tells where it ends.
 *
 * ```
 * indicator   0 0 x iiii 0                              1 byte; x = 1: 2 bytes
 * data        f 1 x tttt 0 [, ttt…] [count, fields]     f: there are fields; x = 1: the type goes on in a second byte
 * field       f nnn …  [length − 1 (2), data]           version 0; from version 1 on: f 0 nnn …, or f 1 nnn… with a second byte
 * ```
 * Both versions put the types of fields that a fax has (0–7) into one byte.
 */
export function ifpLength(bytes: Uint8Array): number | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const headBytes = (first & 0x20) === 0 ? 1 : 2;
  if ((first & 0x80) === 0) return within(bytes, headBytes);
  const count = bytes[headBytes];
  if (count === undefined || count >= FIELDS) return undefined;
  let at = headBytes + 1;
  for (let field = 0; field < count; field++) {
    const type = bytes[at++];
    if (type === undefined) return undefined;
    if ((type & 0x80) === 0) continue;
    const high = bytes[at];
    const low = bytes[at + 1];
    if (high === undefined || low === undefined) return undefined;
    at += 2 + ((high << 8) | low) + 1;
  }
  return within(bytes, at);
}

function within(bytes: Uint8Array, length: number): number | undefined {
  return length <= bytes.length ? length : undefined;
}

/** A repaired IFP without the zeros that parity leaves behind it; as it is when it cannot be understood. */
export function withoutPadding(bytes: Uint8Array): Uint8Array {
  const length = ifpLength(bytes);
  if (length === undefined || bytes.subarray(length).some((byte) => byte !== 0)) return bytes;
  return bytes.subarray(0, length);
}
