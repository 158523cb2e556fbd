import { DtmfReceiver } from '../../lib/dsp/dtmf-receiver.ts';
import { type Keyed, KeyWatch } from './key-watch.ts';

const NO_KEYS: Keyed = { keep: false };

/** Looks for key presses in the sound of a far end that sends no events. Native memory is taken only when it listens. */
export class InBandEar {
  /** Set when the far end has no telephone-event. */
  listens = false;
  readonly #onDigit: (digit: string) => void;
  readonly #watch = new KeyWatch();
  #receiver: DtmfReceiver | undefined;
  #closed = false;

  constructor(onDigit: (digit: string) => void) {
    this.#onDigit = onDigit;
  }

  /** The next 10 ms. */
  push(frame: Int16Array): Keyed {
    if (this.#closed) return NO_KEYS;
    if (this.#receiver === undefined) {
      const opened = DtmfReceiver.open();
      if (!opened.ok) {
        this.listens = false;
        return NO_KEYS;
      }
      this.#receiver = opened.value;
    }
    for (const digit of this.#receiver.push(frame)) this.#onDigit(digit);
    return this.#watch.step(this.#receiver.sounding);
  }

  close(): void {
    this.#closed = true;
    this.#receiver?.close();
  }
}
