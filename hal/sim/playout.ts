import { BOARD_FRAME_SAMPLES } from '../board.ts';

/** Frames that lie ready before the first is played: 30 ms against jitter of the box. */
export const PLAYOUT_START_FRAMES = 3;
/** Most frames that wait; then the oldest is dropped, so that delay stays bounded. */
const PLAYOUT_LIMIT_FRAMES = 8;
/** How long more than the start depth must lie unused until it is given back: 2 s. */
const PLAYOUT_SHRINK_AFTER_FRAMES = 200;

/** What the box sent for one port, until the ear hears it. */
export class Playout {
  #waiting: Uint8Array[] = [];
  #filling = true;
  #underruns = 0;
  #dropped = 0;
  #leastDepth = Number.POSITIVE_INFINITY;
  #takenSinceShrink = 0;

  /** Frames of silence that were played because nothing had come. */
  get underruns(): number {
    return this.#underruns;
  }

  /** It was playing, and has nothing more to play. */
  get starved(): boolean {
    return !this.#filling && this.#waiting.length === 0;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(ulaw: Uint8Array): void {
    this.#waiting.push(ulaw);
    if (this.#waiting.length >= PLAYOUT_START_FRAMES) this.#filling = false;
    if (this.#waiting.length <= PLAYOUT_LIMIT_FRAMES) return;
    this.#waiting.shift();
    this.#dropped++;
  }

  /** The next 10 ms; undefined is silence. */
  take(): Uint8Array | undefined {
    if (this.#filling) return undefined;
    this.#shrink();
    const next = this.#waiting.shift();
    if (next === undefined) this.#underruns++;
    return next?.length === BOARD_FRAME_SAMPLES ? next : undefined;
  }

  clear(): void {
    this.#waiting = [];
    this.#filling = true;
    this.#startWatching();
  }

  /** A stall of the box leaves what it held back as delay: a frame that nobody needed for a while is dropped. */
  #shrink(): void {
    this.#leastDepth = Math.min(this.#leastDepth, this.#waiting.length);
    if (++this.#takenSinceShrink < PLAYOUT_SHRINK_AFTER_FRAMES) return;
    if (this.#leastDepth > PLAYOUT_START_FRAMES) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#startWatching();
  }

  #startWatching(): void {
    this.#leastDepth = Number.POSITIVE_INFINITY;
    this.#takenSinceShrink = 0;
  }
}
