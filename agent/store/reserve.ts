import type { DatabaseSync } from 'node:sqlite';
import { diskTrouble, sqliteCode } from './database.ts';

/**
 * Room for one record, with its index and the loss at the ends of pages. Measured: 857 bytes for a usual record, 1,404 for one
 * with the longest reason in Latin letters, 2,089 in kanji.
 */
export const RECORD_ROOM_BYTES = 1_536;
/** One piece of what is set aside: 16 pages. */
const PIECE_BYTES = 65_536;
/** Pieces that are laid in one transaction: a quarter of a megabyte, some 10 ms of a slow flash. */
const PIECES_AT_ONCE = 4;
/** What {@link Reserve.lay} takes of the disk at most, with as much again in the journal, and what it leaves to others. */
export const LAID_BYTES = 2 * PIECES_AT_ONCE * PIECE_BYTES + 4 * 1_048_576;
const PAGES_A_PIECE = 16;
/** Free pages for everything else that is written: legs, faxes, facts. */
const HEADROOM_PIECES = 4;
/** SQLite's own limit. */
const UNCAPPED_PAGES = 1_073_741_823;
/** More than there is to be room for: calls that go on when the outbox is full, those inside the office, emergency calls. */
const MARGIN_RECORDS = 256;
/** As much as the journal holds before it is checkpointed (1,000 pages) and a little. */
const JOURNAL_PIECES = 72;
/** SQLITE_FULL (sqlite.org/rescode.html). */
const FULL = 13;

/** How much is set aside. */
export interface ReserveState {
  /** Records that it is meant for, those that wait included. */
  readonly records: number;
  readonly heldBytes: number;
  readonly wantedBytes: number;
}

/**
 * Disk space for call records, set aside before they are made: rows of random bytes in the store file itself, so that a disk
 * that others fill cannot take it. What waits in the outbox and what is set aside together stay the same size.
 *
 * The file grows here and nowhere else, for what grows in the journal alone (the WAL) finds no room in the file when the disk is
 * full by then, and the journal is stuck for ever. Whoever else needs pages takes them from here ({@link withRoom}), and they are
 * laid again.
 */
export class Reserve {
  readonly #db: DatabaseSync;
  readonly #records: number;
  #pieces: number;

  constructor(db: DatabaseSync, records: number) {
    this.#db = db;
    this.#records = records;
    this.#pieces = this.#count();
    this.#cap();
  }

  state(waiting: number): ReserveState {
    const wantedBytes = this.#wanted(waiting) * PIECE_BYTES;
    return { records: this.#records, heldBytes: this.#pieces * PIECE_BYTES, wantedBytes };
  }

  /** In the transaction that has put a record into the outbox: gives back what the record takes the place of. */
  give(waiting: number): void {
    this.#drop(this.#pieces - this.#wanted(waiting));
  }

  /** After that transaction has ended, well or badly. */
  settled(): void {
    this.#pieces = this.#count();
  }

  /** Gives back one piece for something else that must be written; false when there is none. */
  sacrifice(): boolean {
    if (this.#pieces === 0) return false;
    this.#drop(1);
    this.settled();
    return true;
  }

  /** Sets a little more aside. The caller has seen that the disk has room for {@link LAID_BYTES}. */
  lay(waiting: number): 'done' | 'more' {
    if (this.#isLaid(waiting)) return 'done';
    const missing = this.#wanted(waiting) - this.#pieces;
    this.#db.exec(`PRAGMA max_page_count = ${UNCAPPED_PAGES}`);
    try {
      this.#insert(Math.min(Math.max(missing, HEADROOM_PIECES), PIECES_AT_ONCE));
      // Into the file, on the disk: only then is it ours.
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } finally {
      this.settled();
      this.#cap();
    }
    this.#drop(this.#pieces - this.#wanted(waiting));
    this.settled();
    return this.#isLaid(waiting) ? 'done' : 'more';
  }

  /**
   * Writes the journal of the store (the WAL) as long as it ever becomes, so that a full disk later has room for it. Its space is
   * used again and again after that; a clean end deletes it. A disk that does not take it changes nothing.
   */
  lengthenJournal(): void {
    try {
      for (let written = 0; this.#pieces > 0 && written < JOURNAL_PIECES; written += PIECES_AT_ONCE) {
        this.#insert(PIECES_AT_ONCE, true);
      }
    } catch (error) {
      if (diskTrouble(error) === undefined) throw error;
    }
    this.settled();
  }

  #isLaid(waiting: number): boolean {
    const wanted = this.#wanted(waiting);
    if (wanted === 0) return true;
    return wanted <= this.#pieces && this.#freePages() >= HEADROOM_PIECES * PAGES_A_PIECE;
  }

  /** New pieces, or in the place of old ones. */
  #insert(pieces: number, anew: boolean = false): void {
    const insert = this.#db.prepare(`INSERT INTO reserve (filler) VALUES (randomblob(${PIECE_BYTES - 64}))`);
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      if (anew) this.#drop(pieces);
      for (let n = 0; n < pieces; n++) insert.run();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** No further than the file is now (SQLite takes a lower figure for that). */
  #cap(): void {
    if (this.#pieces > 0) this.#db.exec('PRAGMA max_page_count = 1');
  }

  #freePages(): number {
    return Number(this.#db.prepare('PRAGMA freelist_count').get()?.['freelist_count'] ?? 0);
  }

  #drop(pieces: number): void {
    if (pieces <= 0) return;
    this.#db.prepare('DELETE FROM reserve WHERE n IN (SELECT n FROM reserve LIMIT ?)').run(pieces);
  }

  #wanted(waiting: number): number {
    if (this.#records === 0) return 0;
    const missing = Math.max(0, this.#records + MARGIN_RECORDS - waiting);
    return Math.ceil((missing * RECORD_ROOM_BYTES) / PIECE_BYTES);
  }

  #count(): number {
    return Number(this.#db.prepare('SELECT count(*) AS rows FROM reserve').get()?.['rows'] ?? 0);
  }
}

/** Writes what must be written: where there is no room, a piece of what is set aside makes it. */
export function withRoom<Value>(reserve: Pick<Reserve, 'sacrifice'>, body: () => Value): Value {
  try {
    return body();
  } catch (error) {
    if (!isFull(error) || !reserve.sacrifice()) throw error;
    return body();
  }
}

/** Whether SQLite found no room on the disk, or in the file. */
export function isFull(error: unknown): boolean {
  return sqliteCode(error) === FULL;
}
