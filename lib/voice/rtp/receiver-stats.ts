import { type BurstFigures, BurstMeter } from '../quality/burst.ts';
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
  /** Packets of another source, or far from the row, that nothing followed. */
  readonly strays: number;
  /** Interarrival jitter, RFC 3550 §6.4.1, in samples. */
  readonly jitterSamples: number;
  /** The most that it was, in samples. */
  readonly jitterMostSamples: number;
  /** Highest sequence number, with its count of cycles in the upper 16 bits. */
  readonly extendedHighest: number;
  readonly ssrc: number;
  /** How often the stream began anew: another SSRC, or a jump of the numbers. */
  readonly restarts: number;
  readonly bursts: BurstFigures;
}

const SAMPLES_PER_MS = 8;
/** A jump of more than this is a restart of the sender and no loss (RFC 3550 A.1: MAX_DROPOUT). */
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;
/** How many of the latest numbers are remembered to tell a duplicate from a late packet. */
const REMEMBERED = 128;
const NEVER = -1;
/** Jitter is an average over about 16 packets; before, it says nothing of the most. */
const SETTLED_PACKETS = 16;

/**
 * Statistics of one received stream (RFC 3550 A.1, A.3, A.8). Another source, or a jump, is believed at the second packet in
 * order (A.1: MIN_SEQUENTIAL); loss before a restart of the stream stays counted.
 */
export class ReceiverStats {
  readonly #bursts = new BurstMeter();
  readonly #seen = new Int32Array(REMEMBERED).fill(NEVER);
  #started = false;
  #ssrc = 0;
  #base = 0;
  #highest = 0;
  #cycles = 0;
  #receivedNow = 0;
  #receivedBefore = 0;
  #lostBefore = 0;
  #duplicates = 0;
  #duplicatesNow = 0;
  #reordered = 0;
  #strays = 0;
  #restarts = 0;
  #jitter = 0;
  #jitterMost = 0;
  #transit: number | undefined;
  #candidateSsrc = 0;
  #candidateNext = NEVER;
  #intervalExpected = 0;
  #intervalReceived = 0;

  /** Counts a packet that arrived at `nowMs` of a monotonic clock. True when it is of the stream and no duplicate. */
  note(packet: RtpPacket, nowMs: number): boolean {
    if (!this.#started) this.#restart(packet);
    const distance = sequenceDistance(this.#highest, packet.sequence);
    const elsewhere = packet.ssrc !== this.#ssrc || distance > MAX_DROPOUT || distance < -MAX_MISORDER;
    if (elsewhere) {
      if (!this.#believed(packet)) return false;
    } else if (distance > 0) {
      if (packet.sequence < this.#highest) this.#cycles++;
      this.#highest = packet.sequence;
      for (let missing = 1; missing < distance; missing++) this.#bursts.note(false);
    }
    const place = packet.sequence % REMEMBERED;
    if (this.#seen[place] === packet.sequence) {
      this.#duplicates++;
      this.#duplicatesNow++;
      return false;
    }
    this.#seen[place] = packet.sequence;
    if (!elsewhere && distance < 0) this.#reordered++;
    else this.#bursts.note(true);
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
      strays: this.#strays,
      jitterSamples: this.#jitter,
      jitterMostSamples: this.#jitterMost,
      extendedHighest: this.#cycles * 0x1_0000 + this.#highest,
      ssrc: this.#ssrc,
      restarts: this.#restarts,
      bursts: this.#bursts.figures,
    };
  }

  /** What a receiver report says of the stream as it is now; ends the interval of the fraction lost. */
  takeReport():
    | {
        readonly ssrc: number;
        readonly fractionLost: number;
        readonly lost: number;
        readonly extendedHighest: number;
        readonly jitter: number;
      }
    | undefined {
    if (!this.#started) return undefined;
    return {
      ssrc: this.#ssrc,
      fractionLost: this.takeFractionLost(),
      lost: this.#expectedNow() - this.#receivedNow - this.#duplicatesNow,
      extendedHighest: (this.#cycles * 0x1_0000 + this.#highest) >>> 0,
      jitter: Math.round(this.#jitter),
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

  /** The second packet in order of another row makes it the row; the first is then counted, too. */
  #believed(packet: RtpPacket): boolean {
    const second = packet.ssrc === this.#candidateSsrc && packet.sequence === this.#candidateNext;
    if (!second) {
      this.#candidateSsrc = packet.ssrc;
      this.#candidateNext = (packet.sequence + 1) & 0xffff;
      this.#strays++;
      return false;
    }
    this.#restart({ ...packet, sequence: (packet.sequence - 1) & 0xffff });
    if (packet.sequence < this.#highest) this.#cycles++;
    this.#highest = packet.sequence;
    this.#strays--;
    this.#receivedNow++;
    this.#bursts.note(true);
    return true;
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
    this.#duplicatesNow = 0;
    this.#intervalExpected = 0;
    this.#intervalReceived = 0;
    this.#transit = undefined;
    this.#candidateNext = NEVER;
    this.#seen.fill(NEVER);
  }

  #noteTransit(packet: RtpPacket, nowMs: number): void {
    const transit = (Math.round(nowMs * SAMPLES_PER_MS) - packet.timestamp) | 0;
    if (this.#transit !== undefined) {
      this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16;
      if (this.#receivedNow > SETTLED_PACKETS) this.#jitterMost = Math.max(this.#jitterMost, this.#jitter);
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
