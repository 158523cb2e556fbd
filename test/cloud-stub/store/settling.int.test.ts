import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Period, periodNamed } from '../../../cloud-stub/billing/index.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { prepareRater, tariffOf } from '../../../cloud-stub/rating/index.ts';
import {
  type FeedRecord,
  type ServiceRules,
  type Store,
  standardRules,
} from '../../../cloud-stub/store/index.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { CONTRACT, FIRST } from './call-samples.ts';
import { clockAt, PERIOD, PERIOD_FROM, PERIOD_UNTIL } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

function period(name: string): Period {
  const found = periodNamed(name);
  if (found === undefined) throw new Error(`no period ${name}`);
  return found;
}
const NOVEMBER = period(PERIOD);
const DECEMBER = period('2026-12');
const ORDER = { order: 'r-1', reason: '確認' };

/** The rules while the tariff has no price for anything. */
const PRICELESS: ServiceRules = {
  ...standardRules(),
  rater: () => prepareRater({ ...tariffOf(catalogue), prices: [], uses: [] }),
};

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(async (url) => {
    await prepareExampleOffice(url);
    // 500 free sheets for the first ID.
    const db = new pg.Client({ connectionString: url });
    await db.connect();
    await db.query(
      `insert into contract_option select contract_id, 1, '["option.faxUnlimited500"]', $1, 0, null from contract`,
      [FIRST],
    );
    await db.end();
  });
});
afterAll(() => postgres.stop());

interface Books {
  readonly store: Store;
  readonly db: pg.Client;
  /** The same database at another time, or by other rules. */
  open(now: Instant, rules?: ServiceRules): Promise<Store>;
}

async function withBooks<Value>(work: (books: Books) => Promise<Value>): Promise<Value> {
  const url = await postgres.database();
  const stores: Store[] = [];
  const open = async (now: Instant, rules = standardRules()): Promise<Store> => {
    const store = await openTestStore(url, { clock: clockAt(now), rules });
    stores.push(store);
    return store;
  };
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    return await work({ store: await open(PERIOD_UNTIL), db, open });
  } finally {
    await db.end();
    for (const store of stores) await store.close();
  }
}

/** A fax from the app of the ID that has the free sheets. */
function fax(id: string, at: Instant, pages: number, talkMs: number): FeedRecord {
  return {
    id,
    contract: CONTRACT,
    startedAt: at,
    usage: {
      kind: 'fax',
      direction: 'send',
      client: 'app',
      id: FIRST,
      answeredAt: at,
      talkMs,
      pages,
      pagesConfirmed: pages,
    },
  };
}

async function close(store: Store, which: Period): Promise<void> {
  expect((await store.closing.open(which)).ok).toBe(true);
  expect(await store.closing.work(which)).toMatchObject({ failed: 0 });
}

/** Yen of each charge. */
async function charges(db: pg.Client): Promise<Readonly<Record<string, number>>> {
  const rows = await db.query<{ call_id: string; yen: number }>(
    'select call_id, (amount_micro_yen / 1000000)::float8 as yen from charge order by call_id',
  );
  return Object.fromEntries(rows.rows.map(({ call_id, yen }) => [call_id, yen]));
}

/** Yen of usage on the invoice of a period, adjustments and all. */
async function usageYen(store: Store, name: string): Promise<number> {
  const lines = (await store.documents.invoice(CONTRACT, name))?.lines ?? [];
  return lines
    .filter(({ kind }) => kind === 'usage' || kind === 'lateUsage' || kind === 'adjustment')
    .reduce((total, { amountYen }) => total + amountYen, 0);
}

describe('rating an open period again [A-08]', () => {
  // By the order of answers 10 of B's 500 sheets are over: 60 s of 3,000, two units.
  const b = fax('fax-b', japanMidnight(2026, 11, 10), 500, 3_000_000);
  const a = fax('fax-a', japanMidnight(2026, 11, 5), 10, 30_000);

  it('settles what is counted as closing does, so that closing finds it settled [S0-105] [A-13]', () =>
    withBooks(async ({ store, db }) => {
      await store.feed.take([b]);
      await store.feed.take([a]);
      expect(await charges(db)).toEqual({ 'fax-a': 20, 'fax-b': 0 });
      const spent = async () => (await db.query('select micro_yen::float8 as sum from spend')).rows[0].sum;
      for (const order of ['r-1', 'r-2']) {
        const done = await store.rerating.rerate(CONTRACT, NOVEMBER, { order, reason: '確認' });
        expect(done).toEqual({ adjustments: [], priced: 0, unpriced: 0 });
        expect(await charges(db)).toEqual({ 'fax-a': 0, 'fax-b': 40 });
        expect(await spent()).toBe(40_000_000);
      }
      await close(store, NOVEMBER);
      expect(await charges(db)).toEqual({ 'fax-a': 0, 'fax-b': 40 });
      expect(await usageYen(store, PERIOD)).toBe(40);
    }));

  it('takes back an adjustment that the settling overtook [A-08]', () =>
    withBooks(async ({ store, db }) => {
      await store.feed.take([b]);
      await store.feed.take([a]);
      // As it was written before rating again settled first.
      await db.query(
        `insert into adjustment (contract_id, adjustment_id, order_id, call_id, used_at_ms, decided_at_ms, reason,
           before, after, difference_micro_yen, trace, document)
         select contract_id, 'r-0/' || call_id, 'r-0', call_id, at_ms, 0, '', was,
           was || '{"amount": 0, "units": 0}', -amount_micro_yen, '[]', null
         from charge, jsonb_build_object('amount', amount_micro_yen, 'units', units, 'item', item, 'category', category) was
         where call_id = 'fax-a'`,
      );
      for (const order of ['r-1', 'r-2'])
        await store.rerating.rerate(CONTRACT, NOVEMBER, { order, reason: '確認' });
      expect(await store.rerating.list(CONTRACT)).toHaveLength(2);
      await close(store, NOVEMBER);
      expect(await usageYen(store, PERIOD)).toBe(40);
    }));

  it('leaves the charges of a closed period as they were sent [A-08]', () =>
    withBooks(async ({ store, db, open }) => {
      await store.feed.take([b]);
      await close(store, NOVEMBER);
      await store.feed.take([a]);
      const sent = await charges(db);
      const done = await store.rerating.rerate(CONTRACT, NOVEMBER, ORDER);
      expect(done.adjustments.map(({ id }) => id).sort()).toEqual(['r-1/fax-a', 'r-1/fax-b']);
      expect(await charges(db)).toEqual(sent);
      const then = await open(DECEMBER.until);
      await close(then, DECEMBER);
      expect((await usageYen(then, PERIOD)) + (await usageYen(then, '2026-12'))).toBe(40);
    }));

  it('counts the pieces of what had no price before [S0-104]', () =>
    withBooks(async ({ store, db, open }) => {
      const priceless = await open(PERIOD_UNTIL, PRICELESS);
      expect(await priceless.feed.take([fax('fax-c', a.startedAt as Instant, 450, 450_000)])).toMatchObject({
        unpriced: 1,
      });
      expect(await store.rerating.rerate(CONTRACT, NOVEMBER, ORDER)).toMatchObject({ priced: 1 });
      await close(store, NOVEMBER);
      await store.feed.take([fax('late', b.startedAt as Instant, 60, 60_000)]);
      // 10 of 60 sheets are over: 10 s, one unit.
      expect(await charges(db)).toEqual({ 'fax-c': 0, late: 20 });
    }));

  it('any number of times, then closing, is closing', async () => {
    const days = (PERIOD_UNTIL - PERIOD_FROM) / 86_400_000;
    const use = fc.record({
      day: fc.nat(days - 1),
      pages: fc.integer({ min: 1, max: 300 }),
      talkMs: fc.integer({ min: 1, max: 900_000 }),
      priced: fc.boolean(),
      rerated: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(use, { minLength: 2, maxLength: 8 }), async (uses) => {
        const faxes = uses.map(({ day, pages, talkMs }, n) =>
          fax(`fax-${n}`, instant(PERIOD_FROM + day * 86_400_000), pages, talkMs),
        );
        const plain = await withBooks(async ({ store, db }) => {
          for (const one of faxes) await store.feed.take([one]);
          return closed(store, db);
        });
        const again = await withBooks(async ({ store, db, open }) => {
          const priceless = await open(PERIOD_UNTIL, PRICELESS);
          let order = 0;
          const rerate = () =>
            store.rerating.rerate(CONTRACT, NOVEMBER, { order: `r-${order++}`, reason: '確認' });
          for (const [n, one] of faxes.entries()) {
            await (uses[n]?.priced ? store : priceless).feed.take([one]);
            for (let times = uses[n]?.rerated ?? 0; times > 0; times--) await rerate();
          }
          await rerate();
          return closed(store, db);
        });
        expect(again).toEqual(plain);
      }),
      { numRuns: 6, seed: 104, endOnFailure: true },
    );
  });

  /** What closing made, but for the moments. */
  async function closed(store: Store, db: pg.Client): Promise<unknown> {
    await close(store, NOVEMBER);
    const used = await db.query('select counter, pieces from allowance_use order by 1');
    const adjusted = await db.query('select adjustment_id from adjustment');
    return [
      await charges(db),
      used.rows,
      adjusted.rows,
      (await store.documents.invoice(CONTRACT, PERIOD))?.lines,
    ];
  }
});

describe('counted uses that come after the closing', () => {
  const on = (day: number): Instant => japanMidnight(2026, 11, day);

  it('are not priced by copies of what is known [S0-104] [A-13]', () =>
    withBooks(async ({ store, db }) => {
      const first = fax('use-1', on(5), 400, 400_000);
      await store.feed.take([first]);
      await close(store, NOVEMBER);
      const late = fax('use-2', on(6), 60, 180_000);
      expect(await store.feed.take([first, late, late])).toMatchObject({ stored: 1, duplicates: 2 });
      expect(await charges(db)).toEqual({ 'use-1': 0, 'use-2': 0 });
      // And once more in one batch: 40 sheets are left for 80, so that a copy would be charged with it.
      const more = fax('use-3', on(7), 80, 160_000);
      await store.feed.take([late, more, more]);
      expect(await charges(db)).toEqual({ 'use-1': 0, 'use-2': 0, 'use-3': 60 });
    }));

  it('of two batches at once are counted one after the other [S0-104]', () =>
    withBooks(async ({ store, db }) => {
      await store.feed.take([fax('use-1', on(5), 400, 400_000)]);
      await close(store, NOVEMBER);
      // Both batches stand before they commit: whoever counts without a lock has read 400 by then.
      await db.query('begin');
      await db.query('select 1 from allowance_use for update');
      const both = Promise.all([
        store.feed.take([fax('use-2', on(6), 100, 60_000)]),
        store.feed.take([fax('use-3', on(7), 100, 60_000)]),
      ]);
      const waiting =
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'engawa-cloud' and datname = current_database()";
      while ((await db.query(waiting)).rowCount !== 2);
      await db.query('commit');
      await both;
      const { 'use-2': second, 'use-3': third } = await charges(db);
      expect([second, third].sort()).toEqual([0, 40]);
    }));
});
