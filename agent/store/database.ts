import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type Clock, isoInstant } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { machineDisk, type StoreDisk, syncFolder } from './disk.ts';
import { APPLICATION_ID, schemaSteps } from './schema.ts';

/** An open store file, and the sentence about the one that it replaces, if it was damaged. */
export interface OpenedDatabase {
  readonly db: DatabaseSync;
  readonly damage: string | undefined;
  /** Why it is in memory alone, when the disk takes no store: phones work, and what is written is lost at the next restart. */
  readonly inMemory?: string;
}

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const SQLITE = { busy: 5, corrupt: 11, full: 13, notADatabase: 26 } as const;
/** READONLY, IOERR, FULL, and CANTOPEN: the file itself was opened before, so that it is the journal beside it that finds no place. */
const DISK_SQLITE = [8, 10, SQLITE.full, 14];
const DISK_ERRNO = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'];

/**
 * Opens the SQLite file at `path` (mode 0600, WAL, synchronous FULL, held by one process) and brings it to the newest
 * schema. A damaged file, or one that a newer agent wrote, is moved aside with its journal and a fresh one is begun. Where the
 * disk is full, broken or read-only, the store is in memory: phones do not wait for a disk.
 */
export function openDatabase(path: string, clock: Clock, disk: StoreDisk = machineDisk): OpenedDatabase {
  try {
    return openOnDisk(path, clock, disk);
  } catch (error) {
    const inMemory = diskTrouble(error);
    if (inMemory === undefined) throw asStartupError(error, path);
    const db = disk.database(':memory:');
    migrate(db);
    return { db, damage: undefined, inMemory };
  }
}

function openOnDisk(path: string, clock: Clock, disk: StoreDisk): OpenedDatabase {
  prepareFile(path);
  try {
    return { db: openChecked(path, disk), damage: undefined };
  } catch (error) {
    const why = damageOf(error);
    if (why === undefined) throw error;
    const aside = `${path}.damaged-${isoInstant(clock.now()).replace(/[:.]/g, '')}`;
    try {
      for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end);
      prepareFile(path);
      const db = openChecked(path, disk);
      return {
        db,
        damage: `The store was unreadable (${why}); it was moved to ${aside} and a fresh one begun.`,
      };
    } catch (again) {
      throw diskTrouble(again) === undefined ? asStartupError(again, path) : again;
    }
  }
}

/** Why a file must be moved aside, thrown by {@link openChecked} besides SQLite's own errors. */
class Unusable extends Error {}

function openChecked(path: string, disk: StoreDisk): DatabaseSync {
  const db = disk.database(path);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    // Nothing of the store lies in another folder, whose disk may be full.
    db.exec('PRAGMA temp_store = MEMORY');
    // Takes the lock now and for good: a second agent on the same folder would send the same records.
    db.exec('BEGIN EXCLUSIVE; COMMIT');
    const check = db.prepare('PRAGMA quick_check(1)').get();
    if (check?.['quick_check'] !== 'ok') throw new Unusable(`check says ${String(check?.['quick_check'])}`);
    migrate(db);
    tryWrite(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  const owner = Number(db.prepare('PRAGMA application_id').get()?.['application_id']);
  if (version > schemaSteps.length) throw new Unusable(`written by a newer agent, schema ${version}`);
  if (version > 0 && owner !== APPLICATION_ID) throw new Unusable('not a store of the agent');
  for (let step = version; step < schemaSteps.length; step++) {
    db.exec(
      `BEGIN; ${schemaSteps[step]} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step + 1}; COMMIT`,
    );
  }
}

/**
 * A disk that can be read and not written any more is found here, not at the first call. One that is full has room in what was set
 * aside (reserve.ts).
 */
function tryWrite(db: DatabaseSync): void {
  try {
    // The same value again: SQLite writes the page and syncs it all the same.
    db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${schemaSteps.length}; COMMIT`);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    if (sqliteCode(error) !== SQLITE.full) throw error;
  }
}

/** SQLite makes journal files with the mode of the database file, so that one `chmod` covers all. */
function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    syncFolder(machineDisk.files, dirname(path));
  } catch (error) {
    throw diskTrouble(error) === undefined ? asStartupError(error, path) : error;
  }
}

/** SQLite's primary result code of an error, if it is one of SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

/** Full, broken, or read-only: nothing that another start would mend, so that it is no reason not to start. */
export function diskTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  const bySystem = typeof code === 'string' && DISK_ERRNO.includes(code);
  const bySqlite = DISK_SQLITE.includes(sqliteCode(error) ?? 0);
  return bySystem || bySqlite ? error.message : undefined;
}

function damageOf(error: unknown): string | undefined {
  if (error instanceof Unusable) return error.message;
  const code = sqliteCode(error);
  return code === SQLITE.corrupt || code === SQLITE.notADatabase ? (error as Error).message : undefined;
}

function asStartupError(error: unknown, path: string): StartupError {
  if (error instanceof StartupError) return error;
  if (sqliteCode(error) === SQLITE.busy) {
    return new StartupError({
      code: 'store.held',
      fault: 'environment',
      say: `Another agent is already running on ${path}. Stop it first, or give this one its own --state folder.`,
    });
  }
  const why = error instanceof Error ? error.message : String(error);
  return new StartupError({
    code: 'store.open',
    fault: 'environment',
    say: `The store ${path} cannot be opened: ${why}. Check the permissions of the folder and the space on the disk.`,
  });
}
