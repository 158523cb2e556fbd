import { BOARD_FRAME_MS } from '../../hal/board.ts';
import { dtmfFrequencies } from '../../lib/dsp/dtmf-generator.ts';
import { peakOf } from '../../lib/dsp/level.ts';

/** Each of the two sines, as a telephone sends it. */
const EACH_TONE_DBM0 = -9;
/** A receiver of tones needs 40 ms; a press of which one packet alone arrived is heard, too. */
const LEAST_MS = 80;
/** A press of which nothing has come for so long is over, whether its end got lost or not. */
const PATIENCE_MS = 100;
/** So long the tone may come back from the line, through its buffers. */
const ECHO_MS = 200;

/** Keys that a far end presses beside the sound (RFC 4733), made audible for the machine on a line. */
export class KeyTone {
  #tone: { readonly lowHz: number; readonly highHz: number } | undefined;
  #sample = 0;
  #playedMs = 0;
  #patienceMs = 0;
  #ended = false;
  #echoMs = 0;

  /** Whether a tone of ours may be heard on the line. */
  get echoes(): boolean {
    return this.#tone !== undefined || this.#echoMs > 0;
  }

  /** A packet of a press; `first` of it that has come, `last` of it. */
  event(digit: string, first: boolean, last: boolean): void {
    if (first) {
      this.#tone = dtmfFrequencies(digit);
      this.#sample = 0;
      this.#playedMs = 0;
      this.#ended = false;
    }
    this.#patienceMs = PATIENCE_MS;
    if (last) this.#ended = true;
  }

  /** Puts the tone in the place of 10 ms of sound, while there is one. */
  fill(out: Int16Array): void {
    const tone = this.#tone;
    if (tone === undefined) {
      this.#echoMs = Math.max(0, this.#echoMs - BOARD_FRAME_MS);
      return;
    }
    const peak = peakOf(EACH_TONE_DBM0);
    for (let index = 0; index < out.length; index++) {
      const turn = (2 * Math.PI * this.#sample++) / 8_000;
      out[index] = Math.round(peak * (Math.sin(turn * tone.lowHz) + Math.sin(turn * tone.highHz)));
    }
    this.#playedMs += BOARD_FRAME_MS;
    this.#patienceMs -= BOARD_FRAME_MS;
    const over = this.#ended || this.#patienceMs <= 0;
    if (!over || this.#playedMs < LEAST_MS) return;
    this.#tone = undefined;
    this.#echoMs = ECHO_MS;
  }
}
