import { type Result, refuse } from '../../base/errors.ts';
import type { PageFileError } from '../errors.ts';
import type { NativeHandle } from '../native-library.ts';
import { loadTiffLibrary, TAG, type TiffLibrary } from './tiff-library.ts';

/** A black and white page. */
export interface Page {
  readonly width: number;
  readonly height: number;
  /** Dots per inch across: 204 for fax. */
  readonly xResolution: number;
  /** Dots per inch down: 98 standard, 196 fine. */
  readonly yResolution: number;
  /** Rows from the top, each of ⌈width / 8⌉ bytes, leftmost dot in the highest bit, 1 = black. */
  readonly rows: Uint8Array;
}

/** How two documents differ. */
export interface PageComparison {
  readonly identical: boolean;
  /** Pages that both have. */
  readonly pages: number;
  /** Rows that differ, rows that only one has included. */
  readonly differingRows: number;
}

/** Far more than a fax has: a file that claims more is refused before memory is taken for it. */
const PAGES_MOST = 500;
const DOTS_MOST = 20_000;

const COMPRESSION_T6 = 4;
const SUBFILE_PAGE = 2;
const MIN_IS_WHITE = 0;
const MIN_IS_BLACK = 1;
const INCH = 2;
const CENTIMETRE = 3;
const CENTIMETRES_AN_INCH = 2.54;

/**
 * Reads all pages of a bilevel TIFF, whatever its compression. Errors: `pages.unreadable` when the file is missing,
 * damaged or none, `pages.notBilevel`, `pages.tooLarge`, and those of loading libtiff.
 */
export function readPages(file: string): Result<readonly Page[], PageFileError> {
  const library = loadTiffLibrary();
  if (!library.ok) return library;
  const tiff = file.includes('\0') ? null : library.value.open(file, 'r');
  if (tiff === null) return unreadable(file, 'it is missing or no TIFF file');
  try {
    const pages: Page[] = [];
    do {
      if (pages.length === PAGES_MOST) return tooLarge(file, `it has more than ${PAGES_MOST} pages`);
      const page = readPage(library.value, tiff, file, pages.length + 1);
      if (!page.ok) return page;
      pages.push(page.value);
    } while (library.value.readDirectory(tiff) === 1);
    return { ok: true, value: pages };
  } finally {
    library.value.close(tiff);
  }
}

/** Writes pages as a bilevel TIFF (T.6) that a fax machine can send. Errors: `pages.unwritable`, `pages.tooLarge`. */
export function writePages(file: string, pages: readonly Page[]): Result<void, PageFileError> {
  if (pages.length === 0 || pages.length > PAGES_MOST) {
    return tooLarge(file, `${pages.length} pages are not 1 to ${PAGES_MOST}`);
  }
  for (const page of pages) {
    const measures = [page.width, page.height];
    if (measures.some((dots) => !(Number.isInteger(dots) && dots >= 1 && dots <= DOTS_MOST))) {
      return tooLarge(file, `${page.width} × ${page.height} dots are no page`);
    }
    if (page.rows.length !== bytesARow(page.width) * page.height) {
      return tooLarge(file, 'the rows of a page are not as many as it is high');
    }
  }
  const library = loadTiffLibrary();
  if (!library.ok) return library;
  const tiff = file.includes('\0') ? null : library.value.open(file, 'w');
  if (tiff === null) return unwritable(file);
  try {
    for (const [index, page] of pages.entries()) {
      if (!writePage(library.value, tiff, page, index, pages.length)) return unwritable(file);
    }
    return { ok: true, value: undefined };
  } finally {
    library.value.close(tiff);
  }
}

/** Compares two documents row by row. */
export function comparePages(one: readonly Page[], other: readonly Page[]): PageComparison {
  let differingRows = 0;
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    differingRows += differingRowsOf(one[index], other[index]);
  }
  return {
    identical: differingRows === 0 && one.length === other.length,
    pages: Math.min(one.length, other.length),
    differingRows,
  };
}

function differingRowsOf(one: Page | undefined, other: Page | undefined): number {
  if (one === undefined || other === undefined) return one?.height ?? other?.height ?? 0;
  if (one.width !== other.width) return Math.max(one.height, other.height);
  const bytes = bytesARow(one.width);
  const shared = Math.min(one.height, other.height);
  let differing = Math.max(one.height, other.height) - shared;
  for (let row = 0; row < shared; row += 1) {
    const start = row * bytes;
    const same = Buffer.compare(
      one.rows.subarray(start, start + bytes),
      other.rows.subarray(start, start + bytes),
    );
    if (same !== 0) differing += 1;
  }
  return differing;
}

function bytesARow(width: number): number {
  return Math.ceil(width / 8);
}

function readPage(
  library: TiffLibrary,
  tiff: NativeHandle,
  file: string,
  number: number,
): Result<Page, PageFileError> {
  const width = library.whole(tiff, TAG.width);
  const height = library.whole(tiff, TAG.height);
  if (width === null || height === null) return unreadable(file, `page ${number} has no size`);
  if (library.short(tiff, TAG.bitsPerSample) !== 1 || library.short(tiff, TAG.samplesPerPixel) !== 1) {
    return refuse({
      code: 'pages.notBilevel',
      fault: 'caller',
      say: `${file}: page ${number} is not black and white.`,
    });
  }
  if (width > DOTS_MOST || height > DOTS_MOST) {
    return tooLarge(file, `page ${number} has ${width} × ${height} dots`);
  }
  const bytes = bytesARow(width);
  if (library.scanlineBytes(tiff) !== bytes)
    return unreadable(file, `page ${number} has rows of an odd length`);
  const rows = new Uint8Array(bytes * height);
  for (let row = 0; row < height; row += 1) {
    if (library.readRow(tiff, rows.subarray(row * bytes, (row + 1) * bytes), row) !== 1) {
      return unreadable(file, `page ${number} is damaged at row ${row + 1}`);
    }
  }
  if (library.short(tiff, TAG.photometric) === MIN_IS_BLACK) {
    for (let at = 0; at < rows.length; at += 1) rows[at] = ~(rows[at] ?? 0);
  }
  const perInch = library.short(tiff, TAG.resolutionUnit) === CENTIMETRE ? CENTIMETRES_AN_INCH : 1;
  return {
    ok: true,
    value: {
      width,
      height,
      xResolution: Math.round((library.real(tiff, TAG.xResolution) ?? 0) * perInch),
      yResolution: Math.round((library.real(tiff, TAG.yResolution) ?? 0) * perInch),
      rows,
    },
  };
}

function writePage(library: TiffLibrary, tiff: NativeHandle, page: Page, index: number, of: number): boolean {
  library.setWhole(tiff, TAG.subfileType, SUBFILE_PAGE);
  library.setWhole(tiff, TAG.width, page.width);
  library.setWhole(tiff, TAG.height, page.height);
  library.setWhole(tiff, TAG.rowsPerStrip, page.height);
  library.setWhole(tiff, TAG.bitsPerSample, 1);
  library.setWhole(tiff, TAG.samplesPerPixel, 1);
  library.setWhole(tiff, TAG.compression, COMPRESSION_T6);
  library.setWhole(tiff, TAG.photometric, MIN_IS_WHITE);
  library.setWhole(tiff, TAG.resolutionUnit, INCH);
  library.setReal(tiff, TAG.xResolution, page.xResolution);
  library.setReal(tiff, TAG.yResolution, page.yResolution);
  library.setPair(tiff, TAG.pageNumber, index, of);
  const bytes = bytesARow(page.width);
  for (let row = 0; row < page.height; row += 1) {
    // A row of its own: the library may turn it over where it lies.
    if (library.writeRow(tiff, page.rows.slice(row * bytes, (row + 1) * bytes), row) !== 1) return false;
  }
  return library.writeDirectory(tiff) === 1;
}

function unreadable(file: string, why: string): Result<never, PageFileError> {
  return refuse({ code: 'pages.unreadable', fault: 'environment', say: `${file} cannot be read: ${why}.` });
}

function unwritable(file: string): Result<never, PageFileError> {
  return refuse({ code: 'pages.unwritable', fault: 'environment', say: `${file} cannot be written.` });
}

function tooLarge(file: string, why: string): Result<never, PageFileError> {
  return refuse({ code: 'pages.tooLarge', fault: 'caller', say: `${file}: ${why}.` });
}
