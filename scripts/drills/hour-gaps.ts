/** A packet of sound over UDP has at least so many bytes; reports and keepalives are shorter or on odd ports. */
const SOUND_BYTES = 150;
/** A longer pause is the end of a call, not a gap in it. */
const CALL_ENDS_MS = 1_500;
const GAP_MS = 60;
/** Parts of a millisecond of the histogram, and its length. */
const PARTS = 10;
const MOST_MS = 2_000;

/** A gap over {@link GAP_MS}. */
export interface Gap {
  readonly at: string;
  readonly port: number;
  readonly ms: number;
  /** What happened shortly before. */
  readonly beside: string;
}

/** Gaps between the packets that a box sends, over all calls. */
export interface GapReport {
  readonly packets: number;
  readonly streams: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly worstMs: number;
  readonly over60Ms: number;
  /** Of these, the ones beside a change of the configuration, a restart of the agent or a drill. */
  readonly caused: readonly Gap[];
}

interface Stream {
  lastMs: number;
}

/** Takes the packets of all calls as they pass, and keeps a histogram of the time between two of one call. */
export class GapMeter {
  readonly #streams = new Map<number, Stream>();
  readonly #histogram = new Uint32Array(MOST_MS * PARTS);
  readonly #events: { readonly what: string; readonly atMs: number; readonly forMs: number }[] = [];
  readonly #gaps: Gap[] = [];
  #packets = 0;
  #count = 0;
  #streamCount = 0;
  #worstMs = 0;
  #over = 0;

  /** `forMs`: how long afterwards a gap may be its doing. */
  event(what: string, atMs: number, forMs: number): void {
    this.#events.push({ what, atMs, forMs });
  }

  packet(atMs: number, port: number, bytes: number): void {
    if (bytes < SOUND_BYTES || port % 2 === 1) return;
    this.#packets++;
    const stream = this.#streams.get(port);
    if (stream === undefined || atMs - stream.lastMs > CALL_ENDS_MS) {
      this.#streams.set(port, { lastMs: atMs });
      this.#streamCount++;
      return;
    }
    const ms = atMs - stream.lastMs;
    stream.lastMs = atMs;
    this.#count++;
    const slot = Math.min(this.#histogram.length - 1, Math.max(0, Math.floor(ms * PARTS)));
    this.#histogram[slot] = (this.#histogram[slot] ?? 0) + 1;
    this.#worstMs = Math.max(this.#worstMs, ms);
    if (ms <= GAP_MS) return;
    this.#over++;
    const beside = this.#events.find((event) => atMs >= event.atMs - 200 && atMs <= event.atMs + event.forMs);
    if (beside === undefined || this.#gaps.length >= 200) return;
    this.#gaps.push({ at: new Date(atMs).toISOString(), port, ms: Math.round(ms), beside: beside.what });
  }

  report(): GapReport {
    return {
      packets: this.#packets,
      streams: this.#streamCount,
      p50Ms: this.#quantile(0.5),
      p99Ms: this.#quantile(0.99),
      p999Ms: this.#quantile(0.999),
      worstMs: Math.round(this.#worstMs * 10) / 10,
      over60Ms: this.#over,
      caused: this.#gaps,
    };
  }

  #quantile(share: number): number {
    let left = this.#count * share;
    for (const [slot, count] of this.#histogram.entries()) {
      left -= count;
      if (left <= 0) return (slot + 1) / PARTS;
    }
    return 0;
  }
}
