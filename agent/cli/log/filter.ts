import type { Entry, Program } from './entry.ts';

/** Which lines are wanted; every part that is given must hold. */
export interface Wanted {
  readonly program?: Program | undefined;
  /** Lines of this level and above, as pino counts. */
  readonly level?: number | undefined;
  /** Epoch ms. */
  readonly since?: number | undefined;
  /** Names of one call: its own id and those of its legs. */
  readonly call?: readonly string[] | undefined;
  readonly line?: number | undefined;
  /** Twelve hex digits. */
  readonly phone?: string | undefined;
}

const LEVELS: Readonly<Record<string, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50 };

/** The number of a level's name. */
export function levelNumber(name: string): number | undefined {
  return Object.hasOwn(LEVELS, name) ? LEVELS[name] : undefined;
}

/**
 * Whether a line is wanted. What is no line of ours (a crash of Node, say) has no level and no time: it is kept where nothing
 * is asked of it that only a line of ours can say, for it is bad news.
 */
export function isWanted(entry: Entry, wanted: Wanted): boolean {
  if (wanted.program !== undefined && entry.program !== wanted.program) return false;
  if (wanted.level !== undefined && entry.level !== null && entry.level < wanted.level) return false;
  if (wanted.since !== undefined && entry.atMs !== null && entry.atMs < wanted.since) return false;
  if (wanted.call !== undefined && !wanted.call.some((name) => entry.raw.includes(name))) return false;
  if (wanted.line !== undefined && !isOfLine(entry, wanted.line)) return false;
  return wanted.phone === undefined || isOfPhone(entry.raw, wanted.phone);
}

function isOfLine({ fields, message }: Entry, line: number): boolean {
  if (fields['port'] === line || fields['line'] === line) return true;
  return new RegExp(`\\bline ${line}\\b`, 'i').test(message);
}

/** As it is written in fields and in sentences: with colons, dashes, or nothing between. */
function isOfPhone(raw: string, mac: string): boolean {
  return raw.toLowerCase().replace(/[:-]/g, '').includes(mac);
}
