import { ulawDecode } from '../../lib/dsp/g711.ts';
import { SignalConcealment } from '../../lib/dsp/signal-concealment.ts';
import type { RtpPacket } from '../../lib/voice/rtp/packet.ts';

/** Sound is heard so much after it was sent: more than a network that carries modems may vary. */
export const FAX_DELAY_SAMPLES = 160 * 8;
/** Kept samples, a power of two: a second. */
const RING_SAMPLES = 8_192;
const FRAME_SAMPLES = 80;
/** So much nothing in a row, and the next packet begins anew. */
const PAUSE_SAMPLES = 4_000;
const LONGEST_PAYLOAD_BYTES = 1_600;

/** Counters of one buffer. */
export interface FaxBufferFigures {
  readonly late: number;
  readonly concealedMs: number;
  /** How often playing began anew. */
  readonly restarts: number;
  /** Frames of silence that were put in (above 0) or left out, because the clocks drift. */
  readonly slips: number;
}

/** Below this (about −50 dBm0) no modem speaks. */
const QUIET_PEAK = 75;
/** The clocks have drifted apart by so much: a frame is taken away, or put in, in the next silence. */
const DRIFT_SAMPLES = 120;
/** The margin is averaged over about so many packets: drift is slow, jitter is not. */
const DRIFT_PACKETS = 64;
/** Frames of silence that a slip waits for, so that it never falls on the edge of a signal. */
const QUIET_FRAMES = 4;

/**
 * A playout buffer for modems (ITU-T V.152 §8): a fixed delay, no stretching while anybody speaks, and gaps filled with more
 * of the signal, because an equaliser that has lost its carrier does not come back. Two clocks drift apart by 2 ms a minute
 * or less, and the machines take turns: in the silence between them one frame of 10 ms is left out, or played twice, when
 * the delay has moved by 15 ms.
 */
export class FaxBuffer {
  readonly #samples = new Int16Array(RING_SAMPLES);
  readonly #there = new Uint8Array(RING_SAMPLES);
  readonly #fill: SignalConcealment | undefined;
  readonly #delay: number;
  #playing = false;
  #ssrc = 0;
  /** RTP time of the next sample. */
  #playAt = 0;
  #empty = 0;
  #late = 0;
  #concealedMs = 0;
  #restarts = 0;
  #slips = 0;
  /** Mean margin of the packets, less the delay, in samples: where the clocks have drifted to. */
  #drift = 0;
  #quiet = 0;

  /** Another delay than 160 ms, below 500, is for a far end that a test plays. */
  constructor(delaySamples: number = FAX_DELAY_SAMPLES) {
    this.#delay = delaySamples;
    const opened = SignalConcealment.open();
    this.#fill = opened.ok ? opened.value : undefined;
  }

  get figures(): FaxBufferFigures {
    return { late: this.#late, concealedMs: this.#concealedMs, restarts: this.#restarts, slips: this.#slips };
  }

  push(packet: RtpPacket): void {
    const { payload, timestamp } = packet;
    if (payload.length === 0 || payload.length > LONGEST_PAYLOAD_BYTES) return;
    if (!this.#playing || packet.ssrc !== this.#ssrc) this.#begin(packet);
    let ahead = (timestamp - this.#playAt) | 0;
    if (ahead + payload.length <= 0) {
      this.#late++;
      return;
    }
    if (ahead + payload.length > RING_SAMPLES) {
      // The sender's clock has jumped.
      this.#begin(packet);
      ahead = this.#delay;
    }
    this.#drift += (ahead - this.#delay - this.#drift) / DRIFT_PACKETS;
    for (const [index, byte] of payload.entries()) {
      if (ahead + index < 0) continue;
      const at = (timestamp + index) & (RING_SAMPLES - 1);
      this.#samples[at] = ulawDecode(byte);
      this.#there[at] = 1;
    }
  }

  /** The next 10 ms. */
  pull(out: Int16Array): void {
    if (!this.#playing) {
      out.fill(0);
      return;
    }
    if (this.#slip(out)) return;
    let found = 0;
    for (let index = 0; index < FRAME_SAMPLES; index++) {
      const at = (this.#playAt + index) & (RING_SAMPLES - 1);
      found += this.#there[at] ?? 0;
      out[index] = this.#samples[at] ?? 0;
      this.#there[at] = 0;
    }
    this.#playAt = (this.#playAt + FRAME_SAMPLES) | 0;
    if (found === FRAME_SAMPLES) {
      this.#empty = 0;
      this.#quiet = isQuiet(out) ? this.#quiet + 1 : 0;
      this.#fill?.received(out);
      return;
    }
    this.#concealedMs += 10;
    this.#empty += FRAME_SAMPLES;
    if (this.#fill === undefined) out.fill(0);
    else this.#fill.fill(out);
    if (this.#empty >= PAUSE_SAMPLES) this.#playing = false;
  }

  /** Frees native memory. */
  close(): void {
    this.#fill?.close();
  }

  /** True when a frame of silence is played in place of the next one, which keeps its turn. */
  #slip(out: Int16Array): boolean {
    if (this.#quiet < QUIET_FRAMES || Math.abs(this.#drift) < DRIFT_SAMPLES) return false;
    this.#quiet = 0;
    if (this.#drift < 0) {
      this.#slips++;
      this.#drift += FRAME_SAMPLES;
      out.fill(0);
      return true;
    }
    for (let index = 0; index < FRAME_SAMPLES; index++) {
      this.#there[(this.#playAt + index) & (RING_SAMPLES - 1)] = 0;
    }
    this.#playAt = (this.#playAt + FRAME_SAMPLES) | 0;
    this.#slips--;
    this.#drift -= FRAME_SAMPLES;
    return false;
  }

  #begin(packet: RtpPacket): void {
    if (this.#playing) this.#restarts++;
    this.#there.fill(0);
    this.#playing = true;
    this.#empty = 0;
    this.#drift = 0;
    this.#quiet = 0;
    this.#ssrc = packet.ssrc;
    this.#playAt = (packet.timestamp - this.#delay) | 0;
  }
}

function isQuiet(frame: Int16Array): boolean {
  for (const sample of frame) if (sample > QUIET_PEAK || sample < -QUIET_PEAK) return false;
  return true;
}
