import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/base/clock.ts';
import type { CommandMemory } from './command-memory.ts';
import { type Reserve, withRoom } from './reserve.ts';
import { transaction } from './sqlite-outbox.ts';

/** Longer than any broker keeps a message of a minute. */
const KEPT_MS = 48 * 3_600_000;
/** More than anybody can send to a box in that time by hand. */
const KEPT_MOST = 2_000;

/** See {@link CommandMemory}; in the store file. */
export class SqliteCommandMemory implements CommandMemory {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #reserve: Pick<Reserve, 'sacrifice'>;

  constructor(db: DatabaseSync, clock: Clock, reserve: Pick<Reserve, 'sacrifice'>) {
    this.#db = db;
    this.#clock = clock;
    this.#reserve = reserve;
  }

  begin(id: string): boolean {
    const now = this.#clock.now();
    return withRoom(this.#reserve, () =>
      transaction(this.#db, () => {
        this.#db.prepare('DELETE FROM command WHERE at < ?').run(now - KEPT_MS);
        this.#db
          .prepare(
            'DELETE FROM command WHERE id IN (SELECT id FROM command ORDER BY at DESC LIMIT -1 OFFSET ?)',
          )
          .run(KEPT_MOST);
        const put = this.#db.prepare('INSERT OR IGNORE INTO command (id, at) VALUES (?, ?)').run(id, now);
        return Number(put.changes) > 0;
      }),
    );
  }

  end(id: string, result: string): void {
    try {
      withRoom(this.#reserve, () =>
        this.#db.prepare('UPDATE command SET result = ? WHERE id = ?').run(result, id),
      );
    } catch {
      // Then it is answered as one that was cut off, should it come again.
    }
  }

  result(id: string): string | undefined {
    const result = this.#db.prepare('SELECT result FROM command WHERE id = ?').get(id)?.['result'];
    return typeof result === 'string' ? result : undefined;
  }
}
