import type { Result } from '../base/errors.ts';
import type { DspError } from './errors.ts';
import { bindLibrary, mustBeSamples, type NativeHandle, noMemory } from './native-library.ts';

interface PlcLibrary {
  init(state: null): NativeHandle | null;
  rx(state: NativeHandle, samples: Int16Array, count: number): number;
  fillin(state: NativeHandle, samples: Int16Array, count: number): number;
  release(state: NativeHandle): number;
  free(state: NativeHandle): number;
}

let loaded: Result<PlcLibrary, DspError> | undefined;

function loadPlc(): Result<PlcLibrary, DspError> {
  loaded ??= bindLibrary('libspandsp.so.2', 'libspandsp2', (library) => ({
    init: library.func('void *plc_init(void *s)') as PlcLibrary['init'],
    rx: library.func('int plc_rx(void *s, int16_t *amp, int len)') as PlcLibrary['rx'],
    fillin: library.func('int plc_fillin(void *s, int16_t *amp, int len)') as PlcLibrary['fillin'],
    release: library.func('int plc_release(void *s)') as PlcLibrary['release'],
    free: library.func('int plc_free(void *s)') as PlcLibrary['free'],
  }));
  return loaded;
}

/** The library writes a quarter of a pitch period, 30 samples at most, however short the place it is given. */
const SHORTEST_FILL = 40;

/**
 * Fills lost audio with a continuation of the signal, fading over 50 ms: modems keep their carrier over a gap that silence
 * would end. Never wider than what was lost: no time is stretched. Holds native memory: `close` it; a closed one leaves
 * what came as it is and fills with silence.
 */
export class SignalConcealment {
  readonly #library: PlcLibrary;
  readonly #short = new Int16Array(SHORTEST_FILL);
  #handle: NativeHandle | null;

  private constructor(library: PlcLibrary, handle: NativeHandle) {
    this.#library = library;
    this.#handle = handle;
  }

  /** Errors: those of loading the library, and `dsp.libraryUnusable` when there is no memory left. */
  static open(): Result<SignalConcealment, DspError> {
    const library = loadPlc();
    if (!library.ok) return library;
    const handle = library.value.init(null);
    if (handle === null) return noMemory('The concealment of losses');
    return { ok: true, value: new SignalConcealment(library.value, handle) };
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** Samples that came; after a loss their start is blended with the fill, in place. */
  received(samples: Int16Array): void {
    mustBeSamples(samples);
    if (this.#handle !== null && samples.length > 0) {
      this.#library.rx(this.#handle, samples, samples.length);
    }
  }

  /** Fills `out` in place of samples that did not come. */
  fill(out: Int16Array): void {
    mustBeSamples(out);
    if (this.#handle === null) {
      out.fill(0);
    } else if (out.length >= SHORTEST_FILL) {
      this.#library.fillin(this.#handle, out, out.length);
    } else if (out.length > 0) {
      this.#library.fillin(this.#handle, this.#short, SHORTEST_FILL);
      out.set(this.#short.subarray(0, out.length));
    }
  }

  /** Frees the native memory. Twice is harmless. */
  close(): void {
    const handle = this.#handle;
    this.#handle = null;
    if (handle === null) return;
    this.#library.release(handle);
    this.#library.free(handle);
  }
}
