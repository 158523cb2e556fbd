import { type Result, refuse } from '../../base/errors.ts';
import type { PageFileError } from '../errors.ts';

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

/** Reads all pages of a bilevel TIFF. */
export function readPages(file: string): Result<readonly Page[], PageFileError> {
  return refuse({ code: 'pages.unreadable', fault: 'environment', say: `${file} cannot be read.` });
}

/** Writes pages as a bilevel TIFF that a fax machine can send. */
export function writePages(file: string, _pages: readonly Page[]): Result<void, PageFileError> {
  return refuse({ code: 'pages.unwritable', fault: 'environment', say: `${file} cannot be written.` });
}

/** Compares two documents row by row. */
export function comparePages(_one: readonly Page[], _other: readonly Page[]): PageComparison {
  return { identical: false, pages: 0, differingRows: 0 };
}
