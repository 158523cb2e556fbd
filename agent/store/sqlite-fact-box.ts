import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/base/clock.ts';
import type { FactId } from '../../lib/base/ids.ts';
import { type BoxFact, boxFact } from '../../lib/contract/box-facts.ts';
import { FACT_LIMITS, FACT_ORDER, type FactBox, type FactEntry } from './fact-box.ts';
import { bumpCounter, readCounter, transaction } from './sqlite-outbox.ts';

/**
 * Facts that may be lost, in the store file. They are written without waiting for the disk (synchronous=NORMAL): a power cut may
 * take the last of them, and never a call record with them.
 */
export class SqliteFactBox implements FactBox {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #nextId: () => FactId;
  readonly #added: (() => void)[] = [];
  #size: number;
  /** Not even counted on disk. */
  #unwritten = 0;

  constructor(db: DatabaseSync, clock: Clock, nextId: () => FactId) {
    this.#db = db;
    this.#clock = clock;
    this.#nextId = nextId;
    this.#size = this.#count();
  }

  write(entry: FactEntry): void {
    const dropped = readCounter(this.#db, 'dropped') + this.#unwritten;
    const id = this.#nextId();
    const parsed = boxFact.safeParse(
      entry.kind === 'counters' ? { ...entry, id, dropped } : { ...entry, id },
    );
    // What the service must refuse would wait for ever.
    if (!parsed.success) {
      this.#unwritten++;
      return;
    }
    const { kind } = parsed.data;
    try {
      this.#lightly(() => {
        this.#db
          .prepare('INSERT INTO fact (id, kind, fact, put_at) VALUES (?, ?, ?, ?)')
          .run(id, kind, JSON.stringify(parsed.data), this.#clock.now());
        const pushedOut = Number(
          this.#db
            .prepare(
              'DELETE FROM fact WHERE kind = ?1 AND n <= (SELECT n FROM fact WHERE kind = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)',
            )
            .run(kind, FACT_LIMITS[kind]).changes,
        );
        // A state that a newer one takes the place of is no loss.
        if (pushedOut > 0 && kind !== 'state') bumpCounter(this.#db, 'dropped', pushedOut);
      });
    } catch {
      this.#unwritten++;
      return;
    }
    this.#size = this.#count();
    for (const listener of this.#added) listener();
  }

  onAdded(listener: () => void): void {
    this.#added.push(listener);
  }

  // --- the part of the outbox ---

  waiting(): number {
    return this.#size;
  }

  next(limit: number): readonly BoxFact[] {
    const good: BoxFact[] = [];
    for (const kind of FACT_ORDER) {
      const rows = this.#db
        .prepare('SELECT n, fact FROM fact WHERE kind = ? ORDER BY n LIMIT ?')
        .all(kind, Math.max(0, limit - good.length));
      for (const row of rows) {
        const fact = readFact(String(row['fact']));
        if (fact !== undefined) good.push(fact);
        else this.#db.prepare('DELETE FROM fact WHERE n = ?').run(Number(row['n']));
      }
    }
    return good;
  }

  acknowledge(ids: readonly string[]): number {
    const remove = this.#db.prepare('DELETE FROM fact WHERE id = ?');
    let died = 0;
    this.#lightly(() => {
      for (const id of ids) died += Number(remove.run(id).changes);
    });
    if (died > 0) this.#size = this.#count();
    return died;
  }

  #lightly(body: () => void): void {
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      transaction(this.#db, body);
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  #count(): number {
    return Number(this.#db.prepare('SELECT count(*) AS rows FROM fact').get()?.['rows'] ?? 0);
  }
}

function readFact(text: string): BoxFact | undefined {
  try {
    const parsed = boxFact.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
