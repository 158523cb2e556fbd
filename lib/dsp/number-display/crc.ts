/** x¹⁶ + x¹² + x⁵ + 1 with the lowest bit first, as the bits go out on the line. */
const POLYNOMIAL = 0x84_08;

/** The check of a Number Display frame: from zero, over whole bytes as sent, parity bits and all. */
export function displayCrc(bytes: Iterable<number>): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte & 0xff;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
  }
  return crc;
}
