/** First cap of the wait before a connection is tried again. */
export const RECONNECT_FIRST_MS = 1_000;
/** Last cap. */
export const RECONNECT_MOST_MS = 60_000;
/** A connection that held this long was good: the next wait begins at the first cap again. */
export const STABLE_AFTER_MS = 60_000;
/** Shortest wait of all, so that a lucky draw is not a busy loop. */
const RECONNECT_LEAST_MS = 100;

/** An echo that is not back by now does not come: what is subscribed is dead, though the connection stands. */
export const ECHO_LIMIT_MS = 10_000;
/** The next echo is due after this long, or up to half as long again. Also what a NAT needs to keep a connection. */
const ECHO_LEAST_MS = 20_000;
const ECHO_SPREAD_MS = 10_000;

/** First wait for the cloud's acknowledgement of a batch. */
export const ACK_FIRST_MS = 5_000;
/** Last one: with the broker up and the cloud away, a batch goes out every few minutes. */
export const ACK_MOST_MS = 300_000;

/**
 * Full jitter: anything between nothing and a cap that doubles with each failure, so that a thousand boxes that lost
 * one broker do not come back in one second. `failures` counts from 0, `fraction` is uniform in [0, 1).
 */
export function reconnectDelayMs(failures: number, fraction: number): number {
  const cap = Math.min(RECONNECT_MOST_MS, RECONNECT_FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.max(RECONNECT_LEAST_MS, Math.floor(cap * fraction));
}

/** Half of the cap and a random part of the other half: an acknowledgement always gets a fair time. */
export function ackDelayMs(failures: number, fraction: number): number {
  const cap = Math.min(ACK_MOST_MS, ACK_FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.floor(cap / 2 + (cap / 2) * fraction);
}

/** When the next echo is due: spread, so that a thousand boxes do not echo in one second. */
export function echoDelayMs(fraction: number): number {
  return Math.floor(ECHO_LEAST_MS + ECHO_SPREAD_MS * fraction);
}
