import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { numberFaults } from '../../../cloud-stub/billing/index.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { clockAt, feedRecords, officeNumber, PERIOD, PERIOD_UNTIL } from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';
import { KILL_TEST_LIMIT_MS, Killer } from './run-and-kill.ts';

const KILLS = 20;
const OFFICES = 6;
const RECORDS = 600;

const killer = new Killer();
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(async (url) => {
    const store = await openTestStore(url, { clock: clockAt(PERIOD_UNTIL) });
    for (let n = 0; n < OFFICES; n++) await store.offices.add(officeNumber(n));
    await store.directory.refresh();
    await store.feed.take(feedRecords(RECORDS, OFFICES));
    await store.close();
  });
});
afterAll(async () => {
  killer.clear();
  await postgres.stop();
});

/** Closes everything up to a period without being disturbed. */
async function closeInPeace(url: string, last: string): Promise<void> {
  const program = killer.command('./closing-child.ts', [url, last]);
  await promisify(execFile)(process.execPath, program, { env: killer.env() });
}

/** A killed program's last statement may still be under way at the server: resolves when nobody else is connected. */
async function untilAlone(db: pg.Client): Promise<void> {
  for (;;) {
    const others = await db.query(
      'select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    if (others.rowCount === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Every invoice but for its number and day of issue, and the bookings by account. */
async function bookOf(db: pg.Client): Promise<unknown> {
  const rows = await db.query<{ contract_id: string; period: string; body: string }>(
    `select contract_id, period, body from document order by contract_id, period`,
  );
  const ledger = await db.query(
    `select contract_id, period, account, detail, debit_yen, credit_yen from ledger_entry order by 1, 2, 3, 4`,
  );
  const invoices = rows.rows.map(({ body, ...key }) => {
    const { number: _number, issuedOn: _day, ...rest } = JSON.parse(body) as Record<string, unknown>;
    return { ...key, rest };
  });
  return { invoices, ledger: ledger.rows };
}

it(
  `closing loses nothing and doubles nothing through ${KILLS} kills, in two programs of two workers`,
  async () => {
    const url = await postgres.database();
    const db = new pg.Client({ connectionString: url });
    await db.connect();
    // Two programs at a time, each killed at a moment of its own.
    const half = async (): Promise<void> => {
      for (let run = 0; run < KILLS / 2; run++)
        await killer.run('./closing-child.ts', [url], { lines: 8, ms: 20 });
    };
    await Promise.all([half(), half()]);
    await untilAlone(db);
    const newest = await db.query<{ last: string }>('select max(period) as last from closing_job');
    const last = newest.rows[0]?.last ?? PERIOD;
    await closeInPeace(url, last);

    const jobs = await db.query("select 1 from closing_job where state <> 'closed'");
    expect(jobs.rowCount).toBe(0);
    const numbers = await db.query<{ number: string }>("select number from document where kind = 'invoice'");
    const series = await db.query<{ last_number: string }>(
      "select last_number from document_series where series = 'E'",
    );
    const next = Number(series.rows[0]?.last_number) + 1;
    expect(
      numberFaults(
        { series: 'E', next },
        numbers.rows.map((row) => row.number),
      ),
    ).toEqual([]);
    expect(numbers.rowCount).toBeGreaterThan(KILLS);
    const balance = await db.query('select sum(debit_yen - credit_yen)::int as left from ledger_entry');
    expect(balance.rows[0].left).toBe(0);

    const calm = await postgres.database();
    await closeInPeace(calm, last);
    const other = new pg.Client({ connectionString: calm });
    await other.connect();
    expect(await bookOf(db)).toEqual(await bookOf(other));
    await other.end();
    await db.end();
  },
  KILL_TEST_LIMIT_MS,
);
