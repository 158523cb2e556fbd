import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { officeNumber } from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';
import { KILL_TEST_LIMIT_MS, Killer } from './run-and-kill.ts';

const KILLS = 20;
const OFFICES = 3;
const SIZE = 40;

const killer = new Killer();
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(async (url) => {
    const store = await openTestStore(url);
    for (let n = 0; n < OFFICES; n++) await store.offices.add(officeNumber(n));
    await store.close();
  });
});
afterAll(async () => {
  killer.clear();
  await postgres.stop();
});

it(
  `the feed loses nothing and doubles nothing through ${KILLS} kills of two programs`,
  async () => {
    const url = await postgres.database();
    // Two programs at a time, each with batches of its own and killed at a moment of its own.
    const half = async (from: number): Promise<number> => {
      let kept = 0;
      for (let run = 0; run < KILLS / 2; run++) {
        const said = await killer.run(
          './feed-child.ts',
          [url, String(from + kept), String(SIZE), String(OFFICES)],
          { lines: 6, ms: 20 },
        );
        kept += said.filter((line) => line.startsWith('kept ')).length;
      }
      return kept;
    };
    const starts = [0, 1_000_000];
    const kept = await Promise.all(starts.map(half));
    for (const each of kept) expect(each).toBeGreaterThanOrEqual(KILLS / 2);

    const db = new pg.Client({ connectionString: url });
    await db.connect();
    const ids = await db.query<{ call_id: string }>('select call_id from charge');
    const all = new Set(ids.rows.map((row) => row.call_id));
    expect(all.size).toBe(ids.rows.length);
    for (const [lane, from] of starts.entries()) {
      const first = from * SIZE;
      for (let n = first; n < first + (kept[lane] ?? 0) * SIZE; n++) {
        expect(all.has(`use-${n}`), `use-${n} was kept`).toBe(true);
      }
    }
    // Whole batches or nothing of them, and what was counted moved with what was written.
    expect(all.size % SIZE).toBe(0);
    const sums = await db.query(
      `select (select sum(amount_micro_yen)::float8 from charge) as charged,
       (select sum(micro_yen)::float8 from spend) as spent,
       (select coalesce(sum(pieces), 0)::int from charge) as pieces,
       (select coalesce(sum(pieces), 0)::int from allowance_use) as used`,
    );
    await db.end();
    expect(sums.rows[0].spent).toBe(sums.rows[0].charged);
    expect(sums.rows[0].used).toBe(sums.rows[0].pieces);
  },
  KILL_TEST_LIMIT_MS,
);
