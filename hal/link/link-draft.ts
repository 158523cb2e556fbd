import type { LinkCounters } from '../board.ts';
import { encodeFrame, FLAG_RELIABLE, FLAG_RETRANSMIT, type Frame, PROTOCOL_MAJOR } from './frame.ts';
import { type LinkEffect, type LinkState, type LinkStep, type Unacked, WINDOW_FRAMES } from './link-state.ts';
import { counterDistance, nextSequence } from './serial-number.ts';

/** A frame without what the draft fills in: the version and the acknowledgement. */
type OutFrame = Omit<Frame, 'version' | 'ack'>;

/** One step of the link machine while it is being made; nothing of it is seen outside before {@link finish}. */
export class LinkDraft {
  state: LinkState;
  readonly nowMs: number;
  readonly effects: LinkEffect[] = [];

  constructor(state: LinkState, nowMs: number) {
    this.state = state;
    this.nowMs = nowMs;
  }

  set(change: Partial<LinkState>): void {
    this.state = { ...this.state, ...change };
  }

  count(counter: keyof LinkCounters, by = 1): void {
    const { counters } = this.state;
    this.set({ counters: { ...counters, [counter]: counters[counter] + by } });
  }

  /** Sends when the other end has room for it and for `reserveBytes` more; false when not. */
  send(frame: OutFrame, reserveBytes: number): boolean {
    const bytes = this.#encode(frame);
    const { sentBytes, peerReceivedBytes, peerFreeBytes } = this.state.credit;
    const underWay = Math.max(0, counterDistance(peerReceivedBytes, sentBytes));
    if (underWay + bytes.length + reserveBytes > peerFreeBytes) return false;
    this.#put(bytes);
    return true;
  }

  /** For the link's own small frames, for which every receiver keeps room. */
  sendAlways(frame: OutFrame): void {
    this.#put(this.#encode(frame));
  }

  /** Sends waiting control frames as far as the window and the credit reach. */
  sendWaiting(): void {
    while (this.state.unacked.length < WINDOW_FRAMES) {
      const [next, ...rest] = this.state.waiting;
      if (next === undefined) return;
      const seq = this.state.nextSeq;
      if (!this.send({ ...next, flags: FLAG_RELIABLE, seq }, 0)) return;
      const entry: Unacked = { ...next, seq, sentAtMs: this.nowMs, retries: 0, early: false };
      this.set({ nextSeq: nextSequence(seq), waiting: rest, unacked: [...this.state.unacked, entry] });
    }
  }

  resend(entry: Unacked): void {
    const { type, channel, seq, tick, payload } = entry;
    const flags = FLAG_RELIABLE | FLAG_RETRANSMIT;
    // Without credit the try still counts: a receiver that never frees room must end as a lost link.
    if (this.send({ type, channel, flags, seq, tick, payload }, 0)) this.count('controlRetransmits');
    const unacked = this.state.unacked.map((other) =>
      other.seq === seq ? { ...other, sentAtMs: this.nowMs, retries: other.retries + 1 } : other,
    );
    this.set({ unacked });
  }

  /** Our credit has just been told to the other end. */
  advertised(): void {
    const { credit } = this.state;
    this.set({ credit: { ...credit, advertisedBytes: credit.receivedBytes } });
  }

  lose(why: 'silent' | 'unacknowledged'): void {
    this.set({ lost: true });
    this.effects.push({ do: 'lost', why });
  }

  finish(): LinkStep {
    return { state: this.state, effects: this.effects };
  }

  #encode(frame: OutFrame): Buffer {
    return encodeFrame({ ...frame, version: PROTOCOL_MAJOR, ack: this.state.expectedSeq });
  }

  #put(bytes: Buffer): void {
    const { credit, counters } = this.state;
    this.set({
      ackOwed: false,
      credit: { ...credit, sentBytes: (credit.sentBytes + bytes.length) >>> 0 },
      counters: {
        ...counters,
        framesSent: counters.framesSent + 1,
        bytesSent: counters.bytesSent + bytes.length,
      },
    });
    this.effects.push({ do: 'send', bytes });
  }
}
