import { BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import { ulawDecodeBlock } from '../../lib/dsp/g711.ts';
import { LineEcho } from '../../lib/dsp/line-echo.ts';
import { ModemTones } from '../../lib/dsp/modem-tones.ts';

/** The board's own buffer, 30 ms, and what a hybrid of 600 Ω rings. */
const TAIL_MS = 64;

/**
 * Takes a line's echo out of its microphone. A tone of a fax or modem, from either side, ends that until the phone is hung
 * up: their signals must pass unchanged (ITU-T V.25, V.8; ITU-T G.168 §7 asks the same of cancellers in networks).
 */
export class EchoGuard {
  readonly #echo: LineEcho;
  readonly #near: ModemTones;
  readonly #far: ModemTones;
  readonly #sent = new Int16Array(BOARD_FRAME_SAMPLES);
  readonly #said = new Int16Array(BOARD_FRAME_SAMPLES);

  private constructor(echo: LineEcho, near: ModemTones, far: ModemTones) {
    this.#echo = echo;
    this.#near = near;
    this.#far = far;
  }

  /** Undefined when a library is missing: the line then works with its echo. */
  static open(): EchoGuard | undefined {
    const echo = LineEcho.open({ frameSamples: BOARD_FRAME_SAMPLES, tailMs: TAIL_MS });
    const [near, far] = [ModemTones.open(), ModemTones.open()];
    if (echo.ok && near.ok && far.ok) return new EchoGuard(echo.value, near.value, far.value);
    for (const opened of [echo, near, far]) if (opened.ok) opened.value.close();
    return undefined;
  }

  /** True while it cancels. */
  get on(): boolean {
    return this.#echo.enabled;
  }

  /** 10 ms of the microphone, changed in place; true when they were changed. */
  cancel(said: Int16Array): boolean {
    if (!this.#echo.enabled) return false;
    if (this.#near.push(said).length > 0 || this.#far.push(this.#sent).length > 0) {
      this.#echo.enabled = false;
      return false;
    }
    this.#said.set(said);
    this.#echo.cancel(this.#said, this.#sent, said);
    return true;
  }

  /** The 10 ms that go to the ear. */
  sent(ulaw: Uint8Array): void {
    ulawDecodeBlock(ulaw, this.#sent);
  }

  /** Frees native memory. */
  close(): void {
    this.#echo.close();
    this.#near.close();
    this.#far.close();
  }
}
