/** Signed distance from `from` to `to` on a circle of 2¹⁶: sequence numbers (RFC 1982). */
export function sequenceDistance(from: number, to: number): number {
  const distance = (to - from) & 0xffff;
  return distance >= 0x8000 ? distance - 0x1_0000 : distance;
}

/** Signed distance from `from` to `to` on a circle of 2³²: timestamps. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0;
}
