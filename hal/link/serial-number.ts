/* Sequence numbers of 16 bits and byte counts of 32 bits; both wrap, as in RFC 1982. */

/** The number after `sequence`. */
export function nextSequence(sequence: number, by = 1): number {
  return (sequence + by) & 0xffff;
}

/** How far `to` lies ahead of `from`: −32768…32767. */
export function sequenceDistance(from: number, to: number): number {
  return (((to - from) & 0xffff) ^ 0x8000) - 0x8000;
}

/** How far one 32-bit counter lies ahead of another: −2³¹…2³¹−1. */
export function counterDistance(from: number, to: number): number {
  return (to - from) | 0;
}
