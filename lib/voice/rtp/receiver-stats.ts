import type { RtpPacket } from './packet.ts';
import { sequenceDistance } from './serial.ts';

/** What is known of a received stream. */
export interface ReceiverFigures {
  readonly received: number;
  /** Expected less received, never below 0 (duplicates would make it negative). RFC 3550 §6.4.1. */
  readonly lost: number;
  readonly duplicates: number;
  /** Packets that came after one with a higher number. */
  readonly reordered: number;
  /** Interarrival jitter, RFC 3550 §6.4.1, in samples. */
  readonly jitterSamples: number;
  /** Highest sequence number, with its count of cycles in the upper 16 bits. */
  readonly extendedHighest: number;
  readonly ssrc: number;
  /** How often the stream began anew: another SSRC, or a jump of the numbers. */
  readonly restarts: number;
}

const SAMPLES_PER_MS = 8;
/** A jump of more than this is a restart of the sender and no loss (RFC 3550 A.1: MAX_DROPOUT). */
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;
/** How many of the latest numbers are remembered to tell a duplicate from a late packet. */
const REMEMBERED = 128;

/** Statistics of one received stream (RFC 3550 A.1, A.3, A.8). Loss before a restart of the stream stays counted. */
export class ReceiverStats {
  #started = false;
  #ssrc = 0;
  #base = 0;
  #highest = 0;
  #cycles = 0;
  #receivedNow = 0;
  #receivedBefore = 0;
  #lostBefore = 0;
  #duplicates = 0;
  #reordered = 0;
  #restarts = 0;
  #jitter = 0;
  #transit: number | undefined;
  #seen: (number | undefined)[] = [];
  #intervalExpected = 0;
  #intervalReceived = 0;

  /** Counts a packet that arrived at `nowMs` of a monotonic clock. True when it is not a duplicate. */
  note(packet: RtpPacket, nowMs: number): boolean {
    if (!this.#started || packet.ssrc !== this.#ssrc) this.#restart(packet);
    const distance = sequenceDistance(this.#highest, packet.sequence);
    if (distance > MAX_DROPOUT || distance < -MAX_MISORDER) this.#restart(packet);
    else if (distance > 0) {
      if (packet.sequence < this.#highest) this.#cycles++;
      this.#highest = packet.sequence;
    }
    if (this.#seen[packet.sequence % REMEMBERED] === packet.sequence) {
      this.#duplicates++;
      return false;
    }
    this.#seen[packet.sequence % REMEMBERED] = packet.sequence;
    if (distance < 0 && distance >= -MAX_MISORDER) this.#reordered++;
    this.#receivedNow++;
    this.#noteTransit(packet, nowMs);
    return true;
  }

  get figures(): ReceiverFigures {
    return {
      received: this.#receivedBefore + this.#receivedNow,
      lost: this.#lostBefore + this.#lostNow(),
      duplicates: this.#duplicates,
      reordered: this.#reordered,
      jitterSamples: this.#jitter,
      extendedHighest: this.#cycles * 0x1_0000 + this.#highest,
      ssrc: this.#ssrc,
      restarts: this.#restarts,
    };
  }

  /** Fraction lost since the last call, in 256ths, for a receiver report (RFC 3550 A.3). */
  takeFractionLost(): number {
    const expected = this.#expectedNow();
    const interval = expected - this.#intervalExpected;
    const lost = interval - (this.#receivedNow - this.#intervalReceived);
    this.#intervalExpected = expected;
    this.#intervalReceived = this.#receivedNow;
    return interval <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / interval));
  }

  #restart(packet: RtpPacket): void {
    if (this.#started) {
      this.#restarts++;
      this.#lostBefore += this.#lostNow();
      this.#receivedBefore += this.#receivedNow;
    }
    this.#started = true;
    this.#ssrc = packet.ssrc;
    this.#base = packet.sequence;
    this.#highest = packet.sequence;
    this.#cycles = 0;
    this.#receivedNow = 0;
    this.#intervalExpected = 0;
    this.#intervalReceived = 0;
    this.#transit = undefined;
    this.#seen = [];
  }

  #noteTransit(packet: RtpPacket, nowMs: number): void {
    const transit = (Math.round(nowMs * SAMPLES_PER_MS) - packet.timestamp) | 0;
    if (this.#transit !== undefined) {
      this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16;
    }
    this.#transit = transit;
  }

  #expectedNow(): number {
    return this.#started ? this.#cycles * 0x1_0000 + this.#highest - this.#base + 1 : 0;
  }

  #lostNow(): number {
    return Math.max(0, this.#expectedNow() - this.#receivedNow);
  }
}
