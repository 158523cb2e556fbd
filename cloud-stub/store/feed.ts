import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Clock } from '../../lib/base/clock.ts';
import type { Accounts } from './accounts.ts';
import type { Database } from './database.ts';
import { type FeedDoubt, type FeedRecord, type ReadFeed, readFeed } from './feed-record.ts';
import { feedRows, STAGED_COLUMNS } from './feed-rows.ts';
import { PeriodCache, readState } from './feed-state.ts';
import { NO_CONTRACT } from './schema.ts';
import { levelsReached } from './spend-book.ts';
import { usageColumns } from './usage-row.ts';

/** Records that are claimed and written in one transaction. */
const FEED_BATCH = 5_000;
/** Contracts are read again for names that are not known at most so often. */
const REFRESH_EVERY_MS = 5_000;

/** What happened to records; all of them are committed, so all may be acknowledged. */
export interface FeedOutcome {
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Kept, without charge: the catalogue has no price for them. */
  readonly unpriced: number;
}

/** What the feed needs from outside. */
export interface FeedNeeds {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** Reads the contracts again. */
  readonly refresh: () => Promise<void>;
}

type Doubtful = Extract<ReadFeed, { kind: 'doubtful' }>;

/**
 * Uses on their way into the books, by COPY. Each batch is claimed, rated and written in one transaction: when the
 * promise resolves, everything is committed once, as a charge, as something without a price, or in quarantine; when it
 * rejects, the batch that failed left no trace and may be sent again. Nothing is ever claimed before it is written.
 */
export class Feed {
  readonly #needs: FeedNeeds;
  readonly #prepared = new WeakSet<pg.PoolClient>();
  #refreshedMs = Number.NEGATIVE_INFINITY;

  constructor(needs: FeedNeeds) {
    this.#needs = needs;
  }

  /** Takes records of any contracts, in any order, as often as they come. */
  async take(records: readonly unknown[]): Promise<FeedOutcome> {
    const total = { stored: 0, duplicates: 0, quarantined: 0, unpriced: 0 };
    for (let from = 0; from < records.length; from += FEED_BATCH) {
      const done = await this.#batch(records.slice(from, from + FEED_BATCH));
      total.stored += done.stored;
      total.duplicates += done.duplicates;
      total.quarantined += done.quarantined;
      total.unpriced += done.unpriced;
    }
    return total;
  }

  /** Why a record would be doubted now; undefined when it would be believed. */
  judge(record: unknown): FeedDoubt | undefined {
    const read = readFeed(record, this.#needs.accounts, this.#needs.clock.now());
    return read.kind === 'doubtful' ? read.doubt : undefined;
  }

  async #batch(values: readonly unknown[]): Promise<FeedOutcome> {
    const read = await this.#read(values);
    const good: FeedRecord[] = [];
    const doubtful: Doubtful[] = [];
    for (const one of read) {
      if (one.kind === 'good') good.push(one.record);
      else doubtful.push(one);
    }
    // One order for everybody, so that two batches never wait for each other.
    good.sort((left, right) => compare(left.contract, right.contract) || compare(left.id, right.id));
    const { database } = this.#needs;
    return database.rawTransaction(
      'feed',
      (client) => this.#prepare(client),
      (client) => this.#write(client, good, doubtful),
    );
  }

  /** Names that are not known may be newer than our picture of the contracts. */
  async #read(values: readonly unknown[]): Promise<readonly ReadFeed[]> {
    const { accounts, clock, refresh } = this.#needs;
    const read = values.map((value) => readFeed(value, accounts, clock.now()));
    const strange = read.some((one) => one.kind === 'doubtful' && NAMES.has(one.doubt.code));
    if (!strange || clock.monotonicMs() - this.#refreshedMs < REFRESH_EVERY_MS) return read;
    this.#refreshedMs = clock.monotonicMs();
    await refresh();
    return values.map((value) => readFeed(value, accounts, clock.now()));
  }

  async #prepare(client: pg.PoolClient): Promise<void> {
    if (this.#prepared.has(client)) return;
    await client.query(STAGING);
    this.#prepared.add(client);
  }

  async #write(
    client: pg.PoolClient,
    good: readonly FeedRecord[],
    doubtful: readonly Doubtful[],
  ): Promise<FeedOutcome> {
    const nowMs = this.#needs.clock.now();
    const periods = new PeriodCache();
    const state = await readState(client, good, this.#needs.accounts, periods);
    const { copy, unpriced } = feedRows(good, state);
    await copyInto(client, copy);
    const stored = await this.#claim(client, periods, nowMs);
    const fresh = await insertUnpriced(client, unpriced, nowMs);
    const quarantined = await insertDoubtful(client, doubtful, nowMs, this.#needs.accounts);
    return {
      stored,
      unpriced: fresh,
      quarantined,
      duplicates: good.length - stored - fresh + doubtful.length - quarantined,
    };
  }

  /** Claims by writing: what is there already is a duplicate. What is used of ceilings and allowances moves along. */
  async #claim(client: pg.PoolClient, periods: PeriodCache, nowMs: number): Promise<number> {
    const all = periods.all();
    const names = all.map(({ name }) => name);
    const from = all.map((period) => period.from);
    const until = all.map((period) => period.until);
    const answer = await client.query<{ contract_id: string; period: string; count: number; spent: number }>(
      CLAIM,
      [nowMs, names, from, until],
    );
    const { accounts } = this.#needs;
    for (const row of answer.rows) {
      for (const notice of levelsReached(accounts.of(row.contract_id).ceiling, row.spent)) {
        await client.query(
          `insert into spend_notice (contract_id, period, level, at_ms, spent_micro_yen, limit_micro_yen)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
          [row.contract_id, row.period, notice.level, nowMs, row.spent, notice.limitMicroYen],
        );
      }
    }
    return answer.rows.reduce((total, row) => total + row.count, 0);
  }
}

const NAMES: ReadonlySet<string> = new Set(['feed.unknownContract', 'feed.foreignId', 'feed.unknownNumber']);

const STAGING = `create temp table if not exists feed_staging (
  contract_id text, call_id text, kind text, service_id text, device text, destination text, at_ms int8, talk_ms int8,
  answered boolean, number text, own_number text, facts jsonb, amount_micro_yen int8, units int8, item text,
  category text, counter text, pieces int4, late boolean) on commit delete rows`;

const COLUMNS = STAGED_COLUMNS.join(', ');

const CLAIM = `
with claimed as (
  insert into charge (${COLUMNS}, source, rated_at_ms)
  select ${COLUMNS}, 'feed', $1::int8 from feed_staging
  on conflict (contract_id, call_id) do nothing
  returning contract_id, at_ms, amount_micro_yen, counter, pieces),
span as (select * from unnest($2::text[], $3::int8[], $4::int8[]) as s (period, from_ms, until_ms)),
dated as (
  select c.contract_id, s.period, c.amount_micro_yen, c.counter, c.pieces
  from claimed c join span s on c.at_ms >= s.from_ms and c.at_ms < s.until_ms),
sums as (
  select contract_id, period, count(*)::int4 as count, sum(amount_micro_yen)::int8 as amount
  from dated group by contract_id, period),
used as (
  insert into allowance_use (contract_id, period, counter, pieces)
  select contract_id, period, counter, sum(pieces)::int8 from dated where counter is not null
  group by contract_id, period, counter order by 1, 2, 3
  on conflict (contract_id, period, counter) do update set pieces = allowance_use.pieces + excluded.pieces
  returning 1),
spent as (
  insert into spend (contract_id, period, micro_yen)
  select contract_id, period, amount from sums order by 1, 2
  on conflict (contract_id, period) do update set micro_yen = spend.micro_yen + excluded.micro_yen
  returning contract_id, period, micro_yen)
select sums.contract_id, sums.period, sums.count, spent.micro_yen as spent
from sums join spent using (contract_id, period)`;

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

async function copyInto(client: pg.PoolClient, rows: string): Promise<void> {
  if (rows === '') return;
  const stream = client.query(copyFrom(`copy feed_staging (${COLUMNS}) from stdin`));
  const done = once(stream, 'finish');
  stream.end(rows);
  await done;
}

/** Kept with its facts until the catalogue has a price and somebody rates it again. */
async function insertUnpriced(
  client: pg.PoolClient,
  records: readonly FeedRecord[],
  nowMs: number,
): Promise<number> {
  if (records.length === 0) return 0;
  const rows = records.map((record) => ({
    contract_id: record.contract,
    call_id: record.id,
    facts: usageColumns(record.usage, record.startedAt),
  }));
  const done = await client.query(
    `insert into unrated_call (contract_id, call_id, code, say, trace, rated_at_ms, facts)
     select contract_id, call_id, 'rating.noPrice', 'The tariff has no price for it.', '[]', $2, facts
     from jsonb_to_recordset($1::jsonb) as r (contract_id text, call_id text, facts jsonb)
     on conflict (contract_id, call_id) do nothing`,
    [JSON.stringify(rows), nowMs],
  );
  return done.rowCount ?? 0;
}

async function insertDoubtful(
  client: pg.PoolClient,
  doubtful: readonly Doubtful[],
  nowMs: number,
  accounts: Accounts,
): Promise<number> {
  if (doubtful.length === 0) return 0;
  const rows = doubtful.map(({ id, contract, doubt, record }) => ({
    contract_id: contract !== undefined && accounts.knows(contract) ? contract : NO_CONTRACT,
    record_id: id ?? `nameless/${digest(record)}`,
    ...doubt,
    record: record ?? null,
  }));
  const done = await client.query(
    `insert into box_quarantine (contract_id, record_id, gateway_id, code, say, record, received_at_ms, field, rule, source)
     select contract_id, record_id, '-', code, say, coalesce(record, 'null'), $2, field, rule, 'feed'
     from jsonb_to_recordset($1::jsonb)
       as r (contract_id text, record_id text, code text, say text, record jsonb, field text, rule text)
     on conflict (contract_id, record_id) do nothing`,
    [JSON.stringify(rows), nowMs],
  );
  return done.rowCount ?? 0;
}

/** A record that has no id gets one from what it says, so that it is kept once. */
function digest(record: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(record) ?? '')
    .digest('hex')
    .slice(0, 32);
}
