import type { Result } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import { bindLibrary, type NativeHandle, type NativeLibrary } from '../native-library.ts';

/** Tags of TIFF 6.0 that a fax page has. */
export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  xResolution: 282,
  yResolution: 283,
  resolutionUnit: 296,
  pageNumber: 297,
} as const;

/** The functions of libtiff that are used. */
export interface TiffLibrary {
  open(file: string, mode: 'r' | 'w'): NativeHandle | null;
  close(tiff: NativeHandle): void;
  readDirectory(tiff: NativeHandle): number;
  writeDirectory(tiff: NativeHandle): number;
  scanlineBytes(tiff: NativeHandle): number;
  readRow(tiff: NativeHandle, row: Uint8Array, index: number): number;
  writeRow(tiff: NativeHandle, row: Uint8Array, index: number): number;
  /** A tag of 32 bits; null when the page has none. */
  whole(tiff: NativeHandle, tag: number): number | null;
  /** A tag of 16 bits, or its default. */
  short(tiff: NativeHandle, tag: number): number | null;
  real(tiff: NativeHandle, tag: number): number | null;
  setWhole(tiff: NativeHandle, tag: number, value: number): void;
  setReal(tiff: NativeHandle, tag: number, value: number): void;
  setPair(tiff: NativeHandle, tag: number, one: number, other: number): void;
}

let loaded: Result<TiffLibrary, DspError> | undefined;

/**
 * Loads libtiff, which libspandsp needs itself, and takes its habit of writing to standard error from it, also for what
 * libspandsp reads and writes.
 */
export function loadTiffLibrary(): Result<TiffLibrary, DspError> {
  loaded ??= bindLibrary('libtiff.so.6', 'libtiff6', bindTiff);
  return loaded;
}

type Variadic = (tiff: NativeHandle, tag: number, ...typed: unknown[]) => number;

function bindTiff(library: NativeLibrary): TiffLibrary {
  for (const name of ['TIFFSetErrorHandler', 'TIFFSetWarningHandler']) {
    (library.func(`void *${name}(void *handler)`) as (handler: null) => unknown)(null);
  }
  const get = library.func('int TIFFGetFieldDefaulted(void *tiff, uint32_t tag, ...)') as Variadic;
  const set = library.func('int TIFFSetField(void *tiff, uint32_t tag, ...)') as Variadic;
  const row = (name: string) =>
    library.func(`int ${name}(void *t, uint8_t *row, uint32_t index, uint16_t plane)`);
  type Row = (tiff: NativeHandle, row: Uint8Array, index: number, plane: number) => number;
  const readRow = row('TIFFReadScanline') as Row;
  const writeRow = row('TIFFWriteScanline') as Row;
  return {
    open: library.func('void *TIFFOpen(const char *file, const char *mode)') as TiffLibrary['open'],
    close: library.func('void TIFFClose(void *tiff)') as TiffLibrary['close'],
    readDirectory: library.func('int TIFFReadDirectory(void *tiff)') as TiffLibrary['readDirectory'],
    writeDirectory: library.func('int TIFFWriteDirectory(void *tiff)') as TiffLibrary['writeDirectory'],
    scanlineBytes: library.func('intptr_t TIFFScanlineSize(void *tiff)') as TiffLibrary['scanlineBytes'],
    readRow: (tiff, into, index) => readRow(tiff, into, index, 0),
    writeRow: (tiff, from, index) => writeRow(tiff, from, index, 0),
    whole(tiff, tag) {
      const out = new Uint32Array(1);
      return get(tiff, tag, 'uint32_t *', out) === 1 ? (out[0] ?? null) : null;
    },
    short(tiff, tag) {
      const out = new Uint16Array(1);
      return get(tiff, tag, 'uint16_t *', out) === 1 ? (out[0] ?? null) : null;
    },
    real(tiff, tag) {
      const out = new Float32Array(1);
      return get(tiff, tag, 'float *', out) === 1 ? (out[0] ?? null) : null;
    },
    // Numbers behind the dots travel as C promotes them: whole ones as int, real ones as double.
    setWhole: (tiff, tag, value) => void set(tiff, tag, 'uint32_t', value),
    setReal: (tiff, tag, value) => void set(tiff, tag, 'double', value),
    setPair: (tiff, tag, one, other) => void set(tiff, tag, 'int', one, 'int', other),
  };
}
