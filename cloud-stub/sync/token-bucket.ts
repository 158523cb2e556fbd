/** Lets `ratePerS` things through each second, and `burst` at once. Pure but for its own count; time is handed in. */
export class TokenBucket {
  readonly #ratePerS: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(ratePerS: number, burst: number, nowMs: number) {
    this.#ratePerS = ratePerS;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** False when there is nothing left at `nowMs` (monotonic). */
  take(nowMs: number): boolean {
    if (this.left(nowMs) < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** How many could be taken now. */
  left(nowMs: number): number {
    const gained = (Math.max(0, nowMs - this.#atMs) * this.#ratePerS) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#atMs = nowMs;
    return this.#tokens;
  }
}
