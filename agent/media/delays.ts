const KEPT = 4_096;

/** The last 4,096 measured delays in ms, and their percentiles. */
export class Delays {
  readonly #values = new Float64Array(KEPT);
  #count = 0;

  note(delayMs: number): void {
    this.#values[this.#count++ % KEPT] = delayMs;
  }

  /** In ms; all 0 when nothing was measured. */
  get figures(): { readonly p50: number; readonly p99: number; readonly max: number } {
    const sorted = this.#values.slice(0, Math.min(KEPT, this.#count)).sort();
    const at = (share: number): number =>
      Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}
