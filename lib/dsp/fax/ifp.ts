import type { T38Version } from './fax-options.ts';

/** Most bytes of an IFP packet that is taken: more than any datagram of the network carries. */
export const IFP_BYTES_MOST = 1_400;

/** Kinds of data up to V.17 at 14,400 bit/s; what lies behind is V.8, V.34 and V.33, which nobody here speaks. */
const LAST_DATA_TYPE = 8;
/** Number of fields in one octet; the long forms of the packed encoding have no use in a datagram. */
const FIELDS_MOST = 127;

/**
 * True when the bytes are a whole IFP packet (ITU-T T.38 §7.3, Annex A) of the grammar that `version` writes: nothing
 * cut, no kind that is not spoken here, nothing behind it but the zeros that parity leaves behind a rebuilt packet.
 * Strict on purpose: what passes here goes to native code. Never throws.
 */
export function isIfp(bytes: Uint8Array, version: T38Version): boolean {
  const [first] = bytes;
  if (first === undefined || bytes.length > IFP_BYTES_MOST) return false;
  const hasFields = (first & 0x80) !== 0;
  if ((first & 0x20) !== 0) return false;
  if ((first & 0x40) === 0) return !hasFields && onlyZeros(bytes, 1);
  if (((first >> 1) & 0xf) > LAST_DATA_TYPE) return false;
  if (!hasFields) return onlyZeros(bytes, 1);
  const count = bytes[1];
  if (count === undefined || count > FIELDS_MOST) return false;
  const end = version === 0 ? endOfHalfOctetFields(bytes, count) : endOfFields(bytes, count);
  return end !== null && end <= bytes.length && onlyZeros(bytes, end);
}

/** Versions 1 to 3: four bits of type behind the mark "has data", in an octet of its own. */
function endOfFields(bytes: Uint8Array, count: number): number | null {
  let at = 2;
  for (let field = 0; field < count; field += 1) {
    const head = bytes[at];
    // 0x40 marks the field types that came with V.34.
    if (head === undefined || (head & 0x40) !== 0) return null;
    at += 1;
    if ((head & 0x80) === 0) continue;
    const next = endOfData(bytes, at);
    if (next === null) return null;
    at = next;
  }
  return at;
}

/** Version 0: three bits of type, so that two fields without data share an octet. */
function endOfHalfOctetFields(bytes: Uint8Array, count: number): number | null {
  let at = 2;
  let lowHalf = false;
  for (let field = 0; field < count; field += 1) {
    const octet: number | undefined = bytes[at];
    if (octet === undefined) return null;
    const head: number = lowHalf ? octet & 0xf : octet >> 4;
    const hasData = (head & 0x8) !== 0;
    if (hasData || lowHalf) at += 1;
    lowHalf = !hasData && !lowHalf;
    if (!hasData) continue;
    const next = endOfData(bytes, at);
    if (next === null) return null;
    at = next;
  }
  return lowHalf ? at + 1 : at;
}

/** Two octets of length less one, then the data. */
function endOfData(bytes: Uint8Array, at: number): number | null {
  const [high, low] = [bytes[at], bytes[at + 1]];
  if (high === undefined || low === undefined) return null;
  const end = at + 2 + (high << 8) + low + 1;
  return end <= bytes.length ? end : null;
}

function onlyZeros(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
