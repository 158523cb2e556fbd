import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { LeaseChange } from './effects.ts';
import { type JournalContent, journalLine, readJournal } from './journal-format.ts';

/** Lines for every running lease before the file is written anew. */
const COMPACT_FACTOR = 4;
const COMPACT_LEAST_LINES = 4_096;
/** Changes that wait for the disk; beyond it a change is refused, which means that no ACK goes out. */
const WAITING_MOST = 4_096;

interface Waiting {
  readonly line: string;
  readonly done: (kept: boolean) => void;
}

/**
 * The leases on disk: a file that only grows, synced before any ACK. Changes that come while the disk is busy share the
 * next sync, so that a slow disk costs time and not leases. From time to time the file is written anew beside itself and
 * renamed.
 */
export class LeaseJournal {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onTrouble: (say: string | undefined) => void;
  #file: FileHandle;
  #waiting: Waiting[] = [];
  #writing = false;
  #lines: number;
  #latest: Map<number, string>;
  #closed = false;
  #refused = 0;

  private constructor(options: JournalOptions, file: FileHandle, content: JournalContent) {
    this.#path = options.path;
    this.#clock = options.clock;
    this.#onTrouble = options.onTrouble;
    this.#file = file;
    this.#lines = content.lines;
    this.#latest = new Map(
      content.entries.map((entry) => [entry.change.address, journalLine(entry.change, entry.atMs)]),
    );
  }

  /** Opens or begins the journal, and answers what it holds. Errors: `dhcp.journal` when it cannot be written. */
  static async open(
    options: JournalOptions,
  ): Promise<Result<{ journal: LeaseJournal; content: JournalContent }, JournalError>> {
    try {
      const text = await readFile(options.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      const content = readJournal(text);
      const file = await open(options.path, 'a', 0o600);
      // A torn last line must not swallow the next one.
      if (text !== '' && !text.endsWith('\n')) await file.write('\n');
      await file.sync();
      await syncFolder(options.path);
      return ok({ journal: new LeaseJournal(options, file, content), content });
    } catch (error) {
      return refuse({
        code: 'dhcp.journal',
        fault: 'environment',
        say: `The leases cannot be kept in ${options.path}: ${String(error)}. Without them no address is given: check that the agent may write in that folder and that the disk has room.`,
      });
    }
  }

  /** Changes that were refused because too many waited. */
  get refused(): number {
    return this.#refused;
  }

  /** Keeps one change; `done(true)` when it is on the disk, `done(false)` when it is not and will not be. */
  keep(change: LeaseChange, done: (kept: boolean) => void): void {
    if (this.#closed || this.#waiting.length >= WAITING_MOST) {
      this.#refused++;
      done(false);
      return;
    }
    const line = journalLine(change, this.#clock.now());
    this.#latest.set(change.address, line);
    this.#waiting.push({ line, done });
    if (!this.#writing) void this.#write();
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#writing || this.#waiting.length > 0) {
      if (!this.#writing) await this.#write();
      else await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#file.close();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const kept = await this.#append(batch);
      for (const { done } of batch) done(kept);
    }
    this.#writing = false;
  }

  async #append(batch: readonly Waiting[]): Promise<boolean> {
    try {
      const due = this.#lines > COMPACT_LEAST_LINES && this.#lines > COMPACT_FACTOR * this.#latest.size;
      if (due) await this.#compact();
      else {
        await this.#file.appendFile(batch.map((each) => each.line).join(''));
        await this.#file.datasync();
        this.#lines += batch.length;
      }
      this.#onTrouble(undefined);
      return true;
    } catch (error) {
      this.#onTrouble(
        `The leases cannot be written to ${this.#path}: ${String(error)}. No address is given.`,
      );
      return false;
    }
  }

  /** The latest line of every address, the waiting ones among them, in a new file that takes the old one's place. */
  async #compact(): Promise<void> {
    const fresh = `${this.#path}.new`;
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile([...this.#latest.values()].join(''));
      await file.sync();
      await rename(fresh, this.#path);
    } catch (error) {
      await file.close();
      throw error;
    }
    await syncFolder(this.#path);
    const old = this.#file;
    this.#file = file;
    this.#lines = this.#latest.size;
    await old.close();
  }
}

export interface JournalOptions {
  readonly path: string;
  readonly clock: Clock;
  /** What is wrong with the disk, or undefined when it is right again. */
  readonly onTrouble: (say: string | undefined) => void;
}

export interface JournalError extends CodedError {
  readonly code: 'dhcp.journal';
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
