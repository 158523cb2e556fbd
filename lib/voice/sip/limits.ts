/**
 * Limits on everything that comes off the wire. A message beyond one of them is refused or dropped, so that the work
 * one packet can cause is known beforehand.
 */
export const SIP_LIMITS = {
  /** One datagram, or one message on a stream (head and body). */
  messageBytes: 16_384,
  /** One header line after unfolding, in characters. */
  lineChars: 8_192,
  headers: 200,
  vias: 64,
  /** Elements of one comma-separated list, and parameters of one element. */
  listItems: 64,
  /** Parts of a multipart body, over all levels. */
  bodyParts: 16,
  /** Live client or server transactions; beyond it requests get 503. */
  transactions: 20_000,
  /** Live calls of one user agent. */
  sessions: 10_000,
  /** Accepted connections of one listener. */
  connections: 1_024,
  /** Of them from one source: many boxes may share an address, nobody may take all there are. */
  connectionsPerSource: 256,
  /** Bytes that wait on a connection that is still being made. */
  pendingSendBytes: 262_144,
} as const;

/** RFC 3261 §17 timer bases, in ms. */
export const T1_MS = 500;
export const T2_MS = 4_000;
export const T4_MS = 5_000;
