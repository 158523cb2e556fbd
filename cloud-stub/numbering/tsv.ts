import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';

/** A data file that cannot be read as it stands: our own mistake, with the line to look at. */
export interface DataFault extends CodedError {
  readonly code: 'numbering.data';
  readonly fault: 'us';
  readonly file: string;
  /** Counts from 1; the header is line 1. */
  readonly line: number;
}

/** One line of a data file: its number and its columns by the names in the header; absent ones are empty. */
export interface TsvRow {
  readonly line: number;
  column(name: string): string;
}

/** Most lines that a data file may have. */
const LINES = 20_000;

/** Says what is wrong with a line of a data file. */
export function dataFault(file: string, line: number, what: string): DataFault {
  return { code: 'numbering.data', fault: 'us', file, line, say: `${file}, line ${line}: ${what}` };
}

/** Reads tab-separated text whose first line must name exactly these columns. Trailing empty columns may be left out. */
export function readTsv(
  file: string,
  text: string,
  columns: readonly string[],
): Result<readonly TsvRow[], DataFault> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > LINES) return refuse(dataFault(file, LINES, `more than ${LINES} lines`));
  if (lines[0] !== columns.join('\t')) {
    return refuse(dataFault(file, 1, `the header has to be: ${columns.join(', ')}`));
  }
  const rows: TsvRow[] = [];
  for (const [index, content] of lines.entries()) {
    if (index === 0) continue;
    const cells = content.split('\t');
    if (cells.length > columns.length) return refuse(dataFault(file, index + 1, 'too many columns'));
    if (cells.some((cell) => cell !== cell.trim())) {
      return refuse(dataFault(file, index + 1, 'blanks around a value'));
    }
    rows.push({ line: index + 1, column: (name) => cells[columns.indexOf(name)] ?? '' });
  }
  return ok(rows);
}
