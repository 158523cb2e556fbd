import type { Result } from '../base/errors.ts';
import type { DspError } from './errors.ts';
import { bindLibrary, mustBeSamples, type NativeHandle, noMemory } from './native-library.ts';

/**
 * What fax machines and modems say first:
 * - `cng` 1,100 Hz, a fax that called (T.30 §4.2) · `ced` 2,100 Hz, a fax or modem that answered
 * - `ansPr` the same with phase reversals (V.25: echo cancellers off) · `ansam`, `ansamPr` with amplitude modulation (V.8)
 * - `v21Preamble` flags before a T.30 frame: certainly a fax · `callingTone` 1,300 Hz, a data modem that called (V.25)
 */
export type ModemTone = 'cng' | 'ced' | 'ansam' | 'ansamPr' | 'ansPr' | 'v21Preamble' | 'callingTone';

/** Codes of the library's detectors. Only found here by listening: 7 is for looking for answer tones and preamble at once. */
const LOOK_FOR = [1, 7, 9] as const;
const FOUND: Readonly<Record<number, ModemTone>> = {
  1: 'cng',
  2: 'ced',
  3: 'ansPr',
  4: 'ansam',
  5: 'ansamPr',
  6: 'v21Preamble',
  9: 'callingTone',
};

/** A detector remembers one find: it is asked often enough that a second one cannot hide the first. */
const SAMPLES_AT_ONCE = 80;

interface ToneLibrary {
  init(state: null, type: number, callback: null, userData: null): NativeHandle | null;
  rx(state: NativeHandle, samples: Int16Array, count: number): number;
  get(state: NativeHandle): number;
  release(state: NativeHandle): number;
  free(state: NativeHandle): number;
}

let loaded: Result<ToneLibrary, DspError> | undefined;

function loadTones(): Result<ToneLibrary, DspError> {
  loaded ??= bindLibrary('libspandsp.so.2', 'libspandsp2', (library) => {
    const name = 'modem_connect_tones_rx';
    return {
      init: library.func(
        `void *${name}_init(void *s, int type, void *cb, void *user)`,
      ) as ToneLibrary['init'],
      rx: library.func(`int ${name}(void *s, const int16_t *amp, int len)`) as ToneLibrary['rx'],
      get: library.func(`int ${name}_get(void *s)`) as ToneLibrary['get'],
      release: library.func(`int ${name}_release(void *s)`) as ToneLibrary['release'],
      free: library.func(`int ${name}_free(void *s)`) as ToneLibrary['free'],
    };
  });
  return loaded;
}

/**
 * Finds the tones with which fax machines and modems introduce themselves. A tone is told each time it begins: CNG every
 * 3.5 s, a preamble before every frame. Holds native memory: `close` it; a closed one finds nothing.
 */
export class ModemTones {
  readonly #library: ToneLibrary;
  #detectors: readonly NativeHandle[];

  private constructor(library: ToneLibrary, detectors: readonly NativeHandle[]) {
    this.#library = library;
    this.#detectors = detectors;
  }

  /** Errors: those of loading the library, and `dsp.libraryUnusable` when there is no memory left. */
  static open(): Result<ModemTones, DspError> {
    const library = loadTones();
    if (!library.ok) return library;
    const tones = new ModemTones(library.value, []);
    for (const type of LOOK_FOR) {
      const detector = library.value.init(null, type, null, null);
      if (detector === null) {
        tones.close();
        return noMemory('The tone detector');
      }
      tones.#detectors = [...tones.#detectors, detector];
    }
    return { ok: true, value: tones };
  }

  get closed(): boolean {
    return this.#detectors.length === 0;
  }

  /** Takes the next samples of the line; answers the tones that became certain in them, in order. */
  push(samples: Int16Array): ModemTone[] {
    mustBeSamples(samples);
    const found: ModemTone[] = [];
    for (let at = 0; at < samples.length; at += SAMPLES_AT_ONCE) {
      const some = samples.subarray(at, at + SAMPLES_AT_ONCE);
      for (const detector of this.#detectors) {
        this.#library.rx(detector, some, some.length);
        const tone = FOUND[this.#library.get(detector)];
        if (tone !== undefined) found.push(tone);
      }
    }
    return found;
  }

  /** Frees the native memory. Twice is harmless. */
  close(): void {
    const detectors = this.#detectors;
    this.#detectors = [];
    for (const detector of detectors) {
      this.#library.release(detector);
      this.#library.free(detector);
    }
  }
}
