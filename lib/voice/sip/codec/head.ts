import { isUtf8 } from 'node:buffer';
import { SIP_LIMITS } from '../limits.ts';
import { nameId, usualName } from './header-names.ts';
import { CODE, isToken, trimLws } from './text.ts';

/** Header lines in their order: one element of each list for each. */
export interface HeaderLines {
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** What the names are known by: {@link nameId}. */
  readonly ids: readonly (number | string)[];
}

/** Head of a message, split into lines and unfolded. `fault` is the first thing wrong with it. */
export interface Head {
  readonly startLine: string;
  readonly lines: HeaderLines;
  readonly fault: string | undefined;
}

const END = Buffer.from('\r\n\r\n');

/** Offset just behind the empty line that ends a head, or -1. `from` is where to look. */
export function headEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(END, from);
  return at < 0 ? -1 : at + END.length;
}

/** Splits a head (without its empty line). Bad lines are left out and remembered as the fault, so that a 400 can still be written. */
export function splitHead(bytes: Buffer): Head {
  const text = bytes.toString('utf8');
  const lines: Lines = { names: [], values: [], ids: [] };
  const first = text.indexOf('\r\n');
  const startLine = first < 0 ? text : text.slice(0, first);
  let fault = faultOfBytes(bytes);
  if (startLine.length > SIP_LIMITS.lineChars) fault ??= 'header line too long';
  for (let at = first < 0 ? text.length : first + 2; at < text.length; ) {
    const end = lineEnd(text, at);
    if (lines.ids.length >= SIP_LIMITS.headers) {
      fault ??= 'too many headers';
      break;
    }
    if (isBlank(text.charCodeAt(at))) {
      // What continues a header was taken with it: this one continues the start line.
      fault ??= 'folded start line';
      at = end + 2;
      continue;
    }
    const folded = isBlank(text.charCodeAt(end + 2));
    const line = folded ? unfold(text, at) : undefined;
    const long = line?.cut === true || end - at > SIP_LIMITS.lineChars;
    const sound =
      line === undefined
        ? splitHeader(text, at, end, long ? undefined : lines)
        : splitHeader(line.text, 0, line.text.length, long ? undefined : lines);
    if (!sound || long) fault ??= sound ? 'header line too long' : 'malformed header line';
    at = (line?.end ?? end) + 2;
  }
  return { startLine, lines, fault };
}

const isBlank = (code: number): boolean => code === CODE.space || code === CODE.tab;

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\r\n', from);
  return end < 0 ? text.length : end;
}

/** A line and those that continue it by starting with white space (RFC 3261 §7.3.1). `cut`: it was longer than any may be. */
function unfold(text: string, from: number): { text: string; end: number; cut: boolean } {
  let end = lineEnd(text, from);
  let chars = end - from;
  const pieces = [text.slice(from, end)];
  while (isBlank(text.charCodeAt(end + 2))) {
    const start = end + 2;
    end = lineEnd(text, start);
    chars += end - start + 1;
    if (chars <= SIP_LIMITS.lineChars) pieces.push(trimLws(text.slice(start, end)));
  }
  return { text: pieces.join(' '), end, cut: chars > SIP_LIMITS.lineChars };
}

interface Lines extends HeaderLines {
  readonly names: string[];
  readonly values: string[];
  readonly ids: (number | string)[];
}

/** One header line, from `from` to `to`: false when it is none. Between its name and the colon white space may stand. */
function splitHeader(text: string, from: number, to: number, into: Lines | undefined): boolean {
  const colon = text.indexOf(':', from);
  if (colon <= from || colon >= to) return false;
  const usual = usualName(text, from, colon);
  const name = usual?.name ?? trimLws(text.slice(from, colon));
  if (usual === undefined && !isToken(name)) return false;
  let start = colon + 1;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  into?.names.push(name);
  into?.values.push(text.slice(start, end));
  into?.ids.push(usual?.id ?? nameId(name));
  return true;
}

/**
 * No control character but the tab, and those that a backslash makes part of a quoted string. A bare CR or LF never:
 * that is how headers are smuggled. Bytes that are no UTF-8 neither. Looks at the bytes, because a loop over a string
 * costs three times as much.
 */
function faultOfBytes(bytes: Buffer): string | undefined {
  let wide = 0;
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] ?? 0;
    wide |= code;
    if (code >= CODE.space && code !== 127) continue;
    if (code === CODE.cr && bytes[at + 1] === CODE.lf) at++;
    else if (code !== CODE.tab && !isEscaped(bytes, at, code)) return 'control character in the head';
  }
  return wide > 127 && !isUtf8(bytes) ? 'head is not UTF-8' : undefined;
}

function isEscaped(bytes: Buffer, at: number, code: number): boolean {
  return code !== CODE.cr && code !== CODE.lf && bytes[at - 1] === CODE.backslash;
}
