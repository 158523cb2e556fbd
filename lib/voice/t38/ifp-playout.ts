import type { ReceivedIfp } from './udptl-receiver.ts';

/** A gateway begins a signal so much later than it could: four packets of 30 ms, of which three in a row may be lost. */
export const IFP_PLAYOUT_MS = 120;

/** IFPs that wait at most. A fax has four or five in 120 ms. */
const WAITING_MOST = 256;

/**
 * Gives a gateway a lead. It begins to send a page to its fax machine with the first packet and must not run dry: where
 * error correction is off, a packet that comes late, or is restored only by the one behind it, damages a row. UDPTL has no
 * time stamps to even that out by (ITU-T T.38 §9.1). But each signal begins with an indicator (§7.3.1): when that is held
 * back, the data behind it, which is not, fills the gateway's own buffer. Order is kept.
 */
export class IfpPlayout {
  readonly #leadMs: number;
  #waiting: { readonly atMs: number; readonly ifp: ReceivedIfp }[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(leadMs: number = IFP_PLAYOUT_MS) {
    this.#leadMs = leadMs;
  }

  /** IFPs that one datagram made ready, in order. */
  push(ready: readonly ReceivedIfp[], nowMs: number): void {
    for (const ifp of ready) {
      this.#lastMs = Math.max(this.#lastMs, isIndicator(ifp.ifp) ? nowMs + this.#leadMs : nowMs);
      this.#waiting.push({ atMs: this.#lastMs, ifp });
    }
  }

  /** What is to be handed on by `nowMs`, in order. A flood does not wait. */
  due(nowMs: number): ReceivedIfp[] {
    let count = Math.max(0, this.#waiting.length - WAITING_MOST);
    while ((this.#waiting[count]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) count++;
    return count === 0 ? [] : this.#waiting.splice(0, count).map(({ ifp }) => ifp);
  }
}

/** The first two bits of an IFP: no data, and the first kind of two. */
function isIndicator(ifp: Uint8Array): boolean {
  return ((ifp[0] ?? 0) & 0xc0) === 0;
}
