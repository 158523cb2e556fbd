import type { DatabaseSync } from 'node:sqlite';
import { type Clock, type Instant, instant } from '../../lib/base/clock.ts';
import { type BoxRecord, boxRecord, type FaxFact } from '../../lib/contract/facts.ts';
import { OUTBOX_LIMIT, type Outbox, type OutboxCounters } from './outbox.ts';
import type { SqliteFaxLog } from './sqlite-fax-log.ts';

/** The outbox in the store file. `put` runs inside the caller's transaction. */
export class SqliteOutbox implements Outbox {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #added: (() => void)[] = [];
  readonly #faxes: SqliteFaxLog;
  #size: number;

  constructor(db: DatabaseSync, clock: Clock, faxes: SqliteFaxLog, limit: number = OUTBOX_LIMIT) {
    this.#db = db;
    this.#faxes = faxes;
    this.#clock = clock;
    this.#limit = limit;
    this.#size = this.#count();
  }

  size(): number {
    return this.#size + this.#faxes.waiting();
  }

  oldestAt(): Instant | null {
    const row = this.#db.prepare('SELECT put_at FROM outbox ORDER BY n LIMIT 1').get();
    const fax = this.#faxes.oldestAt();
    if (row === undefined) return fax;
    return instant(Math.min(Number(row['put_at']), fax ?? Number.POSITIVE_INFINITY));
  }

  next(limit: number): readonly BoxRecord[] {
    const good: BoxRecord[] = [];
    for (const row of this.#db.prepare('SELECT n, record FROM outbox ORDER BY n LIMIT ?').all(limit)) {
      const text = String(row['record']);
      const record = readRecord(text);
      if (record === undefined) this.#setAside(Number(row['n']), text);
      else good.push(record);
    }
    return good;
  }

  nextFaxes(limit: number): readonly FaxFact[] {
    return this.#faxes.next(limit);
  }

  acknowledge(ids: readonly string[]): number {
    if (ids.length === 0) return 0;
    return this.#acknowledgeRecords(ids) + this.#faxes.acknowledge(ids);
  }

  #acknowledgeRecords(ids: readonly string[]): number {
    const remove = this.#db.prepare('DELETE FROM outbox WHERE id = ?');
    const died = transaction(this.#db, () => {
      let changes = 0;
      for (const id of ids) changes += Number(remove.run(id).changes);
      if (changes > 0) this.#bump('acknowledged', changes);
      return changes;
    });
    this.#size -= died;
    return died;
  }

  onAdded(listener: () => void): void {
    this.#added.push(listener);
    this.#faxes.onAdded(listener);
  }

  counters(): OutboxCounters {
    const read = (name: string): number =>
      Number(this.#db.prepare('SELECT value FROM counter WHERE name = ?').get(name)?.['value'] ?? 0);
    return { acknowledged: read('acknowledged'), dropped: read('dropped'), damaged: read('damaged') };
  }

  /** False when the outbox is full; the record is then counted. Twice the same id is one record. */
  put(record: BoxRecord): boolean {
    if (this.#size >= this.#limit) {
      this.#bump('dropped', 1);
      return false;
    }
    this.#db
      .prepare('INSERT OR IGNORE INTO outbox (id, record, put_at) VALUES (?, ?, ?)')
      .run(record.id, JSON.stringify(record), this.#clock.now());
    return true;
  }

  /** After the transaction of `put` has ended, well or badly. */
  settled(): void {
    const before = this.#size;
    this.#size = this.#count();
    if (this.#size > before) for (const listener of this.#added) listener();
  }

  #count(): number {
    return Number(this.#db.prepare('SELECT count(*) AS rows FROM outbox').get()?.['rows'] ?? 0);
  }

  /** A row that would stop every later one from being sent is moved out of the way. */
  #setAside(n: number, text: string): void {
    transaction(this.#db, () => {
      setAside(this.#db, this.#clock, 'outbox', text);
      this.#db.prepare('DELETE FROM outbox WHERE n = ?').run(n);
    });
    this.#size--;
  }

  #bump(name: string, by: number): void {
    bumpCounter(this.#db, name, by);
  }
}

function readRecord(text: string): BoxRecord | undefined {
  try {
    const parsed = boxRecord.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an unreadable row for support and counts it. */
export function setAside(db: DatabaseSync, clock: Clock, source: string, text: string): void {
  db.prepare('INSERT INTO set_aside (source, content, at) VALUES (?, ?, ?)').run(source, text, clock.now());
  db.exec('DELETE FROM set_aside WHERE n <= (SELECT max(n) FROM set_aside) - 1000');
  bumpCounter(db, 'damaged', 1);
}

function bumpCounter(db: DatabaseSync, name: string, by: number): void {
  db.prepare(
    'INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
  ).run(name, by);
}

/** Runs `body` in one transaction; rolled back and thrown on when it throws. */
export function transaction<Value>(db: DatabaseSync, body: () => Value): Value {
  db.exec('BEGIN IMMEDIATE');
  try {
    const value = body();
    db.exec('COMMIT');
    return value;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
