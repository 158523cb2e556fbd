/** First wait for the cloud's acknowledgement of a batch. */
export const ACK_FIRST_MS = 5_000;
/** Last one: with the broker up and the cloud away, a batch goes out every few minutes. */
export const ACK_MOST_MS = 300_000;

/** Half of the cap and a random part of the other half: an acknowledgement always gets a fair time. */
export function ackDelayMs(failures: number, fraction: number): number {
  const cap = Math.min(ACK_MOST_MS, ACK_FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.floor(cap / 2 + (cap / 2) * fraction);
}
