import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/base/clock.ts';

/**
 * Calls that are remembered at most, beyond that the newest: many times what can be acknowledged between two reports of spending,
 * and a megabyte on the disk.
 */
export const ACKNOWLEDGED_LIMIT = 5_000;

/** Rows of the table of single texts: a store that an older agent takes over again stays readable to it. */
const ROWS = "name >= 'acknowledged/' AND name < 'acknowledged0'";

/** An answered call out, as far as its price goes. */
export interface OutCall {
  readonly number: string;
  readonly startedAt: number;
  readonly talkMs: number;
}

/** Of a row with `number`, `started` and `talk`. */
export function outCallOf(row: Readonly<Record<string, unknown>>): OutCall {
  return { number: String(row['number']), startedAt: Number(row['started']), talkMs: Number(row['talk']) };
}

/**
 * Calls whose records the service has, and that may not be in its last report of what may be spent. Where they were forgotten at
 * once, each short return of the service would give the same money again.
 */
export class AcknowledgedCalls {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #limit: number;
  #keeps = false;

  constructor(db: DatabaseSync, clock: Clock, limit: number = ACKNOWLEDGED_LIMIT) {
    this.#db = db;
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Where there is no ceiling nothing is remembered, and what was is forgotten. */
  keep(on: boolean): void {
    this.#keeps = on;
    if (!on) this.#tryTo(() => this.#db.exec(`DELETE FROM kept WHERE ${ROWS}`));
  }

  /** In the transaction that takes these records out of the outbox, and before it does. */
  take(ids: readonly string[]): void {
    if (!this.#keeps) return;
    const take = this.#db.prepare(
      `INSERT OR REPLACE INTO kept (name, text)
       SELECT 'acknowledged/' || id, json_object(
         'number', record ->> 'to', 'startedAt', record ->> 'startedAt', 'talkMs', record ->> 'talkMs', 'at', ?)
       FROM outbox
       WHERE id = ? AND record ->> 'direction' = 'out' AND record ->> 'answeredAt' IS NOT NULL`,
    );
    let taken = 0;
    for (const id of ids) taken += Number(take.run(this.#clock.now(), id).changes);
    if (taken > 0 && this.#count() > this.#limit) this.#dropOldest();
  }

  /** The service has reckoned all that it had acknowledged before `at`. */
  reckoned(at: number): void {
    const now = this.#clock.now();
    this.#tryTo(() => {
      // Noted by a clock that was ahead: it would wait for a report that comes in a year.
      this.#db
        .prepare(`UPDATE kept SET text = json_set(text, '$.at', ?) WHERE ${ROWS} AND text ->> 'at' > ?`)
        .run(now, now);
      this.#db.prepare(`DELETE FROM kept WHERE ${ROWS} AND text ->> 'at' < ?`).run(at);
    });
  }

  *all(): Iterable<OutCall> {
    const rows = this.#db
      .prepare(
        `SELECT text ->> 'number' AS number, text ->> 'startedAt' AS started, text ->> 'talkMs' AS talk FROM kept WHERE ${ROWS}`,
      )
      .iterate();
    for (const row of rows) yield outCallOf(row);
  }

  #count(): number {
    return Number(this.#db.prepare(`SELECT count(*) AS rows FROM kept WHERE ${ROWS}`).get()?.['rows'] ?? 0);
  }

  #dropOldest(): void {
    this.#db
      .prepare(
        `DELETE FROM kept WHERE name IN
           (SELECT name FROM kept WHERE ${ROWS} ORDER BY text ->> 'at' DESC LIMIT -1 OFFSET ?)`,
      )
      .run(this.#limit);
  }

  /** What the disk does not let go is counted until the next report: too much, and never too little. */
  #tryTo(body: () => unknown): void {
    try {
      body();
    } catch {
      // Told by whoever must write: calls do, all the time.
    }
  }
}
