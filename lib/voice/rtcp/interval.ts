import type { Random } from '../../base/random.ts';

/** Least mean time between reports, and half of it before the first (RFC 3550 §6.2). */
const LEAST_MS = 5_000;
/** 5 % of a call of 64 kbit/s and its headers, in bytes a millisecond. */
const BANDWIDTH = 0.5;
/** e − 3/2: makes up for what reconsideration lets the mean fall short. */
const COMPENSATION = Math.E - 1.5;
/** IP and UDP count, too. */
const LOWER_LAYERS_BYTES = 28;
const FIRST_SIZE_BYTES = 100;

/** Who is in the session, as far as it matters here. */
export interface Membership {
  /** Everybody, we included. */
  readonly members: number;
  readonly senders: number;
  readonly weSend: boolean;
}

/**
 * When reports are sent (RFC 3550 §6.2, §6.3): at random around a mean that grows with the session, with timer
 * reconsideration, and earlier again when somebody leaves.
 */
export class ReportInterval {
  readonly #random: Random;
  #initial = true;
  #lastMs: number;
  #dueMs: number;
  #members = 1;
  #meanBytes = FIRST_SIZE_BYTES + LOWER_LAYERS_BYTES;

  constructor(random: Random, nowMs: number) {
    this.#random = random;
    this.#lastMs = nowMs;
    this.#dueMs = nowMs + this.#draw({ members: 1, senders: 0, weSend: false });
  }

  /** When {@link expired} is to be asked next. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** A compound packet of so many bytes came or went. */
  noteSize(bytes: number): void {
    this.#meanBytes += (bytes + LOWER_LAYERS_BYTES - this.#meanBytes) / 16;
  }

  /** Timer reconsideration (§6.3.6): true when a report is to go now; otherwise the time has moved. */
  expired(who: Membership, nowMs: number): boolean {
    if (nowMs < this.#dueMs) return false;
    const intervalMs = this.#draw(who);
    this.#members = who.members;
    if (this.#lastMs + intervalMs > nowMs) {
      this.#dueMs = this.#lastMs + intervalMs;
      return false;
    }
    this.#lastMs = nowMs;
    this.#initial = false;
    this.#dueMs = nowMs + this.#draw(who);
    return true;
  }

  /** Reverse reconsideration (§6.3.4): somebody left, so the others report sooner. */
  left(members: number, nowMs: number): void {
    if (members >= this.#members) return;
    const share = members / this.#members;
    this.#dueMs = nowMs + share * (this.#dueMs - nowMs);
    this.#lastMs = nowMs - share * (nowMs - this.#lastMs);
    this.#members = members;
  }

  /** The mean without chance: also what decides that somebody is gone (§6.3.5: five times this). */
  meanMs({ members, senders, weSend }: Membership): number {
    const few = senders > 0 && senders <= members / 4;
    const share = !few ? 1 : weSend ? 0.25 : 0.75;
    const among = !few ? members : weSend ? senders : members - senders;
    const least = this.#initial ? LEAST_MS / 2 : LEAST_MS;
    return Math.max(least, (among * this.#meanBytes) / (BANDWIDTH * share));
  }

  #draw(who: Membership): number {
    return (this.meanMs(who) * (0.5 + this.#random.fraction())) / COMPENSATION;
  }
}
