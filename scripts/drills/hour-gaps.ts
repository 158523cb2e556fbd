import type { WirePacket } from './hour-wire.ts';

/** A longer pause is the end of a call, not a gap in it. */
const CALL_ENDS_MS = 1_500;
export const GAP_MS = 60;
const PACKET_MS = 20;
/** The moment of an event is known a little late. */
const BEFORE_MS = 200;
const GAPS_TOLD = 60;
/** What a packet that is passed on may have waited in the box, for its source to be looked for. */
const HOLD_MOST_MS = 500;
/** So many packets are looked at to find where a stream comes from, and so many of them have to agree. */
const LOOKED_FOR = 60;
const AGREED = 50;
/** Parts of a millisecond of a histogram, and its length. */
const PARTS = 10;
const MOST_MS = 2_000;
/** What was told of the machine is kept so long. */
const MACHINE_KEPT_MS = 30_000;
/** The machine is to blame when it kept somebody waiting for this share of what the gap is too long by. */
const MACHINE_SHARE = 0.5;
/** So many that come late at once were kept by the machine, and so was what was made or not known at that moment. */
const TOGETHER = 2;
/** What the host took is known at the next tick of the kernel, and seen at the control's next look after it. */
const STEAL_KNOWN_MS = 15;
const MINUTE_MS = 60_000;
const LOOK_MS = 100;
const MOMENT_MS = 500;
const CAME_LATE_KEPT = 200;

/**
 * Whose doing a gap is: it came so, the machine had no time for the box, or the box itself. In the first moments of a stream it
 * is not known whether it is passed on, and so whether it came so.
 */
export type Blame = 'cameSo' | 'machine' | 'box' | 'unknown';

/** A gap over {@link GAP_MS}. */
export interface Gap {
  readonly at: string;
  readonly socket: string;
  readonly ms: number;
  /** What happened shortly before, or `quiet`. */
  readonly beside: string;
  readonly blame: Blame;
  /** How long the machine kept the box waiting meanwhile, and of whom that is known. */
  readonly machineMs: number;
  readonly waited: string;
}

/** Times between two packets of one call, in ms. */
export interface GapFigures {
  readonly packets: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly worstMs: number;
  readonly over60Ms: number;
}

/** Gaps between the packets that a box sends, over all calls. */
export interface GapReport {
  readonly streams: number;
  readonly all: GapFigures;
  /** Sound that the box makes packets of: lines of the board. */
  readonly made: GapFigures;
  /** Sound that it passes on: calls of desk phones. What of it came with gaps is in here. */
  readonly passedOn: GapFigures;
  /** How long a packet that is passed on stays in the box. */
  readonly hold: { readonly p50Ms: number; readonly p99Ms: number; readonly p999Ms: number };
  /** Gaps over 60 ms, by what they are beside and whose doing they are. */
  readonly over60: Readonly<Record<string, Readonly<Partial<Record<Blame, number>>>>>;
  /** Moments with gaps that are the box's own doing: all that end within half a second are one. */
  readonly boxMoments: Readonly<Record<string, number>>;
  /** How long it was beside what. */
  readonly minutes: Readonly<Record<string, number>>;
  readonly gaps: readonly Gap[];
}

interface Source {
  readonly socket: string;
  /** Sequence number of a packet that leaves, less that with which it came. */
  readonly shift: number;
}

interface Stream {
  ssrc: number;
  lastMs: number;
  last: 'made' | 'passedOn';
  lastCameMs: number;
  /** Whose packets left with these, each with the time between. */
  readonly votes: Map<string, Vote>;
  looked: number;
  /** Where it seems to come from. It does when that one's sound seems to come from here, too. */
  believed: Source | undefined;
}

interface Vote extends Source {
  readonly count: number;
  readonly heldMs: number;
}

interface Told {
  readonly fromMs: number;
  readonly toMs: number;
  readonly what: string;
  readonly ms: number;
}

/** A gap that is not judged yet: what the machine did meanwhile is told a little later. */
interface Suspect {
  readonly gap: Omit<Gap, 'machineMs' | 'waited' | 'blame'>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly came: 'cameSo' | 'unknown' | undefined;
}

interface Came {
  readonly atMs: number;
  readonly socket: string;
  readonly sequence: number;
}

class Histogram {
  readonly #slots = new Uint32Array(MOST_MS * PARTS);
  #count = 0;
  #worstMs = 0;
  #over = 0;

  add(ms: number): void {
    const slot = Math.min(this.#slots.length - 1, Math.max(0, Math.floor(ms * PARTS)));
    this.#slots[slot] = (this.#slots[slot] ?? 0) + 1;
    this.#count++;
    this.#worstMs = Math.max(this.#worstMs, ms);
    if (ms > GAP_MS) this.#over++;
  }

  get figures(): GapFigures {
    return {
      packets: this.#count,
      p50Ms: this.quantile(0.5),
      p99Ms: this.quantile(0.99),
      p999Ms: this.quantile(0.999),
      worstMs: Math.round(this.#worstMs * 10) / 10,
      over60Ms: this.#over,
    };
  }

  quantile(share: number): number {
    let left = this.#count * share;
    for (const [slot, count] of this.#slots.entries()) {
      left -= count;
      if (count > 0 && left <= 0) return (slot + 1) / PARTS;
    }
    return 0;
  }
}

/**
 * Takes the packets of all calls as they pass, and what the machine did meanwhile. A packet that the box passes on keeps
 * its place in the row (RFC 3550 §5.1 numbers), so that the same packet is known when it comes and when it leaves.
 */
export class GapMeter {
  readonly #streams = new Map<string, Stream>();
  readonly #all = new Histogram();
  readonly #made = new Histogram();
  readonly #passedOn = new Histogram();
  readonly #hold = new Histogram();
  readonly #events: { readonly what: string; readonly atMs: number; readonly forMs: number }[] = [];
  /** What came lately, for the packets that leave with it; by `socket/sequence` and in order. */
  readonly #came = new Map<string, number>();
  #lately: Came[] = [];
  #told: Told[] = [];
  readonly #suspects: Suspect[] = [];
  readonly #judged: Gap[] = [];
  /** The last that came with a gap. */
  #cameLate: readonly Suspect[] = [];
  #streamCount = 0;
  #toldCount = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = 0;

  /** `forMs`: how long afterwards a gap may be its doing. */
  event(what: string, atMs: number, forMs: number): void {
    this.#events.push({ what, atMs, forMs });
  }

  /** What the moment is beside, `quiet` when nothing happens. */
  besideAt(atMs: number): string {
    const event = this.#events.findLast(
      (one) => atMs >= one.atMs - BEFORE_MS && atMs <= one.atMs + one.forMs,
    );
    return event?.what ?? 'quiet';
  }

  /** The machine kept `what` waiting for `ms` of this time. */
  machine(told: Told): void {
    this.#told.push(told);
    if (++this.#toldCount % 100 === 0) this.#settle(told.toMs - MACHINE_KEPT_MS / 2);
  }

  packet(packet: WirePacket): void {
    this.#firstMs = Math.min(this.#firstMs, packet.atMs);
    this.#lastMs = Math.max(this.#lastMs, packet.atMs);
    if (packet.sent) this.#leaves(packet);
    else this.#comes(packet);
  }

  /** In a line, for who waits. */
  get soFar(): string {
    const { packets, p999Ms, over60Ms } = this.#all.figures;
    const judged = this.#judged.map(({ beside, blame }) => `${blame} ${beside}`);
    const counts = [...new Set(judged)].map(
      (each) => `${judged.filter((one) => one === each).length} ${each}`,
    );
    return `${packets} packets (${this.#passedOn.figures.packets} passed on), p99.9 ${p999Ms} ms, ${over60Ms} gaps over ${GAP_MS} ms: ${counts.join(', ')}`;
  }

  report(): GapReport {
    this.#settle(Number.POSITIVE_INFINITY);
    const over60: Record<string, Partial<Record<Blame, number>>> = {};
    for (const { beside, blame } of this.#judged) {
      const row = over60[beside] ?? {};
      over60[beside] = { ...row, [blame]: (row[blame] ?? 0) + 1 };
    }
    const rank = (gap: Gap): number => (gap.blame === 'box' ? 2 : 0) + (gap.beside === 'quiet' ? 0 : 1);
    return {
      streams: this.#streamCount,
      all: this.#all.figures,
      made: this.#made.figures,
      passedOn: this.#passedOn.figures,
      hold: {
        p50Ms: this.#hold.quantile(0.5),
        p99Ms: this.#hold.quantile(0.99),
        p999Ms: this.#hold.quantile(0.999),
      },
      over60,
      boxMoments: moments(this.#judged.filter(({ blame }) => blame === 'box')),
      minutes: this.#minutes(),
      gaps: [...this.#judged].sort((one, other) => rank(other) - rank(one)).slice(0, GAPS_TOLD),
    };
  }

  #minutes(): Record<string, number> {
    const looks: Record<string, number> = {};
    for (let atMs = this.#firstMs; atMs < this.#lastMs; atMs += LOOK_MS) {
      const beside = this.besideAt(atMs);
      looks[beside] = (looks[beside] ?? 0) + 1;
    }
    return Object.fromEntries(
      Object.entries(looks).map(([beside, count]) => [
        beside,
        Math.round((count * LOOK_MS * 100) / MINUTE_MS) / 100,
      ]),
    );
  }

  #comes({ atMs, socket, sequence }: WirePacket): void {
    this.#came.set(`${socket}/${sequence}`, atMs);
    this.#lately.push({ atMs, socket, sequence });
    const first = this.#lately.findIndex((one) => one.atMs > atMs - HOLD_MOST_MS);
    if (first < 200) return;
    for (const one of this.#lately.slice(0, first)) this.#came.delete(`${one.socket}/${one.sequence}`);
    this.#lately = this.#lately.slice(first);
  }

  #leaves(packet: WirePacket): void {
    const { atMs, socket, ssrc } = packet;
    const stream = this.#streams.get(socket);
    if (stream === undefined || stream.ssrc !== ssrc || atMs - stream.lastMs > CALL_ENDS_MS) {
      this.#streams.set(socket, newStream(packet));
      this.#streamCount++;
      return;
    }
    const cameMs = this.#cameMs(stream, packet);
    const now = cameMs === undefined ? 'made' : 'passedOn';
    const ms = atMs - stream.lastMs;
    // Where the sound is another from here on (ringing tone, then the far end) there is no gap in either.
    if (now === stream.last) this.#measure(stream, packet, ms, cameMs);
    stream.last = now;
    stream.lastMs = atMs;
    if (cameMs !== undefined) stream.lastCameMs = cameMs;
  }

  #measure(stream: Stream, { atMs, socket }: WirePacket, ms: number, cameMs: number | undefined): void {
    this.#all.add(ms);
    (cameMs === undefined ? this.#made : this.#passedOn).add(ms);
    if (cameMs !== undefined) this.#hold.add(atMs - cameMs);
    if (ms <= GAP_MS) return;
    const gap = {
      at: new Date(atMs).toISOString(),
      socket,
      ms: Math.round(ms),
      beside: this.besideAt(atMs),
    };
    const cameSo = cameMs !== undefined && cameMs - stream.lastCameMs >= ms - PACKET_MS;
    const looking = cameMs === undefined && stream.looked <= LOOKED_FOR;
    const came = cameSo ? 'cameSo' : looking ? 'unknown' : undefined;
    const suspect = { gap, fromMs: stream.lastMs, toMs: atMs, came } as const;
    this.#suspects.push(suspect);
    if (came === 'cameSo') this.#cameLate = [...this.#cameLate.slice(-CAME_LATE_KEPT), suspect];
  }

  /** When the packet that leaves has come, if it is one that is passed on. */
  #cameMs(stream: Stream, { atMs, socket, sequence }: WirePacket): number | undefined {
    const { believed } = stream;
    if (believed !== undefined) {
      if (this.#streams.get(believed.socket)?.believed?.socket !== socket) return undefined;
      return this.#came.get(`${believed.socket}/${(sequence - believed.shift) & 0xffff}`);
    }
    if (stream.looked > LOOKED_FOR) return undefined;
    for (let at = this.#lately.length - 1; at >= 0; at--) {
      const came = this.#lately[at];
      if (came === undefined || came.atMs < atMs - PACKET_MS) break;
      if (came.socket === socket) continue;
      const shift = (sequence - came.sequence) & 0xffff;
      const key = `${came.socket}/${shift}`;
      const { count, heldMs } = stream.votes.get(key) ?? { count: 0, heldMs: 0 };
      stream.votes.set(key, {
        socket: came.socket,
        shift,
        count: count + 1,
        heldMs: heldMs + atMs - came.atMs,
      });
    }
    if (++stream.looked > LOOKED_FOR) {
      stream.believed = quickest([...stream.votes.values()]);
      stream.votes.clear();
    }
    return undefined;
  }

  /** Judges what is old enough for the machine's word on it to be here. */
  #settle(untilMs: number): void {
    while ((this.#suspects[0]?.toMs ?? Number.POSITIVE_INFINITY) <= untilMs) {
      const suspect = this.#suspects.shift();
      if (suspect === undefined) break;
      const { machineMs, waited } = this.#waitedIn(suspect.fromMs, suspect.toMs);
      const machine =
        machineMs >= (suspect.gap.ms - PACKET_MS) * MACHINE_SHARE || this.#cameBeside(suspect) >= TOGETHER;
      const blame: Blame =
        suspect.came === 'cameSo' ? 'cameSo' : machine ? 'machine' : (suspect.came ?? 'box');
      this.#judged.push({ ...suspect.gap, blame, machineMs: Math.round(machineMs), waited });
    }
    const newest = this.#told.at(-1)?.toMs ?? 0;
    this.#told = this.#told.filter((one) => one.toMs > newest - MACHINE_KEPT_MS);
  }

  /** Streams of others that came with the same gap. Those who send them have nothing in common but the machine. */
  #cameBeside({ gap, fromMs, toMs }: Suspect): number {
    const near = (one: number, other: number): boolean => Math.abs(one - other) <= PACKET_MS / 2;
    const beside = this.#cameLate.filter(
      (one) => one.gap.socket !== gap.socket && near(one.fromMs, fromMs) && near(one.toMs, toMs),
    );
    return new Set(beside.map((one) => one.gap.socket)).size;
  }

  #waitedIn(fromMs: number, toMs: number): { machineMs: number; waited: string } {
    const sums = new Map<string, number>();
    for (const one of this.#told) {
      const knownMs = toMs + (one.what === 'steal' ? STEAL_KNOWN_MS : 0);
      if (one.toMs >= fromMs && one.fromMs <= knownMs) sums.set(one.what, (sums.get(one.what) ?? 0) + one.ms);
    }
    // The host takes from everybody at once; a frame waits for the board, for the wire, for the kernel's worker that carries
    // its bytes, and for the media process, one after the other.
    const row = ['board', 'serial-line', 'kernel', 'media'].map((what) => sums.get(what) ?? 0);
    const inRow = row.reduce((sum, ms) => sum + ms, 0);
    const machineMs = Math.max(inRow, sums.get('control') ?? 0, sums.get('steal') ?? 0);
    const waited = [...sums].map(([what, ms]) => `${what} ${Math.round(ms)}`).join(', ');
    return { machineMs, waited };
  }
}

function moments(gaps: readonly Gap[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const last: Record<string, number> = {};
  for (const { at, beside } of [...gaps].sort((one, other) => one.at.localeCompare(other.at))) {
    const atMs = Date.parse(at);
    if (atMs - (last[beside] ?? 0) > MOMENT_MS) counts[beside] = (counts[beside] ?? 0) + 1;
    last[beside] = atMs;
  }
  return counts;
}

function newStream({ atMs, ssrc }: WirePacket): Stream {
  return {
    ssrc,
    lastMs: atMs,
    last: 'made',
    lastCameMs: 0,
    votes: new Map(),
    looked: 0,
    believed: undefined,
  };
}

/** Every stream of 50 packets a second keeps step with every other one; the one that is passed on leaves at once. */
function quickest(votes: readonly Vote[]): Source | undefined {
  const steady = votes.filter(({ count }) => count >= AGREED);
  return steady.sort((one, other) => one.heldMs / one.count - other.heldMs / other.count)[0];
}
