import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, PROGRAMS, type Program, readEntry } from './entry.ts';

/** How much of the end of a file is looked at, for the past. */
const PAST_BYTES = 8 * 1_048_576;
const CHUNK_BYTES = 262_144;

/** The log files of the box, of programs that have one. */
export class LogFiles {
  readonly #files: readonly LogFile[];

  constructor(folder: string) {
    this.#files = PROGRAMS.map((program) => new LogFile(join(folder, `${program}.log`), program));
  }

  /** Whether there is any. */
  get there(): boolean {
    return this.#files.some((file) => file.there);
  }

  /** What was written so far, in order of time; the next {@link news} begins behind it. */
  past(): readonly Entry[] {
    return inOrder(this.#files.flatMap((file) => file.past()));
  }

  /** What was written since. */
  news(): readonly Entry[] {
    return inOrder(this.#files.flatMap((file) => file.news()));
  }
}

/** Lines that carry no time of their own stay behind the one they came after. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  let last = 0;
  return entries
    .map((entry, index) => {
      last = entry.atMs ?? last;
      return { entry, at: last, index };
    })
    .sort((one, other) => one.at - other.at || one.index - other.index)
    .map(({ entry }) => entry);
}

/** One file, which may be put aside for a new one of its name at any time. */
class LogFile {
  readonly #path: string;
  readonly #program: Program;
  #inode = 0;
  #offset = 0;
  #rest = '';

  constructor(path: string, program: Program) {
    this.#path = path;
    this.#program = program;
  }

  get there(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false }) !== undefined;
  }

  past(): readonly Entry[] {
    const older = this.#readAll(`${this.#path}.1`);
    this.#offset = 0;
    this.#rest = '';
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    if (stat === undefined) return older;
    this.#inode = stat.ino;
    this.#offset = Math.max(0, stat.size - PAST_BYTES);
    const cut = this.#offset > 0;
    const entries = this.#read();
    // The first line is half a line where the beginning was left out.
    return cut ? entries.slice(1) : [...older, ...entries];
  }

  news(): readonly Entry[] {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    if (stat.ino !== this.#inode || stat.size < this.#offset) {
      this.#inode = stat.ino;
      this.#offset = 0;
      this.#rest = '';
    }
    return stat.size === this.#offset ? [] : this.#read();
  }

  #readAll(path: string): readonly Entry[] {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    const from = Math.max(0, stat.size - PAST_BYTES);
    const { text } = readFrom(path, from);
    const lines = text.split('\n').filter(Boolean);
    return (from > 0 ? lines.slice(1) : lines).map((line) => readEntry(line, this.#program));
  }

  #read(): readonly Entry[] {
    const { text, offset } = readFrom(this.#path, this.#offset);
    this.#offset = offset;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter(Boolean).map((line) => readEntry(line, this.#program));
  }
}

function readFrom(path: string, from: number): { readonly text: string; readonly offset: number } {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const parts: Buffer[] = [];
    let offset = from;
    while (offset < size) {
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - offset));
      const read = readSync(file, chunk, 0, chunk.length, offset);
      if (read === 0) break;
      parts.push(chunk.subarray(0, read));
      offset += read;
    }
    return { text: Buffer.concat(parts).toString('utf8'), offset };
  } finally {
    closeSync(file);
  }
}
