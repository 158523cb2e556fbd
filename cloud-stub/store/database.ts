import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { postgresError, tryAgain } from './postgres-errors.ts';
import type { Tables } from './schema.ts';

export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** Connections to PostgreSQL that the service holds at most. */
const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 3_000;
/** A statement that runs longer is broken off: no query of the service needs as much. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** PostgreSQL's type number of int8. */
const INT8 = 20;

/** What the work on a database needs from outside. */
export interface DatabaseNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A pool, its query builder, and transactions that are tried again. */
export class Database {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly #needs: DatabaseNeeds;
  #closing = false;

  constructor(url: string, needs: DatabaseNeeds) {
    this.#needs = needs;
    this.pool = new pg.Pool({
      connectionString: url,
      max: POOL_SIZE,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      application_name: 'engawa-cloud',
      types: { getTypeParser: parserOf },
    });
    // Without these listeners a connection that dies, idle or in the middle of a transaction, would end the process.
    this.pool.on('error', (error) => needs.log.warn({ err: error }, 'an idle database connection was lost'));
    this.pool.on('connect', (client) => {
      client.on('error', (error) => needs.log.warn({ err: error }, 'a database connection was lost'));
    });
    this.db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.pool }) });
  }

  /**
   * Runs `work` in one transaction and again when PostgreSQL says that a repetition can help: serialization failures,
   * deadlocks and lost connections. `work` must therefore bear being run twice, also when the first commit did happen
   * and only its answer was lost. Throws the last error after `limitMs`.
   */
  transaction<Value>(name: string, work: (tx: Tx) => Promise<Value>, limitMs = 10_000): Promise<Value> {
    return this.#again(name, limitMs, () => this.db.transaction().execute(work));
  }

  /** As {@link transaction}, on the driver itself: for COPY. `prepare` runs before the transaction begins. */
  rawTransaction<Value>(
    name: string,
    prepare: (client: pg.PoolClient) => Promise<void>,
    work: (client: pg.PoolClient) => Promise<Value>,
    limitMs = 60_000,
  ): Promise<Value> {
    return this.#again(name, limitMs, async () => {
      const client = await this.pool.connect();
      let broken: Error | undefined;
      try {
        await prepare(client);
        await client.query('begin');
        const value = await work(client);
        await client.query('commit');
        return value;
      } catch (error) {
        await client.query('rollback').catch((failed: Error) => {
          broken = failed;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  async #again<Value>(name: string, limitMs: number, once: () => Promise<Value>): Promise<Value> {
    const { clock, random, log } = this.#needs;
    const deadline = clock.monotonicMs() + limitMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await once();
      } catch (error) {
        const waitMs = Math.round(random.fraction() * Math.min(1_000, 20 * 2 ** Math.min(attempt, 10)));
        if (this.#closing || !tryAgain(error) || clock.monotonicMs() + waitMs > deadline) throw error;
        log.warn({ name, attempt, code: postgresError(error)?.code }, 'a transaction is tried again');
        await pause(clock, waitMs);
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await this.db.destroy();
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, 'database retry', resolve);
  });
}

/** int8 as a number, refused when a double cannot hold it exactly. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 out of range: ${text}`);
  return value;
}

function parserOf(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8 && format !== 'binary') return parseInt8;
  return pg.types.getTypeParser(oid, 'text') as (text: string) => unknown;
}
