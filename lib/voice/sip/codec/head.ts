import { isUtf8 } from 'node:buffer';
import { SIP_LIMITS } from '../limits.ts';
import { CODE, isToken, trimLws } from './text.ts';

/** Head of a message, split into lines and unfolded. `fault` is the first thing wrong with it. */
export interface Head {
  readonly startLine: string;
  readonly entries: readonly (readonly [string, string])[];
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
  const entries: [string, string][] = [];
  const state = { fault: isUtf8(bytes) ? undefined : 'head is not UTF-8' };
  const blame = (fault: string): void => {
    state.fault ??= fault;
  };
  const lines = splitLines(bytes.toString('utf8'), blame);
  for (const line of lines.slice(1)) {
    if (entries.length >= SIP_LIMITS.headers) {
      blame('too many headers');
      break;
    }
    const entry = splitHeader(line);
    if (entry === undefined) blame('malformed header line');
    else entries.push(entry);
  }
  return { startLine: lines[0] ?? '', entries, fault: state.fault };
}

/** Lines between CRLF; a line that starts with white space continues the one before (RFC 3261 §7.3.1). */
function splitLines(text: string, blame: (fault: string) => void): string[] {
  const lines: string[] = [];
  let pieces: string[] = [];
  let chars = 0;
  const flush = (): void => {
    if (pieces.length > 0) lines.push(pieces.join(' '));
    pieces = [];
    chars = 0;
  };
  for (const line of text.split('\r\n', SIP_LIMITS.messageBytes)) {
    if (!isClean(line)) blame('control character in the head');
    const code = line.charCodeAt(0);
    const folded = lines.length + pieces.length > 0 && (code === CODE.space || code === CODE.tab);
    if (folded && lines.length === 0) blame('folded start line');
    if (!folded) flush();
    chars += line.length + 1;
    if (chars > SIP_LIMITS.lineChars) {
      blame('header line too long');
      continue;
    }
    pieces.push(folded ? trimLws(line) : line);
  }
  flush();
  return lines;
}

function splitHeader(line: string): [string, string] | undefined {
  const colon = line.indexOf(':');
  if (colon <= 0) return undefined;
  const name = trimLws(line.slice(0, colon));
  return isToken(name) && line.charCodeAt(0) > CODE.space
    ? [name, trimLws(line.slice(colon + 1))]
    : undefined;
}

/**
 * No control character but the tab, and those that a backslash makes part of a quoted string. A bare CR or LF never:
 * that is how headers are smuggled.
 */
function isClean(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === CODE.cr || code === CODE.lf) return false;
    const control = (code < 32 && code !== CODE.tab) || code === 127;
    if (control && line.charCodeAt(at - 1) !== CODE.backslash) return false;
  }
  return true;
}
