/** Lets one warning of each code through per interval and counts the rest, so that noise does not flood the log. */
export class WarningGate {
  readonly #intervalMs: number;
  readonly #last = new Map<string, { atMs: number; held: number }>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** How many of `code` are to be told now (this one and those held back), or 0 to keep still. */
  admit(code: string, nowMs: number): number {
    const last = this.#last.get(code);
    if (last !== undefined && nowMs - last.atMs < this.#intervalMs) {
      last.held++;
      return 0;
    }
    this.#last.set(code, { atMs: nowMs, held: 0 });
    return 1 + (last?.held ?? 0);
  }
}
