/** Columns of a technician's terminal. No line of ours is wider. */
export const SCREEN_COLUMNS = 80;

/**
 * Code points that take two columns: the wide and full-width blocks of Unicode's East Asian Width that a Japanese
 * office name can hold, and emoji. First and last of each range.
 */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe4f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

function columnsOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
}

/** Columns that `text` takes on a terminal. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

/** Text from outside, without what would move the cursor or change its direction. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

/** Cuts to `columns`, with two dots where something is missing. */
export function cut(text: string, columns: number): string {
  const tidy = clean(text);
  if (displayWidth(tidy) <= columns) return tidy;
  let kept = '';
  let used = 0;
  for (const character of tidy) {
    const width = columnsOf(character);
    if (used + width > columns - 2) break;
    kept += character;
    used += width;
  }
  return `${kept}..`;
}

/** Cuts and fills with blanks to exactly `columns`. */
export function column(text: string, columns: number): string {
  const fitted = cut(text, columns);
  return fitted + ' '.repeat(columns - displayWidth(fitted));
}

/** Left and right text on one line of 80 columns; the left one is cut. */
export function bothSides(left: string, right: string): string {
  return `${column(left, SCREEN_COLUMNS - displayWidth(right) - 1)} ${right}`;
}

/** Breaks at blanks into lines of at most `columns`; a word that is longer, as in Japanese, is broken inside. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of clean(text).split(/ +/).filter(Boolean)) {
    let rest = word;
    const joined = line === '' ? rest : `${line} ${rest}`;
    if (displayWidth(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    while (displayWidth(rest) > columns) {
      const head = headOf(rest, columns);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  if (line !== '') lines.push(line);
  return lines.length === 0 ? [''] : lines;
}

function headOf(text: string, columns: number): string {
  let head = '';
  let used = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns && head !== '') break;
    head += character;
  }
  return head;
}

/** `3 d 4 h`, `2 h 5 min`, `41 min`, `12 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** `06:12`, `1:06:12`. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const tail = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${tail}` : tail;
}

const JST_OFFSET_MS = 9 * 3_600_000;

/** `2026-11-21 14:02:31`, in Japan's time whatever the terminal thinks. */
export function japanTime(epochMs: number): string {
  if (!Number.isFinite(epochMs) || Math.abs(epochMs) > 8e15) return '-';
  return new Date(epochMs + JST_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** `80 MB`. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}
