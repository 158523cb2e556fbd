import type { Result } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import {
  bindLibrary,
  copyFromNative,
  type NativeHandle,
  noMemory,
  registerCallback,
} from '../native-library.ts';

/** `ADSI_STANDARD_JCLIP` of spandsp 0.0.6: Number Display. */
const STANDARD_JCLIP = 4;
/** Longest message that is taken. */
const MESSAGE_LIMIT = 256;

interface AdsiLibrary {
  init(state: null, standard: number, callback: NativeHandle, user: number): NativeHandle | null;
  rx(state: NativeHandle, samples: Int16Array, count: number): number;
  free(state: NativeHandle): number;
}

let loaded: Result<AdsiLibrary, DspError> | undefined;
let callback: NativeHandle | undefined;
/** What the one call that runs has received; the library calls back only from within `rx`. */
let received: Uint8Array[] = [];

function load(): Result<AdsiLibrary, DspError> {
  loaded ??= bindLibrary('libspandsp.so.2', 'libspandsp2', (library) => ({
    init: library.func(
      'void *adsi_rx_init(void *s, int standard, void *callback, intptr_t user)',
    ) as AdsiLibrary['init'],
    rx: library.func('int adsi_rx(void *s, const int16_t *amp, int len)') as AdsiLibrary['rx'],
    free: library.func('int adsi_rx_free(void *s)') as AdsiLibrary['free'],
  }));
  return loaded;
}

/**
 * What libspandsp's receiver makes of a signal: the messages, each with its bytes. For proofs: the box itself never receives
 * caller ID.
 */
export function receiveWithSpandsp(samples: Int16Array): Result<readonly Uint8Array[], DspError> {
  const library = load();
  if (!library.ok) return library;
  callback ??= registerCallback('void', ['intptr_t', 'void *', 'int'], ((
    _user: number,
    message: NativeHandle,
    length: number,
  ) => {
    if (length > 0 && length <= MESSAGE_LIMIT) received.push(copyFromNative(message, length));
  }) as never);
  const handle = library.value.init(null, STANDARD_JCLIP, callback, 0);
  if (handle === null) return noMemory('The caller ID receiver');
  received = [];
  for (let at = 0; at < samples.length; at += 160) {
    const some = samples.subarray(at, at + 160);
    library.value.rx(handle, some, some.length);
  }
  library.value.free(handle);
  return { ok: true, value: received };
}
