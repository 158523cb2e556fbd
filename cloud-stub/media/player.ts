import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import { ULAW_SILENCE } from '../../lib/dsp/g711.ts';

/** µ-law audio, 8000 bytes a second. `take` fills a frame from where it stands; false when nothing is left. */
export interface AudioSource {
  take(frame: Uint8Array): boolean;
}

export const FRAME_MS = 20;
const FRAME_BYTES = 160;
const HEADER_BYTES = 12;
const PCMU = 0;
/** A sender that is later than this leaves the missed frames out instead of sending a burst. */
const LATEST_MS = 100;

/**
 * Sends a source as RTP (RFC 3550 §5.1) in real time: PCMU, 20 ms a packet, each against its own deadline, so that
 * lateness never adds up. Header, marker on the first packet, sequence 1, timestamp 160, SSRC 0x01020304:
 * `80 80 00 01 00 00 00 a0 01 02 03 04`.
 */
export class PacedSender {
  readonly #clock: Clock;
  readonly #source: AudioSource;
  readonly #send: (datagram: Buffer) => void;
  readonly #done: () => void;
  readonly #ssrc: number;
  #sequence: number;
  #timestamp: number;
  #first = true;
  #timer: Timer | undefined;
  #over = false;

  constructor(
    needs: { readonly clock: Clock; readonly random: Random },
    source: AudioSource,
    send: (datagram: Buffer) => void,
    done: () => void,
  ) {
    this.#clock = needs.clock;
    this.#source = source;
    this.#send = send;
    this.#done = done;
    this.#ssrc = needs.random.bytes(4).readUInt32BE(0);
    this.#sequence = needs.random.bytes(2).readUInt16BE(0);
    this.#timestamp = needs.random.bytes(4).readUInt32BE(0);
  }

  /** Sends the first frame now. `done` is called once, when the source has ended, and not after `stop`. */
  start(): void {
    this.#frame(this.#clock.monotonicMs());
  }

  stop(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  #frame(dueMs: number): void {
    if (this.#over) return;
    const payload = new Uint8Array(FRAME_BYTES).fill(ULAW_SILENCE);
    if (!this.#source.take(payload)) {
      this.#over = true;
      this.#done();
      return;
    }
    this.#send(this.#packet(payload));
    let nextMs = dueMs + FRAME_MS;
    const late = this.#clock.monotonicMs() - nextMs;
    if (late > LATEST_MS) {
      const missed = Math.floor(late / FRAME_MS);
      this.#timestamp = (this.#timestamp + missed * FRAME_BYTES) >>> 0;
      nextMs += missed * FRAME_MS;
    }
    const waitMs = Math.max(0, nextMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.after(waitMs, 'prompt frame', () => this.#frame(nextMs));
  }

  #packet(payload: Uint8Array): Buffer {
    const out = Buffer.alloc(HEADER_BYTES + payload.length);
    out.writeUInt8(0x80, 0);
    out.writeUInt8(PCMU | (this.#first ? 0x80 : 0), 1);
    out.writeUInt16BE(this.#sequence, 2);
    out.writeUInt32BE(this.#timestamp, 4);
    out.writeUInt32BE(this.#ssrc, 8);
    out.set(payload, HEADER_BYTES);
    this.#first = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + payload.length) >>> 0;
    return out;
  }
}
