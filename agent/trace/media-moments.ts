/**
 * Moments of the media process on the agent's monotonic clock. Both clocks run alike, but each counts from the start of its own
 * process. A batch takes a while to come, never less than nothing: the one that came fastest says best how far the clocks
 * are apart.
 */
export class MediaMoments {
  #apartMs = Number.POSITIVE_INFINITY;
  #leastMs = Number.NEGATIVE_INFINITY;

  /** For a batch that was sent at `sentMs` of the media process and is here at `nowMs`: the agent's moment for one in it. */
  ofBatch(sentMs: number, nowMs: number): (mediaMs: number) => number {
    // What is in a batch happened after the one before was sent: a better guess puts nothing before what is told already.
    const leastMs = this.#leastMs;
    const apartMs = Math.min(this.#apartMs, nowMs - sentMs);
    this.#apartMs = apartMs;
    this.#leastMs = sentMs + apartMs;
    return (mediaMs) => Math.max(leastMs, mediaMs + apartMs);
  }
}
