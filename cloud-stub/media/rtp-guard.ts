/** Smallest and largest datagram that can be RTP here: a bare header, and an Ethernet MTU. */
export const RTP_SMALLEST_BYTES = 12;
export const RTP_LARGEST_BYTES = 1_500;

/** True for what looks like RTP version 2 (RFC 3550 §5.1) or RTCP; anything else has no business on a media port. */
export function looksLikeRtp(datagram: Uint8Array): boolean {
  if (datagram.length < RTP_SMALLEST_BYTES || datagram.length > RTP_LARGEST_BYTES) return false;
  return ((datagram[0] ?? 0) & 0xc0) === 0x80;
}

/** Smallest UDPTL packet: sequence number, length of a primary IFP of one byte, that byte, empty error recovery (T.38 §9.1). */
const UDPTL_SMALLEST_BYTES = 4;

/**
 * True for what can be a UDPTL packet. It has no version or cookie to look for, only a size; the source was checked
 * already.
 */
export function looksLikeUdptl(datagram: Uint8Array): boolean {
  return datagram.length >= UDPTL_SMALLEST_BYTES && datagram.length <= RTP_LARGEST_BYTES;
}

/** Allows so many packets in each second; what comes on top is refused. Pure: time is handed in. */
export interface PacketBudget {
  readonly second: number;
  readonly used: number;
}

/** An unused budget. */
export const freshBudget: PacketBudget = { second: -1, used: 0 };

/** Takes one packet out of the budget at `nowMs`. */
export function spend(
  budget: PacketBudget,
  nowMs: number,
  perSecond: number,
): { readonly budget: PacketBudget; readonly allowed: boolean } {
  const second = Math.floor(nowMs / 1_000);
  const used = budget.second === second ? budget.used : 0;
  if (used >= perSecond) return { budget: { second, used }, allowed: false };
  return { budget: { second, used: used + 1 }, allowed: true };
}
