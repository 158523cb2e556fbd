import { BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import { ULAW_SILENCE, ulawDecodeBlock } from '../../lib/dsp/g711.ts';
import type { RtpPacket } from '../../lib/voice/rtp/packet.ts';
import { decodeTelephoneEvent, TelephoneEventReceiver } from '../../lib/voice/rtp/telephone-event.ts';
import { InBandEar } from './in-band-ear.ts';
import { KeyTone } from './key-tone.ts';
import type { Keyed } from './key-watch.ts';

/** The keys of one far end: as events or in its sound, made audible for a line, and told to another far end. */
export class SessionKeys {
  readonly #events = new TelephoneEventReceiver();
  readonly #tone = new KeyTone();
  readonly #ear: InBandEar;
  readonly #linear = new Int16Array(BOARD_FRAME_SAMPLES);

  /** `onDigit`: a key was found in the sound. */
  constructor(onDigit: (digit: string) => void) {
    this.#ear = new InBandEar(onDigit);
  }

  /** The far end has no events: its keys are in its sound. */
  set inBand(is: boolean) {
    this.#ear.listens = is;
  }

  /** Whether a key of the far end is being played to the line, whose microphone may give it back. */
  get audible(): boolean {
    return this.#tone.echoes;
  }

  /** A packet of a press; answers the digit, once for each. `played`: a line listens. */
  event(packet: RtpPacket, played: boolean): string | undefined {
    const digit = this.#events.push(packet);
    const told = decodeTelephoneEvent(packet.payload);
    if (played && told !== undefined) this.#tone.event(told.digit, digit !== undefined, told.end);
    return digit;
  }

  /** 10 ms on their way to a line's ear. */
  heard(out: Int16Array): void {
    if (this.#ear.listens) this.#ear.push(out);
    this.#tone.fill(out);
  }

  /** Sound on its way to a far end that takes events: keys in it are told, and go on as silence. */
  passed(payload: Uint8Array, tell: (keyed: Keyed) => void): void {
    if (!this.#ear.listens) return;
    for (let at = 0; at + BOARD_FRAME_SAMPLES <= payload.length; at += BOARD_FRAME_SAMPLES) {
      const frame = payload.subarray(at, at + BOARD_FRAME_SAMPLES);
      const keyed = this.#ear.push(ulawDecodeBlock(frame, this.#linear));
      if (keyed.keep) frame.fill(ULAW_SILENCE);
      tell(keyed);
    }
  }

  /** Frees native memory. */
  close(): void {
    this.#ear.close();
  }
}
