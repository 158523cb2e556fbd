import { BOARD_FRAME_MS } from '../../hal/board.ts';

/** What one party's sound says of its keys in these 10 ms. */
export interface Keyed {
  /** The sound is that of a key, or may be: it is kept from far ends that are told of keys beside the sound. */
  readonly keep: boolean;
  /** A key has come up, after so long. Comes before `down`. */
  readonly upAfterMs?: number;
  readonly down?: string;
}

const NOTHING: Keyed = { keep: false };

/** Makes of what a receiver of tones hears the moments at which keys go down and come up. Pure. */
export class KeyWatch {
  #down: string | undefined;
  #frames = 0;

  /** The next 10 ms: the digit that sounds, `perhaps` where one may have begun, undefined where none does. */
  step(sounding: string | undefined): Keyed {
    const digit = sounding === 'perhaps' ? this.#down : sounding;
    const heldMs = this.#frames * BOARD_FRAME_MS;
    if (digit === this.#down) {
      this.#frames++;
      return sounding === undefined ? NOTHING : { keep: true };
    }
    const up = this.#down === undefined ? {} : { upAfterMs: heldMs };
    this.#down = digit;
    this.#frames = 1;
    return { keep: sounding !== undefined, ...up, ...(digit === undefined ? {} : { down: digit }) };
  }
}
