/** Sources that are remembered; beyond it the one unseen for longest is forgotten. */
const SOURCES = 4_096;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** A token bucket for each source, so that one of them cannot take the others' share of our time. */
export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
  }

  /** Takes one token of `source`; false when there is none left. `nowMs` is monotonic. */
  take(source: string, nowMs: number): boolean {
    const known = this.#buckets.get(source);
    const bucket = known ?? { tokens: this.#burst, filledAtMs: nowMs };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (nowMs - bucket.filledAtMs) * this.#perMs);
    bucket.filledAtMs = nowMs;
    if (known === undefined) this.#remember(source, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  /** How many sources are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  #remember(source: string, bucket: Bucket): void {
    if (this.#buckets.size >= SOURCES) {
      const oldest = this.#buckets.keys().next().value;
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(source, bucket);
  }
}
