import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { clockAt, feedRecord, feedRecords, officeNumber, PERIOD, PERIOD_UNTIL } from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';

const OFFICES = 3;
const NOW = clockAt(PERIOD_UNTIL);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(async (url) => {
    const store = await openTestStore(url);
    for (let n = 0; n < OFFICES; n++) await store.offices.add(officeNumber(n));
    await store.close();
  });
});
afterAll(() => postgres.stop());

async function withStore(work: (store: Store, db: pg.Client, url: string) => Promise<void>): Promise<void> {
  const url = await postgres.database();
  const store = await openTestStore(url, { clock: NOW });
  const db = new pg.Client({ connectionString: url });
  db.on('error', () => undefined);
  await db.connect();
  try {
    await work(store, db, url);
  } finally {
    await db.end();
    await store.close();
  }
}

async function books(db: pg.Client): Promise<{ charges: number; charged: number; spent: number }> {
  const answer = await db.query(
    `select (select count(*)::int from charge) as charges,
       (select coalesce(sum(amount_micro_yen), 0)::float8 from charge) as charged,
       (select coalesce(sum(micro_yen), 0)::float8 from spend) as spent`,
  );
  return answer.rows[0];
}

describe('the feed', () => {
  it('stores what it takes, rated, and a record that comes again changes nothing', () =>
    withStore(async (store, db) => {
      const records = feedRecords(500, OFFICES);
      expect(await store.feed.take(records)).toEqual({
        stored: 500,
        duplicates: 0,
        quarantined: 0,
        unpriced: 0,
      });
      const first = await books(db);
      expect(first.charges).toBe(500);
      expect(first.charged).toBeGreaterThan(0);
      expect(first.spent).toBe(first.charged);
      expect(await store.feed.take([...records].reverse())).toMatchObject({ stored: 0, duplicates: 500 });
      expect(await books(db)).toEqual(first);
    }));

  it('counts a record once that comes twice in one batch, or in two at the same time', () =>
    withStore(async (store, db) => {
      const records = feedRecords(300, OFFICES);
      const done = await Promise.all([
        store.feed.take([...records, ...records]),
        store.feed.take([...records].reverse()),
        store.feed.take(records),
      ]);
      expect(done.reduce((sum, each) => sum + each.stored, 0)).toBe(300);
      const all = await books(db);
      expect(all.charges).toBe(300);
      expect(all.spent).toBe(all.charged);
    }));

  it('loses nothing when the connection breaks between the claim and the commit', () =>
    withStore(async (store, db) => {
      // The claim waits for a lock that we hold: at that moment its rows are written and not committed.
      await store.feed.take(feedRecords(50, OFFICES));
      await db.query('begin');
      await db.query("select 1 from spend where contract_id = 'c-000001' for update");
      const records = feedRecords(200, OFFICES);
      const taken = store.feed.take(records);
      const waiting =
        "select pid from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'engawa-cloud'";
      let pids: readonly { pid: number }[] = [];
      while (pids.length === 0) pids = (await db.query<{ pid: number }>(waiting)).rows;
      for (const { pid } of pids) await db.query('select pg_terminate_backend($1)', [pid]);
      await db.query('commit');
      expect(await taken).toMatchObject({ stored: 150, duplicates: 50 });
      const all = await books(db);
      expect(all.charges).toBe(200);
      expect(all.spent).toBe(all.charged);
    }));
});

describe('a doubtful record', () => {
  const call = feedRecord(2);
  const changed = (usage: object, more: object = {}): object => ({
    ...call,
    ...more,
    usage: { ...call.usage, ...usage },
  });
  const DOUBTS: readonly (readonly [what: string, record: object, code: string, field: string])[] = [
    ['from the future', { ...call, startedAt: PERIOD_UNTIL + 3_600_000 }, 'feed.future', 'startedAt'],
    [
      'answered in the future',
      changed({ answeredAt: PERIOD_UNTIL + 3_600_000 }),
      'feed.future',
      'usage.answeredAt',
    ],
    ['of negative length', changed({ talkMs: -1 }), 'feed.negativeTalk', 'usage.talkMs'],
    [
      'of a contract that is not there',
      { ...call, contract: 'c-999999' },
      'feed.unknownContract',
      'contract',
    ],
    ['of an ID of another contract', changed({ id: 'id-000002-1' }), 'feed.foreignId', 'usage.id'],
    ['about a number of nobody', { ...call, number: '0399999999' }, 'feed.unknownNumber', 'number'],
    ['without a kind', { ...call, usage: { talkMs: 5 } }, 'feed.schema', 'usage.kind'],
    ['with a field too many', changed({ extra: 1 }), 'feed.schema', 'usage'],
    [
      'answered before it begins',
      changed({ answeredAt: call.startedAt - 1 }),
      'feed.times',
      'usage.answeredAt',
    ],
    ['talked without an answer', changed({ answeredAt: null }), 'feed.times', 'usage.talkMs'],
  ];

  it.each(DOUBTS)(
    '%s goes to quarantine with its field and rule, acknowledged once',
    (_what, record, code, field) =>
      withStore(async (store, db) => {
        const batch = [record, feedRecord(3)];
        expect(await store.feed.take(batch)).toMatchObject({ stored: 1, quarantined: 1 });
        expect(await store.feed.take(batch)).toMatchObject({ stored: 0, quarantined: 0, duplicates: 2 });
        const kept = await db.query('select code, field, rule, say, record from box_quarantine');
        expect(kept.rows).toHaveLength(1);
        expect(kept.rows[0]).toMatchObject({ code, field, record });
        expect(kept.rows[0].rule).not.toBe('');
        expect((await books(db)).charges).toBe(1);
      }),
  );

  it('of no name at all is kept too', () =>
    withStore(async (store, db) => {
      const rubbish = [null, 7, 'x', [], { usage: 1 }];
      expect(await store.feed.take(rubbish)).toMatchObject({ stored: 0, quarantined: rubbish.length });
      expect(await store.feed.take(rubbish)).toMatchObject({ quarantined: 0, duplicates: rubbish.length });
      expect((await db.query('select 1 from box_quarantine')).rowCount).toBe(rubbish.length);
    }));
});

it('writes down once that the warning share and the ceiling are reached [A-36]', () =>
  withStore(async (store, db) => {
    await db.query(
      `update contract set more = more || '{"ceiling": {"limitMicroYen": 100000000, "warnPercent": 80}}' where contract_id = 'c-000001'`,
    );
    await store.directory.refresh();
    const one = (n: number, talkMs: number): object => ({
      ...feedRecord(2),
      id: `spend-${n}`,
      usage: { ...feedRecord(2).usage, talkMs },
    });
    const levels = async (): Promise<readonly string[]> =>
      (await db.query('select level from spend_notice order by level')).rows.map((row) => row.level);
    // 8 yen per started 3 minutes: nine units are 72 yen, ten are 80, thirteen are 104.
    await store.feed.take(Array.from({ length: 9 }, (_, n) => one(n, 1_000)));
    expect(await levels()).toEqual([]);
    await store.feed.take([one(9, 1_000)]);
    expect(await levels()).toEqual(['warned']);
    await store.feed.take([one(10, 1_000), one(11, 1_000), one(12, 1_000)]);
    expect(await levels()).toEqual(['reached', 'warned']);
    expect((await db.query('select period from spend')).rows).toEqual([{ period: PERIOD }]);
  }));
