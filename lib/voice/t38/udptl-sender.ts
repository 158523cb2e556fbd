import { encodeUdptl, NO_RECOVERY, type UdptlPacket, type UdptlRecovery, udptlBytes } from './udptl.ts';

/** Where a sender protects what it sends, and how large the datagrams may be. */
export interface UdptlSenderOptions {
  /** As agreed with the peer. `fec` only when the peer asked for it. */
  readonly errorCorrection: 'redundancy' | 'fec' | 'none';
  /**
   * Earlier IFPs in each datagram, 0–7, or parities, of which {@link MOST_PARITIES} are sent at most. Where `maxDatagramBytes` has room, up to {@link DEEPEST} IFPs are sent:
   * they cost a little bandwidth, and each lets one more loss in a row pass without a trace.
   */
  readonly redundancy: number;
  /** What the peer takes (T38FaxMaxDatagram). Obeyed by leaving out the oldest; the primary is never left out. */
  readonly maxDatagramBytes: number;
  /** Number of the first packet. Default 0, where every fax gateway starts. */
  readonly firstSequence?: number;
  /** False: exactly `redundancy` earlier IFPs and exactly the copies asked for. Default true. */
  readonly generous?: boolean;
}

/** What a sender has done, for the fax log and the tests. */
export interface UdptlSenderFigures {
  readonly ifps: number;
  readonly datagrams: number;
  readonly bytes: number;
  readonly largestBytes: number;
}

/** Earlier IFPs that a datagram carries at most. Receivers of Asterisk's lineage have room for 15. */
export const DEEPEST = 7;
/** Parities that a datagram carries at most: with 7 of them rtpengine lost 2 of 8 pages at 3 % loss, with 3 none. */
const MOST_PARITIES = 3;
/** IFPs that one parity covers. */
const FEC_SPAN = 3;
/** Datagrams with the same number are this far apart, so that one short burst of loss does not take them all. */
export const REPEAT_GAP_MS = 15;
/**
 * Behind the copies asked for, the end of a burst is repeated at these distances for as long as nothing follows it: only a
 * later datagram can repair its loss, and when the line falls silent there is none.
 */
const TAIL_GAPS_MS = [40, 80, 160] as const;

/**
 * Numbers and protects outgoing IFPs (ITU-T T.38 §9.1). No socket and no timer: {@link send} and {@link due} answer what
 * is to go out now.
 */
export class UdptlSender {
  readonly #errorCorrection: UdptlSenderOptions['errorCorrection'];
  readonly #depth: number;
  readonly #tail: readonly number[];
  #maxDatagramBytes: number;
  #sequence: number;
  /** Newest first. */
  #sent: Uint8Array[] = [];
  #newest: Buffer | undefined;
  #gapsMs: readonly number[] = [];
  #dueMs = Number.POSITIVE_INFINITY;
  #figures = { ifps: 0, datagrams: 0, bytes: 0, largestBytes: 0 };

  constructor(options: UdptlSenderOptions) {
    const generous = options.generous ?? true;
    this.#errorCorrection = options.errorCorrection;
    this.#depth = depthOf(options, generous);
    this.#tail = generous ? TAIL_GAPS_MS : [];
    this.#maxDatagramBytes = options.maxDatagramBytes;
    this.#sequence = (options.firstSequence ?? 0) & 0xffff;
  }

  get figures(): UdptlSenderFigures {
    return this.#figures;
  }

  /** When {@link due} has something next, on the clock of `nowMs`; infinite when nothing waits. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** A later answer of the peer: from now on no datagram is larger, unless its primary alone is. */
  limitDatagrams(bytes: number): void {
    this.#maxDatagramBytes = bytes;
  }

  /**
   * Takes an IFP; answers the datagrams that go out now. `copies` is how often it must be sent in all (the `count` of
   * spandsp's packet handler): 0 never, 1 for data, 3 for indicators and ends of data. Copies follow by {@link due}.
   */
  send(ifp: Uint8Array, copies: number, nowMs: number): Buffer[] {
    if (copies < 1) return [];
    const owed = this.#flush();
    const kept = Uint8Array.from(ifp);
    const packet: UdptlPacket = { sequence: this.#sequence, primary: kept, recovery: NO_RECOVERY };
    const datagram = encodeUdptl({ ...packet, recovery: this.#recovery(packet) });
    this.#newest = datagram;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#sent = [kept, ...this.#sent.slice(0, DEEPEST * FEC_SPAN - 1)];
    this.#figures.ifps++;
    if (copies > 1) this.#arm(copies, nowMs);
    else this.#cutTail();
    return [...owed, this.#count(datagram)];
  }

  /** What falls due by `nowMs`: at most one repeat, so that a late timer does not bunch them again. */
  due(nowMs: number): Buffer[] {
    if (nowMs < this.#dueMs || this.#newest === undefined) return [];
    this.#gapsMs = this.#gapsMs.slice(1);
    this.#dueMs = this.#gapsMs.length === 0 ? Number.POSITIVE_INFINITY : nowMs + (this.#gapsMs[0] ?? 0);
    return [this.#count(this.#newest)];
  }

  #arm(copies: number, nowMs: number): void {
    this.#gapsMs = [...Array.from({ length: copies - 1 }, () => REPEAT_GAP_MS), ...this.#tail];
    this.#dueMs = nowMs + REPEAT_GAP_MS;
  }

  /** Copies still owed when the next IFP comes. */
  get #owed(): number {
    return Math.max(0, this.#gapsMs.length - this.#tail.length);
  }

  /** Something follows: what was said is repaired by that. Copies that were asked for stay due. */
  #cutTail(): void {
    this.#gapsMs = this.#gapsMs.slice(0, this.#owed);
    if (this.#gapsMs.length === 0) this.#disarm();
  }

  #disarm(): void {
    this.#gapsMs = [];
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /**
   * With redundancy, copies that are owed stay due, and the newest datagram stands for all before it. Without, a receiver
   * drops a number that comes late: they go out now, ahead of the new one.
   */
  #flush(): Buffer[] {
    const owed = this.#owed;
    if (this.#errorCorrection === 'redundancy' || this.#newest === undefined) return [];
    const newest = this.#newest;
    this.#disarm();
    return Array.from({ length: owed }, () => this.#count(newest));
  }

  #count(datagram: Buffer): Buffer {
    this.#figures.datagrams++;
    this.#figures.bytes += datagram.length;
    this.#figures.largestBytes = Math.max(this.#figures.largestBytes, datagram.length);
    return datagram;
  }

  /** As much as is wanted and fits. */
  #recovery(packet: UdptlPacket): UdptlRecovery {
    for (let depth = Math.min(this.#depth, this.#sent.length); depth > 0; depth--) {
      const recovery = this.#errorCorrection === 'fec' ? this.#parities(depth) : this.#redundancy(depth);
      if (udptlBytes({ ...packet, recovery }) <= this.#maxDatagramBytes) return recovery;
    }
    return this.#errorCorrection === 'fec' ? { kind: 'fec', span: 0, parities: [] } : NO_RECOVERY;
  }

  #redundancy(depth: number): UdptlRecovery {
    return { kind: 'redundancy', ifps: this.#sent.slice(0, depth) };
  }

  /** Parity j of n covers the IFPs that were sent n − j, 2n − j, 3n − j … ago. */
  #parities(count: number): UdptlRecovery {
    const span = Math.min(FEC_SPAN, Math.floor(this.#sent.length / count));
    const parities = Array.from({ length: count }, (_, j) =>
      parityOf(
        Array.from({ length: span }, (_one, i) => this.#sent[count - 1 - j + i * count] ?? new Uint8Array()),
      ),
    );
    return { kind: 'fec', span, parities };
  }
}

/** Only redundancy goes deeper than agreed: gateways differ in how much parity they can follow. */
function depthOf({ errorCorrection, redundancy }: UdptlSenderOptions, generous: boolean): number {
  const wanted = Math.max(0, Math.min(DEEPEST, Math.trunc(redundancy)));
  switch (errorCorrection) {
    case 'none':
      return 0;
    case 'fec':
      return Math.min(MOST_PARITIES, wanted);
    case 'redundancy':
      return generous && wanted > 0 ? DEEPEST : wanted;
  }
}

/** Exclusive-or, as long as the longest. */
export function parityOf(ifps: readonly Uint8Array[]): Uint8Array {
  const parity = new Uint8Array(Math.max(0, ...ifps.map((ifp) => ifp.length)));
  for (const ifp of ifps) for (const [at, byte] of ifp.entries()) parity[at] = (parity[at] ?? 0) ^ byte;
  return parity;
}
