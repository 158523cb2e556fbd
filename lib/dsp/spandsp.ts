import type { Result } from '../base/errors.ts';
import type { DspError } from './errors.ts';
import { bindLibrary, type NativeHandle, type NativeLibrary } from './native-library.ts';

/** Soname and Debian package of the library, as every message names them. */
const LIBRARY = 'libspandsp.so.2';
const DEBIAN_PACKAGE = 'libspandsp2';

/** The functions of libspandsp 0.0.6 that are used. One foreign call costs about 0.1 µs. */
export interface Spandsp {
  dtmfRxInit(state: null, callback: null, userData: null): NativeHandle | null;
  /** Whole numbers: 0.0.6 takes ints where later versions take floats, and floats here end all detection. */
  dtmfRxParms(
    state: NativeHandle,
    filterDialTone: number,
    twistDb: number,
    reverseTwistDb: number,
    thresholdDbm0: number,
  ): void;
  dtmfRx(state: NativeHandle, samples: Int16Array, count: number): number;
  dtmfRxGet(state: NativeHandle, digits: Uint8Array, limit: number): number;
  /** The digit that goes on, 'x' where one may have begun, else 0. */
  dtmfRxStatus(state: NativeHandle): number;
  dtmfRxFree(state: NativeHandle): number;
}

let loaded: Result<Spandsp, DspError> | undefined;

/**
 * Loads the library on first use, and remembers the outcome. Errors: `dsp.libraryMissing` when the Debian package is
 * not installed, `dsp.libraryUnusable` when a function is not in it.
 */
export function loadSpandsp(): Result<Spandsp, DspError> {
  loaded ??= bindSpandsp(LIBRARY);
  return loaded;
}

/** {@link loadSpandsp} for a given file name, unremembered; apart so that a missing library can be tried out. */
export function bindSpandsp(file: string): Result<Spandsp, DspError> {
  return bindLibrary(file, DEBIAN_PACKAGE, bindFunctions);
}

function bindFunctions(library: NativeLibrary): Spandsp {
  return {
    dtmfRxInit: library.func(
      'void *dtmf_rx_init(void *s, void *callback, void *user)',
    ) as Spandsp['dtmfRxInit'],
    dtmfRxParms: library.func(
      'void dtmf_rx_parms(void *s, int filter, int twist, int reverse, int threshold)',
    ) as Spandsp['dtmfRxParms'],
    dtmfRx: library.func('int dtmf_rx(void *s, const int16_t *amp, int samples)') as Spandsp['dtmfRx'],
    dtmfRxGet: library.func('size_t dtmf_rx_get(void *s, uint8_t *digits, int max)') as Spandsp['dtmfRxGet'],
    dtmfRxStatus: library.func('int dtmf_rx_status(void *s)') as Spandsp['dtmfRxStatus'],
    dtmfRxFree: library.func('int dtmf_rx_free(void *s)') as Spandsp['dtmfRxFree'],
  };
}
