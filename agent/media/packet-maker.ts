import { BOARD_FRAME_MS, BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import { encodeComfortNoise, SilenceDetector } from '../../lib/voice/rtp/comfort-noise.ts';

/** What becomes of a packet's worth of sound. */
export type MadePacket =
  | { readonly send: 'sound'; readonly payload: Uint8Array; readonly fromMs: number }
  | { readonly send: 'noise'; readonly payload: Uint8Array; readonly samples: number }
  | { readonly send: 'nothing'; readonly samples: number };

const MOST_FRAMES = 6;

/** Gathers frames of 10 ms into packets of the length that the far end wants, and leaves silence out where it may. */
export class PacketMaker {
  readonly #bytes = new Uint8Array(MOST_FRAMES * BOARD_FRAME_SAMPLES);
  #frames = 2;
  #filled = 0;
  #fromMs = 0;
  #silence: SilenceDetector | undefined;

  /** `ptimeMs` is 10 to 60; `comfortNoise`: silence is told of, not sent. */
  use(ptimeMs: number, comfortNoise: boolean): void {
    const frames = Math.min(MOST_FRAMES, Math.max(1, Math.floor(ptimeMs / BOARD_FRAME_MS)));
    if (frames !== this.#frames) this.clear();
    this.#frames = frames;
    if (!comfortNoise) this.#silence = undefined;
    else this.#silence ??= new SilenceDetector();
  }

  /** Forgets what is not sent yet. */
  clear(): void {
    this.#filled = 0;
  }

  /** Takes 10 ms of µ-law; the payload is valid until the next call. */
  push(ulaw: Uint8Array, nowMs: number): MadePacket | undefined {
    if (this.#filled === 0) this.#fromMs = nowMs;
    this.#bytes.set(ulaw, this.#filled);
    this.#filled += BOARD_FRAME_SAMPLES;
    if (this.#filled < this.#frames * BOARD_FRAME_SAMPLES) return undefined;
    const samples = this.#filled;
    const payload = this.#bytes.subarray(0, samples);
    this.#filled = 0;
    const verdict = this.#silence?.decide(payload);
    if (verdict === undefined || verdict.send === 'sound') {
      return { send: 'sound', payload, fromMs: this.#fromMs };
    }
    if (verdict.send === 'nothing') return { send: 'nothing', samples };
    return { send: 'noise', payload: encodeComfortNoise(verdict.levelDbov), samples };
  }
}
