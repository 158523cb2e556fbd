import type { DatabaseSync } from 'node:sqlite';
import { type Clock, type Instant, instant } from '../../lib/base/clock.ts';
import type { BoxFact } from '../../lib/contract/box-facts.ts';
import { type BoxRecord, boxRecord, type FaxFact } from '../../lib/contract/facts.ts';
import { AcknowledgedCalls, type OutCall, outCallOf } from './acknowledged-calls.ts';
import { OUTBOX_LIMIT, type Outbox, type OutboxCounters } from './outbox.ts';
import { type Reserve, type ReserveState, withRoom } from './reserve.ts';
import type { SqliteFactBox } from './sqlite-fact-box.ts';
import type { SqliteFaxLog } from './sqlite-fax-log.ts';

/** The outbox in the store file. `put` runs inside the caller's transaction. */
export class SqliteOutbox implements Outbox {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #added: (() => void)[] = [];
  readonly #faxes: SqliteFaxLog;
  readonly #facts: SqliteFactBox;
  readonly #reserve: Reserve;
  readonly #acknowledged: AcknowledgedCalls;
  #size: number;
  /** Why the last record could not be written; undefined when it could. */
  #trouble: string | undefined;

  constructor(parts: {
    readonly db: DatabaseSync;
    readonly clock: Clock;
    readonly faxes: SqliteFaxLog;
    readonly facts: SqliteFactBox;
    readonly reserve: Reserve;
    /** {@link OUTBOX_LIMIT} but for tests. */
    readonly limit?: number | undefined;
  }) {
    this.#db = parts.db;
    this.#faxes = parts.faxes;
    this.#facts = parts.facts;
    this.#reserve = parts.reserve;
    this.#clock = parts.clock;
    this.#limit = parts.limit ?? OUTBOX_LIMIT;
    this.#acknowledged = new AcknowledgedCalls(parts.db, parts.clock);
    this.#size = this.#count();
  }

  size(): number {
    return this.#size + this.#faxes.waiting();
  }

  /** Call records alone: what space is set aside for. */
  records(): number {
    return this.#size;
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

  nextFacts(limit: number): readonly BoxFact[] {
    return this.#facts.next(limit);
  }

  noRoom(): string | undefined {
    if (this.#size >= this.#limit) return `${this.#size} call records wait for the service`;
    return this.#trouble;
  }

  *unreckoned(): Iterable<OutCall> {
    yield* this.#acknowledged.all();
    // Read as columns: tens of thousands of records may wait, and somebody waits to be connected.
    const rows = this.#db
      .prepare(
        "SELECT record ->> 'to' AS number, record ->> 'startedAt' AS started, record ->> 'talkMs' AS talk FROM outbox WHERE record ->> 'direction' = 'out' AND record ->> 'answeredAt' IS NOT NULL",
      )
      .iterate();
    for (const row of rows) yield outCallOf(row);
  }

  keepAcknowledged(on: boolean): void {
    this.#acknowledged.keep(on);
  }

  reckoned(at: number): void {
    this.#acknowledged.reckoned(at);
  }

  reserve(): ReserveState {
    return this.#reserve.state(this.#size);
  }

  /** The journal could not write a record, or could again. */
  trouble(say: string | undefined): void {
    this.#trouble = say;
  }

  acknowledge(ids: readonly string[]): number {
    if (ids.length === 0) return 0;
    return this.#acknowledgeRecords(ids) + this.#faxes.acknowledge(ids) + this.#facts.acknowledge(ids);
  }

  #acknowledgeRecords(ids: readonly string[]): number {
    const remove = this.#db.prepare('DELETE FROM outbox WHERE id = ?');
    const died = withRoom(this.#reserve, () =>
      transaction(this.#db, () => {
        this.#acknowledged.take(ids);
        let changes = 0;
        for (const id of ids) changes += Number(remove.run(id).changes);
        if (changes > 0) this.#bump('acknowledged', changes);
        return changes;
      }),
    );
    this.#size -= died;
    return died;
  }

  onAdded(listener: () => void): void {
    this.#added.push(listener);
    this.#faxes.onAdded(listener);
    this.#facts.onAdded(listener);
  }

  counters(): OutboxCounters {
    const read = (name: string): number => readCounter(this.#db, name);
    return { acknowledged: read('acknowledged'), dropped: read('dropped'), damaged: read('damaged') };
  }

  /** Inside the caller's transaction. Twice the same id is one record. It takes the place of what is set aside. */
  put(record: BoxRecord): void {
    this.#reserve.give(this.#size + 1);
    this.#db
      .prepare('INSERT OR IGNORE INTO outbox (id, record, put_at) VALUES (?, ?, ?)')
      .run(record.id, JSON.stringify(record), this.#clock.now());
  }

  /** After the transaction of `put` has ended, well or badly. */
  settled(): void {
    const before = this.#size;
    this.#size = this.#count();
    this.#reserve.settled();
    if (this.#size > before) for (const listener of this.#added) listener();
  }

  /** Makes room for another write of the journal; false when there is nothing to make it of. */
  makeRoom(): boolean {
    return this.#reserve.sacrifice();
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

export function readCounter(db: DatabaseSync, name: string): number {
  return Number(db.prepare('SELECT value FROM counter WHERE name = ?').get(name)?.['value'] ?? 0);
}

export function bumpCounter(db: DatabaseSync, name: string, by: number): void {
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
