/** What a trace may take at most. */
export interface TraceLimits {
  readonly seconds: number;
  readonly bytes: number;
  /** Messages a second; as many may come at once. */
  readonly perSecond: number;
}

/** The smallest, the usual and the most of each. */
export const TRACE_LIMITS = {
  seconds: { least: 1, usual: 600, most: 3_600 },
  bytes: { least: 1_000, usual: 50_000_000, most: 500_000_000 },
  perSecond: { least: 1, usual: 1_000, most: 5_000 },
} as const;

/** Why a trace is over. */
export type TraceEnd = 'time' | 'size';

/** Keeps a trace within its limits. */
export class TraceBudget {
  readonly #limits: TraceLimits;
  readonly #untilMs: number;
  #bytes = 0;
  #tokens: number;
  #filledMs: number;

  constructor(limits: TraceLimits, nowMs: number) {
    this.#limits = limits;
    this.#untilMs = nowMs + limits.seconds * 1_000;
    this.#tokens = limits.perSecond;
    this.#filledMs = nowMs;
  }

  /** Whether a message of so many bytes may be shown; `over` when the trace is at its end. */
  take(bytes: number, nowMs: number): 'show' | 'drop' | 'over' {
    if (this.ended(nowMs) !== undefined) return 'over';
    const { perSecond } = this.#limits;
    this.#tokens = Math.min(perSecond, this.#tokens + ((nowMs - this.#filledMs) * perSecond) / 1_000);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return 'drop';
    if (this.#bytes + bytes > this.#limits.bytes) {
      this.#bytes = this.#limits.bytes;
      return 'over';
    }
    this.#tokens--;
    this.#bytes += bytes;
    return 'show';
  }

  ended(nowMs: number): TraceEnd | undefined {
    if (nowMs >= this.#untilMs) return 'time';
    return this.#bytes >= this.#limits.bytes ? 'size' : undefined;
  }
}
