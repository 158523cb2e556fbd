import type { CodedError } from '../base/errors.ts';
import { type Result, refuse } from '../base/errors.ts';
import type { DspError } from './errors.ts';
import { bindLibrary, mustBeSamples, type NativeHandle, noMemory } from './native-library.ts';

export interface LineEchoOptions {
  /** Samples of every call of `cancel`; the canceller works on whole frames. */
  readonly frameSamples: number;
  /** How late an echo may be. A hybrid of 600 Ω rings for 16 to 32 ms. */
  readonly tailMs: number;
}

/** What a caller got wrong. */
export type LineEchoError = CodedError & { readonly code: 'echo.badOption'; readonly fault: 'caller' };

interface EchoLibrary {
  init(frameSamples: number, tailSamples: number): NativeHandle | null;
  control(state: NativeHandle, request: number, value: Int32Array): number;
  cancel(state: NativeHandle, near: Int16Array, far: Int16Array, out: Int16Array): void;
  reset(state: NativeHandle): void;
  destroy(state: NativeHandle): void;
}

const SAMPLES_A_MS = 8;
const SET_SAMPLING_RATE = 24;
const FRAME_SAMPLES_MOST = 320;
const TAIL_MS_MOST = 128;

let loaded: Result<EchoLibrary, DspError> | undefined;

function loadEcho(): Result<EchoLibrary, DspError> {
  loaded ??= bindLibrary('libspeexdsp.so.1', 'libspeexdsp1', (library) => ({
    init: library.func('void *speex_echo_state_init(int frame, int tail)') as EchoLibrary['init'],
    control: library.func(
      'int speex_echo_ctl(void *s, int request, int32_t *value)',
    ) as EchoLibrary['control'],
    cancel: library.func(
      'void speex_echo_cancellation(void *s, const int16_t *near, const int16_t *far, int16_t *out)',
    ) as EchoLibrary['cancel'],
    reset: library.func('void speex_echo_state_reset(void *s)') as EchoLibrary['reset'],
    destroy: library.func('void speex_echo_state_destroy(void *s)') as EchoLibrary['destroy'],
  }));
  return loaded;
}

/**
 * Takes the echo of an analog line's hybrid out of what comes from it (libspeexdsp, a frequency domain filter). Linear
 * only: it never mutes or fills, so that double talk passes. Fax and modem signals need it off. Holds native memory:
 * `close` it; a closed one lets everything pass.
 */
export class LineEcho {
  readonly #library: EchoLibrary;
  readonly #frameSamples: number;
  #handle: NativeHandle | null;
  #enabled = true;

  private constructor(library: EchoLibrary, handle: NativeHandle, frameSamples: number) {
    this.#library = library;
    this.#handle = handle;
    this.#frameSamples = frameSamples;
  }

  /** Errors: `echo.badOption`, those of loading the library, `dsp.libraryUnusable` when there is no memory left. */
  static open(options: LineEchoOptions): Result<LineEcho, DspError | LineEchoError> {
    const { frameSamples, tailMs } = options;
    if (!isWholeWithin(frameSamples, FRAME_SAMPLES_MOST) || !isWholeWithin(tailMs, TAIL_MS_MOST)) {
      return refuse({
        code: 'echo.badOption',
        fault: 'caller',
        say: `Frames of ${frameSamples} samples and a tail of ${tailMs} ms: up to ${FRAME_SAMPLES_MOST} and ${TAIL_MS_MOST} can be.`,
      });
    }
    const library = loadEcho();
    if (!library.ok) return library;
    const handle = library.value.init(frameSamples, tailMs * SAMPLES_A_MS);
    if (handle === null) return noMemory('The echo canceller');
    library.value.control(handle, SET_SAMPLING_RATE, Int32Array.of(8_000));
    return { ok: true, value: new LineEcho(library.value, handle, frameSamples) };
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** True while it cancels; false lets everything pass unchanged, as fax and modem signals need it. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Switched on again it starts anew: what it had learned may belong to another line. */
  set enabled(on: boolean) {
    if (on && !this.#enabled && this.#handle !== null) this.#library.reset(this.#handle);
    this.#enabled = on;
  }

  /**
   * `near` came from the line, `far` was sent to it at the same time; `out` gets `near` without the echo of `far`. All
   * of one frame; anything else passes unchanged, because native code would read and write behind its end.
   */
  cancel(near: Int16Array, far: Int16Array, out: Int16Array): void {
    for (const samples of [near, far, out]) mustBeSamples(samples);
    const frame = this.#frameSamples;
    const whole = near.length === frame && far.length === frame && out.length === frame;
    if (this.#handle === null || !this.#enabled || !whole) {
      out.set(near.subarray(0, out.length));
      return;
    }
    this.#library.cancel(this.#handle, near, far, out);
  }

  /** Frees the native memory. Twice is harmless. */
  close(): void {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) this.#library.destroy(handle);
  }
}

function isWholeWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
