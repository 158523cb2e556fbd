/** Where a datagram came from or goes to. */
export interface UdptlAddress {
  readonly host: string;
  readonly port: number;
}

/** Whom we believe to be the peer. `announced` is what its description said. */
export interface UdptlLatch {
  readonly announced: UdptlAddress;
  readonly latched: UdptlAddress | null;
}

/** What to do with a datagram. */
export interface LatchVerdict {
  readonly latch: UdptlLatch;
  /** False: it is not the peer's, drop it. */
  readonly accept: boolean;
}

/** Before anything has come. A new description of the peer begins anew. */
export function openLatch(announced: UdptlAddress): UdptlLatch {
  return { announced, latched: null };
}

/** Where our datagrams go: to where the peer's come from, else to what it announced. */
export function latchTarget(latch: UdptlLatch): UdptlAddress {
  return latch.latched ?? latch.announced;
}

/**
 * Symmetric latch. Behind a NAT the peer's datagrams come from elsewhere than announced: the first source of valid UDPTL is
 * the peer from then on, and others are dropped. Only the announced address itself still takes over from another, so that
 * nobody who was faster with a guess keeps the fax. `valid` says whether the datagram was UDPTL: RTP that strays in after
 * the switch never latches.
 */
export function judgeSource(latch: UdptlLatch, source: UdptlAddress, valid: boolean): LatchVerdict {
  if (!valid) return { latch, accept: false };
  const { announced, latched } = latch;
  if (latched !== null && same(latched, source)) return { latch, accept: true };
  if (latched === null || same(announced, source))
    return { latch: { announced, latched: source }, accept: true };
  return { latch, accept: false };
}

function same(one: UdptlAddress, other: UdptlAddress): boolean {
  return one.port === other.port && one.host === other.host;
}
