import { BOARD_FRAME_SAMPLES } from '../board.ts';

/** Frames that lie ready before the first is played: 30 ms against jitter of the box. */
export const PLAYOUT_START_FRAMES = 3;
/** Most frames that wait beyond those that are to lie ready; then the oldest is dropped, so that delay stays bounded. */
const PLAYOUT_ROOM_FRAMES = 5;
/** The same for modems, to whom a dropped frame is worse than any delay. */
const MODEM_ROOM_FRAMES = 100;
/** How long more than the start depth must lie unused until it is given back: 2 s. */
const PLAYOUT_SHRINK_AFTER_FRAMES = 200;

/** What the box sent for one port, until the ear hears it. */
export class Playout {
  #waiting: Uint8Array[] = [];
  /** Frames that lie ready before the first is played. */
  #lead = PLAYOUT_START_FRAMES;
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

  /**
   * Frames that are to lie ready from now on, for whom a gap is worse than delay: a fax. More of them are got by silence, once;
   * with fewer the oldest go. As many frames come as are played, so that after that no stall of the box adds or takes one
   * as long as it is shorter than the lead.
   */
  setLead(frames: number): void {
    const lead = Math.max(PLAYOUT_START_FRAMES, frames);
    if (lead === this.#lead) return;
    this.#lead = lead;
    if (this.#waiting.length < lead) this.#filling = true;
    else this.#waiting.splice(0, this.#waiting.length - lead);
    this.#startWatching();
  }

  push(ulaw: Uint8Array): void {
    this.#waiting.push(ulaw);
    if (this.#waiting.length >= this.#lead) this.#filling = false;
    const room = this.#forModem ? MODEM_ROOM_FRAMES : PLAYOUT_ROOM_FRAMES;
    if (this.#waiting.length <= this.#lead + room) return;
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
    if (this.#forModem) return;
    this.#leastDepth = Math.min(this.#leastDepth, this.#waiting.length);
    if (++this.#takenSinceShrink < PLAYOUT_SHRINK_AFTER_FRAMES) return;
    if (this.#leastDepth > PLAYOUT_START_FRAMES) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#startWatching();
  }

  get #forModem(): boolean {
    return this.#lead > PLAYOUT_START_FRAMES;
  }

  #startWatching(): void {
    this.#leastDepth = Number.POSITIVE_INFINITY;
    this.#takenSinceShrink = 0;
  }
}
