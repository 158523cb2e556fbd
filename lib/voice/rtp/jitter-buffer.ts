import { ULAW_SILENCE, ulawDecode } from '../../dsp/g711.ts';
import { NoiseMaker } from './comfort-noise.ts';
import { Concealer, FRAME_SAMPLES } from './concealment.ts';
import type { RtpPacket } from './packet.ts';
import { type DelayLimits, PlayoutDelay } from './playout-delay.ts';
import { timestampDistance } from './serial.ts';

/** What {@link JitterBuffer.pull} gave. */
export type Pulled = 'audio' | 'concealed' | 'silence';

/** Counters of one buffer, since it was made. */
export interface JitterFigures {
  readonly late: number;
  readonly duplicates: number;
  readonly malformed: number;
  /** Sound that was made up for packets that did not come. */
  readonly concealedMs: number;
  readonly inserted: number;
  readonly skipped: number;
  /** How often playing began anew: a new sender, a jump in its time, a pause. */
  readonly restarts: number;
  /** Mean time from a packet's arrival to its turn, lately. */
  readonly delayMs: number;
}

const SAMPLES_PER_MS = 8;
/** Samples that are kept: a second, a power of two. */
const RING_SAMPLES = 8_192;
/** A packet further ahead than this is a jump of the sender's clock. */
const FURTHEST_SAMPLES = 4_000;
/** Longest packet: 200 ms. */
const LONGEST_PAYLOAD_BYTES = 1_600;
/** So many late packets in a row are a jump of the sender's clock, or of the network's delay. */
const LATE_RUN = 5;
/** After so much nothing, the next packet starts anew. */
const PAUSE_SAMPLES = 1_600;
/** Made-up sound counts as concealment for this long; what follows is a pause of the sender. */
const CONCEALED_SAMPLES = 480;
/** Packets of a new source that make it the source, while the old one still speaks. */
const NEW_SOURCE_PACKETS = 3;
const OLD_SOURCE_SILENT_MS = 60;
/** A frame whose peak is below this (about −45 dBm0) is skipped unheard. */
const QUIET_PEAK = 130;

/** Voice on a LAN or a good access line: 40 ms, up to 120 ms when the network is worse than that. */
export const VOICE_DELAY: DelayLimits = {
  startSamples: 40 * SAMPLES_PER_MS,
  leastSamples: 40 * SAMPLES_PER_MS,
  mostSamples: 120 * SAMPLES_PER_MS,
};

/**
 * Puts the packets of one µ-law stream into order and plays them evenly. Samples are filed under their RTP time, so
 * that reordering, duplicates and packets of any length need no case of their own. Time is the caller's: each `pull` is
 * 10 ms of the clock of whoever listens, and the difference to the sender's clock ends in a rare slip of 10 ms.
 */
export class JitterBuffer {
  readonly #bytes = new Uint8Array(RING_SAMPLES);
  readonly #filled = new Uint8Array(RING_SAMPLES);
  readonly #delay: PlayoutDelay;
  readonly #ahead = new Int16Array(FRAME_SAMPLES);
  #concealer = new Concealer();
  readonly #noise = new NoiseMaker();
  /** The far end is silent and has told how its silence sounds. */
  #noisy = false;
  #playing = false;
  #heard = false;
  #playAt = 0;
  #ssrc = 0;
  #lastPacketMs = 0;
  #otherSsrc = 0;
  #otherPackets = 0;
  #lateRun = 0;
  #emptySamples = 0;
  #late = 0;
  #duplicates = 0;
  #malformed = 0;
  #concealedMs = 0;
  #inserted = 0;
  #skipped = 0;
  #restarts = 0;

  constructor(limits: DelayLimits = VOICE_DELAY) {
    this.#delay = new PlayoutDelay(limits);
  }

  get figures(): JitterFigures {
    return {
      late: this.#late,
      duplicates: this.#duplicates,
      malformed: this.#malformed,
      concealedMs: this.#concealedMs,
      inserted: this.#inserted,
      skipped: this.#skipped,
      restarts: this.#restarts,
      delayMs: Math.max(0, this.#delay.meanSamples / SAMPLES_PER_MS),
    };
  }

  /** Files a packet that arrived at `nowMs` of a monotonic clock. */
  push(packet: RtpPacket, nowMs: number): void {
    const length = packet.payload.length;
    if (length === 0 || length > LONGEST_PAYLOAD_BYTES) {
      this.#malformed++;
      return;
    }
    if (!this.#acceptSource(packet, nowMs)) return;
    this.#noisy = false;
    this.#lastPacketMs = nowMs;
    if (!this.#playing) this.#start(packet);
    let margin = timestampDistance(this.#playAt, packet.timestamp);
    if (margin > FURTHEST_SAMPLES) {
      this.#start(packet);
      margin = this.#delay.startSamples;
    } else if (margin + length <= 0) {
      this.#lateRun++;
      if (this.#lateRun < LATE_RUN && this.#emptySamples < PAUSE_SAMPLES) {
        this.#late++;
        this.#delay.note(margin);
        return;
      }
      this.#start(packet);
      margin = this.#delay.startSamples;
    }
    this.#lateRun = 0;
    if (this.#file(packet)) this.#delay.note(margin);
    else this.#duplicates++;
  }

  /** The far end sends nothing for now; what it would send sounds like this (RFC 3389). Ends with the next packet. */
  comfort(levelDbov: number): void {
    this.#noise.level(levelDbov);
    this.#noisy = true;
  }

  /** Plays the next 10 ms into `out` ({@link FRAME_SAMPLES} long). */
  pull(out: Int16Array): Pulled {
    if (!this.#playing) {
      if (this.#noisy) this.#noise.fill(out);
      else out.fill(0);
      return this.#noisy ? 'audio' : 'silence';
    }
    const full = this.#read(this.#playAt, out) === FRAME_SAMPLES;
    if (full && this.#heard) {
      const slip = this.#delay.decide(peak(out) < QUIET_PEAK);
      if (slip === 'insert') {
        this.#inserted++;
        this.#concealer.lost(out);
        return 'concealed';
      }
      if (slip === 'skip' && this.#read(this.#playAt + FRAME_SAMPLES, this.#ahead) === FRAME_SAMPLES) {
        this.#skipped++;
        crossFade(out, this.#ahead);
        this.#advance();
      }
    }
    const pulled = full ? this.#play(out) : this.#missing(out);
    this.#advance();
    return pulled;
  }

  /** Forgets the stream, not the counters: whoever listens has just begun to. */
  reset(): void {
    this.#playing = false;
    this.#heard = false;
    this.#noisy = false;
    this.#filled.fill(0);
    this.#delay.reset();
    this.#concealer = new Concealer();
  }

  #play(out: Int16Array): Pulled {
    this.#heard = true;
    this.#emptySamples = 0;
    this.#concealer.good(out);
    return 'audio';
  }

  #missing(out: Int16Array): Pulled {
    this.#emptySamples += FRAME_SAMPLES;
    if (this.#noisy) {
      this.#noise.fill(this.#ahead);
      this.#fillHoles(out);
      this.#concealer.good(out);
      return 'audio';
    }
    if (!this.#heard) {
      // Nothing was played yet: parts of a frame (a stream that starts in the middle of one) play as they are.
      return 'silence';
    }
    this.#concealer.lost(this.#ahead);
    this.#fillHoles(out);
    if (this.#emptySamples > CONCEALED_SAMPLES) return 'silence';
    this.#concealedMs += FRAME_SAMPLES / SAMPLES_PER_MS;
    return 'concealed';
  }

  #fillHoles(out: Int16Array): void {
    for (let index = 0; index < FRAME_SAMPLES; index++) {
      if (!this.#filled[(this.#playAt + index) & (RING_SAMPLES - 1)]) out[index] = this.#ahead[index] ?? 0;
    }
  }

  #start(packet: RtpPacket): void {
    if (this.#playing) this.#restarts++;
    this.#playing = true;
    this.#filled.fill(0);
    this.#delay.reset();
    this.#playAt = (packet.timestamp - this.#delay.startSamples) >>> 0;
    this.#lateRun = 0;
  }

  #acceptSource(packet: RtpPacket, nowMs: number): boolean {
    if (!this.#playing || packet.ssrc === this.#ssrc) {
      this.#ssrc = packet.ssrc;
      this.#otherPackets = 0;
      return true;
    }
    this.#otherPackets = packet.ssrc === this.#otherSsrc ? this.#otherPackets + 1 : 1;
    this.#otherSsrc = packet.ssrc;
    const oldIsSilent = nowMs - this.#lastPacketMs >= OLD_SOURCE_SILENT_MS;
    if (!oldIsSilent && this.#otherPackets < NEW_SOURCE_PACKETS) return false;
    this.#ssrc = packet.ssrc;
    this.#otherPackets = 0;
    this.#start(packet);
    return true;
  }

  /** False when all of it was there already. */
  #file(packet: RtpPacket): boolean {
    let fresh = false;
    const from = Math.max(0, -timestampDistance(this.#playAt, packet.timestamp));
    for (let index = from; index < packet.payload.length; index++) {
      const at = (packet.timestamp + index) & (RING_SAMPLES - 1);
      if (this.#filled[at]) continue;
      fresh = true;
      this.#filled[at] = 1;
      this.#bytes[at] = packet.payload[index] ?? ULAW_SILENCE;
    }
    return fresh;
  }

  /** Decodes what there is from `from` on, zero where there is nothing. Answers how much there was. */
  #read(from: number, out: Int16Array): number {
    let count = 0;
    for (let index = 0; index < FRAME_SAMPLES; index++) {
      const at = (from + index) & (RING_SAMPLES - 1);
      if (this.#filled[at]) {
        count++;
        out[index] = ulawDecode(this.#bytes[at] ?? ULAW_SILENCE);
      } else out[index] = 0;
    }
    return count;
  }

  #advance(): void {
    for (let index = 0; index < FRAME_SAMPLES; index++) {
      this.#filled[(this.#playAt + index) & (RING_SAMPLES - 1)] = 0;
    }
    this.#playAt = (this.#playAt + FRAME_SAMPLES) >>> 0;
  }
}

function peak(frame: Int16Array): number {
  let most = 0;
  for (const sample of frame) most = Math.max(most, Math.abs(sample));
  return most;
}

/** Blends `into` from itself to `next` over its whole length. */
function crossFade(into: Int16Array, next: Int16Array): void {
  for (let index = 0; index < into.length; index++) {
    const share = (index + 1) / (into.length + 1);
    into[index] = Math.round((into[index] ?? 0) * (1 - share) + (next[index] ?? 0) * share);
  }
}
