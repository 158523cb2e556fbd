import { type Result, refuse } from '../base/errors.ts';
import type { DspError } from './errors.ts';
import { mustBeSamples, type NativeHandle } from './native-library.ts';
import { loadSpandsp, type Spandsp } from './spandsp.ts';

/**
 * What is accepted. Telephones in Japan keep the high group not weaker than the low one and within 5 dB of it
 * (端末設備等規則); a long line takes more of the high group, hence the wider limits. Digits count down to −35 dBm0; the
 * library's own −42 dBm0 would let faint echoes of talk dial.
 */
const TWIST_DB = 8;
const REVERSE_TWIST_DB = 6;
const THRESHOLD_DBM0 = -35;

/**
 * The echo of Japan's dial tone is taken out before: the library's own filter is for the 350 and 440 Hz of others. A notch
 * of about 130 Hz, 0.2 dB at 697 Hz.
 */
const NOTCH_COSINE = Math.cos((2 * Math.PI * 400) / 8_000);
const NOTCH_RADIUS = 0.95;

/** What the library says where it has heard a digit for one block of 102 samples. */
const MAYBE = 'x'.charCodeAt(0);

/** Most digits handed out by one call of {@link DtmfReceiver.push}; 10 ms hold one at most. */
const DIGITS_AT_ONCE = 32;

/**
 * Finds DTMF digits in 8 kHz audio. Holds native memory: `close` it. A closed receiver finds nothing and never reaches
 * into the library, because a stale handle there is a crash of the whole process and not an exception.
 */
export class DtmfReceiver {
  readonly #library: Spandsp;
  readonly #digits = new Uint8Array(DIGITS_AT_ONCE);
  readonly #notch = { in1: 0, in2: 0, out1: 0, out2: 0 };
  #filtered = new Int16Array(80);
  #handle: NativeHandle | null;

  private constructor(library: Spandsp, handle: NativeHandle) {
    this.#library = library;
    this.#handle = handle;
  }

  /** Errors: those of loading the library, and `dsp.libraryUnusable` when it has no memory left. */
  static open(): Result<DtmfReceiver, DspError> {
    const library = loadSpandsp();
    if (!library.ok) return library;
    const handle = library.value.dtmfRxInit(null, null, null);
    if (handle === null) {
      return refuse({
        code: 'dsp.libraryUnusable',
        fault: 'environment',
        say: 'The DTMF receiver could not be created: no memory left.',
      });
    }
    library.value.dtmfRxParms(handle, 0, TWIST_DB, REVERSE_TWIST_DB, THRESHOLD_DBM0);
    return { ok: true, value: new DtmfReceiver(library.value, handle) };
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** Takes the next samples of the line; answers the digits (0-9 * # A-D) that became certain in them, in order. */
  push(samples: Int16Array): string {
    mustBeSamples(samples);
    if (this.#handle === null) return '';
    this.#library.dtmfRx(this.#handle, this.#withoutDialTone(samples), samples.length);
    const count = this.#library.dtmfRxGet(this.#handle, this.#digits, DIGITS_AT_ONCE - 1);
    return count === 0 ? '' : String.fromCharCode(...this.#digits.subarray(0, count));
  }

  /** What sounded at the end of the last samples: the digit that goes on, `perhaps` where one may have begun 13 ms ago. */
  get sounding(): string | undefined {
    if (this.#handle === null) return undefined;
    const status = this.#library.dtmfRxStatus(this.#handle);
    if (status === 0) return undefined;
    return status === MAYBE ? 'perhaps' : String.fromCharCode(status);
  }

  #withoutDialTone(samples: Int16Array): Int16Array {
    if (this.#filtered.length < samples.length) this.#filtered = new Int16Array(samples.length);
    const state = this.#notch;
    for (let at = 0; at < samples.length; at++) {
      const sample = samples[at] ?? 0;
      const out =
        sample -
        2 * NOTCH_COSINE * state.in1 +
        state.in2 +
        2 * NOTCH_RADIUS * NOTCH_COSINE * state.out1 -
        NOTCH_RADIUS * NOTCH_RADIUS * state.out2;
      state.in2 = state.in1;
      state.in1 = sample;
      state.out2 = state.out1;
      state.out1 = out;
      this.#filtered[at] = Math.max(-32_768, Math.min(32_767, Math.round(out)));
    }
    return this.#filtered;
  }

  /** Frees the native memory. Twice is harmless. */
  close(): void {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) this.#library.dtmfRxFree(handle);
  }
}
