import type { DatabaseSync } from 'node:sqlite';
import type { StoreTexts } from './outbox.ts';
import { type Reserve, withRoom } from './reserve.ts';

/** Single texts in the store file. */
export class SqliteTexts implements StoreTexts {
  readonly #db: DatabaseSync;
  readonly #reserve: Pick<Reserve, 'sacrifice'>;

  constructor(db: DatabaseSync, reserve: Pick<Reserve, 'sacrifice'>) {
    this.#db = db;
    this.#reserve = reserve;
  }

  read(name: string): string | undefined {
    const text = this.#db.prepare('SELECT text FROM kept WHERE name = ?').get(name)?.['text'];
    return typeof text === 'string' ? text : undefined;
  }

  write(name: string, text: string): void {
    try {
      withRoom(this.#reserve, () =>
        this.#db.prepare('INSERT OR REPLACE INTO kept (name, text) VALUES (?, ?)').run(name, text),
      );
    } catch {
      // Told by whoever must write: calls do, all the time.
    }
  }
}
