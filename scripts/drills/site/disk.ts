import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { DiskFiles, StoreDisk } from '../../../agent/store/index.ts';
import type { Program, World } from './world.ts';

/** How the disk of a box is. */
export interface DiskHealth {
  full: boolean;
  /** Most that a write takes; none of it while the disk is well. */
  slowMs: number;
}

/** Writes that a kill may be aimed at: those of records and configurations, not what is laid aside or counted. */
const OF_RECORDS = /\b(leg|outbox)\b|^commit|^rename|^link|^write/i;
/** Handles of files that nobody writes to any more. */
const NOWHERE = -1;
const SQLITE_FULL = 13;

/** Told of every record that is on disk, and of every one that is let go. */
export interface DiskWitness {
  begun(id: string): void;
  forgotten(id: string): void;
}

/**
 * The disk of a box as one run of the agent sees it. The files are real and SQLite is SQLite; writes may be slow or find
 * no room, and after the run was killed, at whichever write that was, nothing that it does reaches the disk.
 */
export function simulatedDisk(program: Program, health: DiskHealth, witness: DiskWitness): StoreDisk {
  return {
    files: simulatedFiles(program, health),
    database: (path) => new SimDatabase(path, program, health, witness),
  };
}

function write(program: Program, health: DiskHealth, what: string): boolean {
  if (!program.step(what, OF_RECORDS.test(what))) return false;
  if (health.slowMs > 0) program.occupy(program.world.between(0, health.slowMs));
  return true;
}

function simulatedFiles(program: Program, health: DiskHealth): DiskFiles {
  const writes = (what: string): boolean => write(program, health, what);
  return {
    existsSync,
    readFileSync: (path, encoding) => readFileSync(path, encoding),
    openSync(path, flags, mode) {
      if (flags === 'r') return openSync(path, flags);
      return writes(`open ${nameOf(path)}`) ? openSync(path, flags, mode) : NOWHERE;
    },
    writeSync(handle, bytes, offset) {
      const length = bytes.length - offset;
      if (handle === NOWHERE) return length;
      // A kill in the middle leaves a part of it.
      if (!writes('write a file')) {
        writeSync(handle, bytes, offset, Math.floor(program.world.random.fraction() * length));
        return length;
      }
      if (health.full) {
        writeSync(handle, bytes, offset, Math.floor(program.world.random.fraction() * length));
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      }
      return writeSync(handle, bytes, offset);
    },
    fsyncSync(handle) {
      if (handle !== NOWHERE && writes('sync a file')) fsyncSync(handle);
    },
    closeSync(handle) {
      if (handle !== NOWHERE) closeSync(handle);
    },
    linkSync(path, other) {
      if (writes(`link ${nameOf(other)}`)) linkSync(path, other);
    },
    renameSync(path, other) {
      if (writes(`rename to ${nameOf(other)}`)) renameSync(path, other);
    },
    rmSync(path, options) {
      if (writes(`remove ${nameOf(path)}`)) rmSync(path, options);
    },
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const WRITES = /^\s*(insert|update|delete|begin|commit|pragma \w+ *=|create)/i;

/** SQLite whose program may die before any statement. */
class SimDatabase extends DatabaseSync {
  readonly #program: Program;
  readonly #health: DiskHealth;
  readonly #witness: DiskWitness;
  readonly #statements = new Map<string, StatementSync>();
  /** The machine's own, by their words. They hold the database for as long as they are held: none outlives its closing. */
  readonly #real = new Map<string, StatementSync>();
  #waiting: (() => void)[] = [];

  constructor(path: string, program: Program, health: DiskHealth, witness: DiskWitness) {
    super(path, { timeout: 0 });
    this.#program = program;
    this.#health = health;
    this.#witness = witness;
    // The machine closes the files of who was killed, and SQLite takes back what was not committed.
    program.onDeath(() => {
      if (!this.isOpen) return;
      if (this.isTransaction) super.exec('ROLLBACK');
      this.close();
    });
  }

  override exec(sql: string): void {
    if (!this.#allowed(sql)) return;
    super.exec(sql);
    if (/^\s*commit/i.test(sql)) this.#tell();
    if (/^\s*rollback/i.test(sql)) this.#waiting = [];
  }

  override close(): void {
    this.#statements.clear();
    this.#real.clear();
    if (this.isOpen) super.close();
  }

  override prepare(sql: string): StatementSync {
    if (!this.#program.alive) return DEAD;
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    this.#real.set(sql, super.prepare(sql));
    const real = () => (this.#program.alive && this.isOpen ? this.#real.get(sql) : undefined);
    const statement = {
      run: (...values: Parameters<StatementSync['run']>) => {
        if (!this.#allowed(sql)) return NOTHING_DONE;
        const done = real()?.run(...values) ?? NOTHING_DONE;
        this.#look(sql, values, Number(done.changes));
        return done;
      },
      get: (...values: Parameters<StatementSync['get']>) => {
        return real()?.get(...values);
      },
      iterate: (...values: Parameters<StatementSync['iterate']>) => {
        return real()?.iterate(...values) ?? [][Symbol.iterator]();
      },
      all: (...values: Parameters<StatementSync['all']>) => {
        return real()?.all(...values) ?? [];
      },
    };
    this.#statements.set(sql, statement as StatementSync);
    return statement as StatementSync;
  }

  #allowed(sql: string): boolean {
    if (!this.isOpen) return false;
    if (!WRITES.test(sql)) return this.#program.alive;
    if (!write(this.#program, this.#health, sql.trim().replaceAll(/\s+/g, ' '))) return false;
    if (this.#health.full && !/^\s*(begin|pragma|delete)/i.test(sql)) {
      throw Object.assign(new Error('database or disk is full'), { errcode: SQLITE_FULL });
    }
    return true;
  }

  #look(sql: string, values: readonly unknown[], changes: number): void {
    if (changes === 0) return;
    const id = String(values[0]);
    if (/^\s*insert into leg /i.test(sql)) this.#later(() => this.#witness.begun(id));
    if (/^\s*delete from outbox where id/i.test(sql)) this.#later(() => this.#witness.forgotten(id));
  }

  /** Once it is committed. */
  #later(tell: () => void): void {
    this.#waiting.push(tell);
    if (!this.isTransaction) this.#tell();
  }

  #tell(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }
}

const NOTHING_DONE = { changes: 0, lastInsertRowid: 0 };
const DEAD = { run: () => NOTHING_DONE, get: () => undefined, all: () => [] } as unknown as StatementSync;

/** Writes scrap over the middle of a file, as a dying disk does. */
export function damage(world: World, path: string): void {
  const bytes = readFileSync(path);
  if (bytes.length === 0) return;
  const handle = openSync(path, 'r+');
  const at = Math.floor(world.random.fraction() * bytes.length * 0.9);
  writeSync(handle, world.random.bytes(Math.min(2_000, bytes.length - at)), 0, undefined, at);
  closeSync(handle);
}
