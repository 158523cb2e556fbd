/** A packet of sound over UDP has at least so many bytes; reports and keepalives are shorter or on odd ports. */
const SOUND_BYTES = 150;
/** A longer pause is the end of a call, not a gap in it. */
const CALL_ENDS_MS = 1_500;
const GAP_MS = 60;
const QUIET = 'quiet';
/** The moment of an event is known a little late. */
const BEFORE_MS = 200;
const GAPS_TOLD = 20;
/** What is beside an event by chance, and by how much it has to be more than elsewhere to be its doing. */
const GAPS_BY_CHANCE = 0;
const CLEARLY_MORE = 3;
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
  /** By what they are beside; `quiet` is all other time. A busy machine has gaps everywhere. */
  readonly beside: Readonly<Record<string, GapRate>>;
  /** The first of those that are beside something. */
  readonly gaps: readonly Gap[];
  /** Beside these there are clearly more gaps than in quiet time. */
  readonly caused: readonly string[];
}

/** Gaps over 60 ms, and the packets among which they were. */
export interface GapRate {
  readonly gaps: number;
  readonly packets: number;
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
  readonly #beside = new Map<string, { gaps: number; packets: number }>();
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
    const event = this.#events.findLast(
      (one) => atMs >= one.atMs - BEFORE_MS && atMs <= one.atMs + one.forMs,
    );
    const beside = event?.what ?? QUIET;
    const rate = this.#beside.get(beside) ?? { gaps: 0, packets: 0 };
    this.#beside.set(beside, rate);
    rate.packets++;
    if (ms <= GAP_MS) return;
    rate.gaps++;
    this.#over++;
    if (beside === QUIET || this.#gaps.length >= GAPS_TOLD) return;
    this.#gaps.push({ at: new Date(atMs).toISOString(), port, ms: Math.round(ms), beside });
  }

  #caused(): string[] {
    const quiet = this.#beside.get(QUIET) ?? { gaps: 0, packets: 0 };
    const share = quiet.gaps / Math.max(1, quiet.packets);
    return [...this.#beside].flatMap(([beside, { gaps, packets }]) =>
      beside !== QUIET && gaps > GAPS_BY_CHANCE + CLEARLY_MORE * share * packets ? [beside] : [],
    );
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
      beside: Object.fromEntries(this.#beside),
      gaps: this.#gaps,
      caused: this.#caused(),
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
