import { ulawDecodeBlock } from '../../lib/dsp/g711.ts';

/** Frames that lie ready before the first is heard: 160 ms, as a modem wants it, never stretched and never shortened. */
const DEPTH_FRAMES = 8;
const FRAME_SAMPLES = 160;
/** More than this waits nobody for: the sender began anew. */
const MOST_FRAMES = 100;
/** So many packets in a row that came too late: the sender's clock stood still, and the delay begins anew. */
const LATE_LIMIT = 5;

/** Audio packets of a modem, played out one every 20 ms, 160 ms after the first came. */
export class FixedDelay {
  readonly #frames = new Map<number, Int16Array>();
  #ssrc: number | undefined;
  #first = 0;
  /** Next frame to be heard, counted from the first; negative while the delay fills. */
  #at = 0;
  #late = 0;
  missing = 0;

  /** A packet of 20 ms; another source, or one that jumped, begins anew. */
  take(timestamp: number, payload: Uint8Array, ssrc: number): void {
    if (payload.length !== FRAME_SAMPLES) return;
    const number = Math.round(((timestamp - this.#first) | 0) / FRAME_SAMPLES);
    const strange = this.#ssrc !== ssrc || Math.abs(number - this.#at) > MOST_FRAMES;
    this.#late = !strange && number < this.#at ? this.#late + 1 : 0;
    if (strange || this.#late > LATE_LIMIT) {
      this.#begin(timestamp, ssrc);
      this.#frames.set(0, ulawDecodeBlock(payload));
    } else if (number >= this.#at) this.#frames.set(number, ulawDecodeBlock(payload));
  }

  /** The next 20 ms; undefined when they have not come. */
  next(): Int16Array | undefined {
    if (this.#ssrc === undefined) return undefined;
    const frame = this.#frames.get(this.#at);
    this.#frames.delete(this.#at);
    if (frame === undefined && this.#at >= 0) this.missing++;
    this.#at++;
    return frame;
  }

  #begin(timestamp: number, ssrc: number): void {
    this.#frames.clear();
    this.#ssrc = ssrc;
    this.#first = timestamp;
    this.#at = -DEPTH_FRAMES;
    this.#late = 0;
  }
}
