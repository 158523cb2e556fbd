import type { DatabaseSync } from 'node:sqlite';
import { type Clock, type Instant, instant } from '../../lib/base/clock.ts';
import type { FactId } from '../../lib/base/ids.ts';
import { type FaxFact, faxFact } from '../../lib/contract/facts.ts';
import { FAX_LOG_LIMIT, type FaxEntry, type FaxLog } from './fax-log.ts';
import { type Reserve, withRoom } from './reserve.ts';
import { setAside, transaction } from './sqlite-outbox.ts';

/** The fax log in the store file. A row stays after its acknowledgement until newer ones push it out. */
export class SqliteFaxLog implements FaxLog {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #nextId: () => FactId;
  readonly #reserve: Pick<Reserve, 'sacrifice'>;
  readonly #onTrouble: (say: string | undefined) => void;
  readonly #added: (() => void)[] = [];

  constructor(options: {
    readonly db: DatabaseSync;
    readonly clock: Clock;
    /** Of the one series of ids of this run. */
    readonly nextId: () => FactId;
    readonly reserve: Pick<Reserve, 'sacrifice'>;
    readonly onTrouble: (say: string | undefined) => void;
  }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#nextId = options.nextId;
    this.#reserve = options.reserve;
    this.#onTrouble = options.onTrouble;
  }

  write(entry: FaxEntry): void {
    const fact: FaxFact = fitting({ ...entry, id: this.#nextId() });
    try {
      withRoom(this.#reserve, () => this.#insert(fact));
      this.#onTrouble(undefined);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#onTrouble(`A fax could not be written to the log: ${why}. Check the disk.`);
      return;
    }
    for (const listener of this.#added) listener();
  }

  #insert(fact: FaxFact): void {
    transaction(this.#db, () => {
      this.#db
        .prepare('INSERT OR IGNORE INTO fax (id, fact, put_at, waits) VALUES (?, ?, ?, 1)')
        .run(fact.id, JSON.stringify(fact), this.#clock.now());
      this.#db
        .prepare('DELETE FROM fax WHERE waits = 0 AND n <= (SELECT max(n) FROM fax) - ?')
        .run(FAX_LOG_LIMIT);
      // A cloud that never takes them must not fill the disk.
      this.#db.prepare('DELETE FROM fax WHERE n <= (SELECT max(n) FROM fax) - ?').run(10 * FAX_LOG_LIMIT);
    });
  }

  list(limit: number): readonly FaxFact[] {
    const rows = this.#db.prepare('SELECT fact FROM fax ORDER BY n DESC LIMIT ?').all(limit);
    return rows.flatMap((row) => readFact(String(row['fact'])) ?? []);
  }

  onAdded(listener: () => void): void {
    this.#added.push(listener);
  }

  // --- the part of the outbox ---

  waiting(): number {
    return Number(this.#db.prepare('SELECT count(*) AS rows FROM fax WHERE waits = 1').get()?.['rows'] ?? 0);
  }

  oldestAt(): Instant | null {
    const row = this.#db.prepare('SELECT put_at FROM fax WHERE waits = 1 ORDER BY n LIMIT 1').get();
    return row === undefined ? null : instant(Number(row['put_at']));
  }

  /** The oldest that wait. A row that cannot be read is set aside. */
  next(limit: number): readonly FaxFact[] {
    const good: FaxFact[] = [];
    const rows = this.#db.prepare('SELECT n, fact FROM fax WHERE waits = 1 ORDER BY n LIMIT ?').all(limit);
    for (const row of rows) {
      const text = String(row['fact']);
      const fact = readFact(text);
      if (fact !== undefined) good.push(fact);
      else {
        setAside(this.#db, this.#clock, 'fax', text);
        this.#db.prepare('DELETE FROM fax WHERE n = ?').run(Number(row['n']));
      }
    }
    return good;
  }

  /** How many of these waited. They stay in the log. */
  acknowledge(ids: readonly string[]): number {
    const settle = this.#db.prepare('UPDATE fax SET waits = 0 WHERE id = ? AND waits = 1');
    return transaction(this.#db, () => {
      let settled = 0;
      for (const id of ids) settled += Number(settle.run(id).changes);
      return settled;
    });
  }
}

/** Texts and figures as the contract allows them: a fact that the cloud must refuse would wait for ever. */
function fitting(fact: FaxFact): FaxFact {
  const count = (value: number): number => Math.max(0, Math.round(Number.isFinite(value) ? value : 0));
  const { packets } = fact;
  return {
    ...fact,
    call: fact.call.slice(0, 40),
    serviceId: fact.serviceId.slice(0, 40),
    from: fact.from.slice(0, 40),
    to: fact.to.slice(0, 40),
    remoteIdent: fact.remoteIdent?.slice(0, 40) ?? null,
    localIdent: fact.localIdent?.slice(0, 40) ?? null,
    say: fact.say.slice(0, 300),
    trace: fact.trace.slice(0, 1_000),
    pages: count(fact.pages),
    retrains: count(fact.retrains),
    startedAt: count(fact.startedAt),
    endedAt: count(fact.endedAt),
    durationMs: count(fact.durationMs),
    packets:
      packets === null
        ? null
        : {
            sent: count(packets.sent),
            received: count(packets.received),
            recovered: count(packets.recovered),
            lost: count(packets.lost),
          },
  };
}

function readFact(text: string): FaxFact | undefined {
  try {
    const parsed = faxFact.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
