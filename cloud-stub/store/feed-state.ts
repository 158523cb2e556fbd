import type pg from 'pg';
import { instant } from '../../lib/base/clock.ts';
import { type Period, periodOf } from '../billing/index.ts';
import type { Accounts } from './accounts.ts';
import type { FeedRecord } from './feed-record.ts';
import { type FeedState, isCounted, useKey } from './feed-rows.ts';

/** Last closed period by contract. */
type Closed = ReadonlyMap<string, string>;

/**
 * Holds the contracts of a batch against closing, and reads what rating depends on. What is counted in a period that is
 * closed is never settled: the price it gets now is billed. [S0-104] So the books must say exactly what is used
 * up, without what the batch brings again and with what other batches bring at this moment.
 */
export async function readState(
  client: pg.PoolClient,
  good: readonly FeedRecord[],
  accounts: Accounts,
  periods: PeriodCache,
): Promise<FeedState> {
  for (const record of good) periods.at(momentOf(record));
  const { closed, late } = await hold(client, good, periods);
  return {
    closed,
    known: await knownOf(client, late),
    used: await usedBy(client, contractsOf(good), periods.names()),
    account: (contract) => accounts.of(contract),
    periodOf: (atMs) => periods.at(atMs).name,
  };
}

/**
 * Batches share their contracts, but for one with counted uses of a closed period: it waits until it has its contracts
 * alone. It takes all of them so, in one order, as two batches that held some shared and some alone could wait for each
 * other; and it lets go of its shares first, for the same reason. Nothing is written at that time.
 */
async function hold(
  client: pg.PoolClient,
  good: readonly FeedRecord[],
  periods: PeriodCache,
): Promise<{ readonly closed: Closed; readonly late: readonly FeedRecord[] }> {
  const contracts = contractsOf(good);
  const shared = await lock(client, contracts, 'share');
  if (lateCounted(good, shared, periods).length === 0) return { closed: shared, late: [] };
  await client.query('rollback');
  await client.query('begin');
  const closed = await lock(client, contracts, 'no key update');
  return { closed, late: lateCounted(good, closed, periods) };
}

async function lock(
  client: pg.PoolClient,
  contracts: readonly string[],
  how: 'share' | 'no key update',
): Promise<Closed> {
  const { rows } = await client.query<{ contract_id: string; closed_period: string }>(
    `select contract_id, closed_period from contract where contract_id = any($1) order by contract_id for ${how}`,
    [contracts],
  );
  return new Map(rows.map((row) => [row.contract_id, row.closed_period]));
}

/** Counted uses after the invoice of their period. */
function lateCounted(
  records: readonly FeedRecord[],
  closed: Closed,
  periods: PeriodCache,
): readonly FeedRecord[] {
  return records.filter((record) => {
    if (!isCounted(record.usage)) return false;
    const last = closed.get(record.contract) ?? '';
    return last !== '' && periods.at(momentOf(record)).name <= last;
  });
}

/** Which of them have a charge. The contracts are held: none is written meanwhile. */
async function knownOf(client: pg.PoolClient, records: readonly FeedRecord[]): Promise<ReadonlySet<string>> {
  if (records.length === 0) return new Set();
  const { rows } = await client.query<{ contract_id: string; call_id: string }>(
    `select contract_id, call_id from charge
     join unnest($1::text[], $2::text[]) as r (contract_id, call_id) using (contract_id, call_id)`,
    [records.map(({ contract }) => contract), records.map(({ id }) => id)],
  );
  return new Set(rows.map((row) => useKey(row.contract_id, row.call_id)));
}

async function usedBy(
  client: pg.PoolClient,
  contracts: readonly string[],
  periods: readonly string[],
): Promise<FeedState['used']> {
  const { rows } = await client.query<{ key: string; counter: string; pieces: number }>(
    `select contract_id || ' ' || period as key, counter, pieces from allowance_use
     where contract_id = any($1) and period = any($2)`,
    [contracts, periods],
  );
  const counters = new Map<string, Record<string, number>>();
  for (const { key, counter, pieces } of rows) {
    counters.set(key, { ...counters.get(key), [counter]: pieces });
  }
  return counters;
}

function contractsOf(records: readonly FeedRecord[]): readonly string[] {
  return [...new Set(records.map(({ contract }) => contract))].sort();
}

/** Periods that a batch touches: mostly one, looked up once. */
export class PeriodCache {
  readonly #known = new Map<string, Period>();
  #last: Period | undefined;

  at(atMs: number): Period {
    if (this.#last !== undefined && atMs >= this.#last.from && atMs < this.#last.until) return this.#last;
    const found = periodOf(instant(atMs));
    this.#known.set(found.name, found);
    this.#last = found;
    return found;
  }

  all(): readonly Period[] {
    return [...this.#known.values()];
  }

  names(): readonly string[] {
    return [...this.#known.keys()];
  }
}

/** The time that decides the period. */
function momentOf({ usage, startedAt }: FeedRecord): number {
  return 'at' in usage ? usage.at : (usage.answeredAt ?? startedAt);
}
