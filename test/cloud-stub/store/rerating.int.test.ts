import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { periodNamed } from '../../../cloud-stub/billing/index.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { noAllowance, prepareRater, rerate, tariffOf } from '../../../cloud-stub/rating/index.ts';
import type { Tariff } from '../../../cloud-stub/rating/types.ts';
import { type ServiceRules, type Store, standardRules } from '../../../cloud-stub/store/index.ts';
import { microYen } from '../../../lib/base/units.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { CONTRACT } from './call-samples.ts';
import { clockAt, feedRecord, PERIOD, PERIOD_UNTIL } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(() => postgres.stop());

const november = periodNamed(PERIOD);
if (november === undefined) throw new Error('no period');
const december = periodNamed('2026-12');
if (december === undefined) throw new Error('no period');

/** The rules with other prices for calls. */
function rulesWith(change: (tariff: Tariff) => Tariff): ServiceRules {
  const tariff = change(tariffOf(catalogue));
  return {
    ...standardRules(),
    rater: () => prepareRater(tariff),
    rerate: (_contract, uses, order) => rerate(uses, order, tariff, noAllowance),
  };
}

const cheaper = rulesWith((tariff) => ({
  ...tariff,
  prices: tariff.prices.map((price) => ({ ...price, pricePerUnit: microYen(price.pricePerUnit / 2) })),
}));
const nothing = rulesWith((tariff) => ({ ...tariff, prices: [] }));

async function withDatabase(
  work: (open: (rules?: ServiceRules, now?: number) => Promise<Store>, db: pg.Client) => Promise<void>,
): Promise<void> {
  const url = await postgres.database();
  const stores: Store[] = [];
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await work(async (rules = standardRules(), now = PERIOD_UNTIL) => {
      const store = await openTestStore(url, { clock: clockAt(now as typeof PERIOD_UNTIL), rules });
      stores.push(store);
      return store;
    }, db);
  } finally {
    await db.end();
    for (const store of stores) await store.close();
  }
}

const call = { ...feedRecord(2), id: 'a-call' };

describe('rating again [A-08]', () => {
  it('leaves the charge as it was and writes before and after beside it, once', () =>
    withDatabase(async (open, db) => {
      const store = await open();
      await store.feed.take([call]);
      const charged = (await db.query('select * from charge')).rows;
      const again = await open(cheaper);
      const request = { order: 'r-1', reason: '料金誤り' };
      const done = await again.rerating.rerate(CONTRACT, november, request);
      expect(done.adjustments).toHaveLength(1);
      const [one] = done.adjustments;
      expect(one?.differenceMicroYen).toBe(-(one?.before.amount ?? 0) / 2);
      expect((await again.rerating.rerate(CONTRACT, november, request)).adjustments).toEqual([]);
      expect((await db.query('select * from charge')).rows).toEqual(charged);
      expect(await again.rerating.list(CONTRACT)).toHaveLength(1);
      const spent = await db.query('select micro_yen::float8 as sum from spend');
      expect(spent.rows[0].sum).toBe(one?.after.amount);
    }));

  it('of a closed period is on the next invoice, once', () =>
    withDatabase(async (open) => {
      const store = await open();
      await store.feed.take([call]);
      await store.closing.open(november);
      await store.closing.work(november);
      const sent = await store.documents.list(CONTRACT);
      const later = await open(cheaper, december.until);
      await later.rerating.rerate(CONTRACT, november, { order: 'r-1', reason: '料金誤り' });
      await later.closing.open(december);
      await later.closing.work(december);
      const invoice = await later.documents.invoice(CONTRACT, '2026-12');
      const lines = invoice?.lines.filter((line) => line.kind === 'adjustment') ?? [];
      expect(lines).toHaveLength(1);
      expect(lines[0]?.exactMicroYen).toBeLessThan(0);
      expect((await later.documents.list(CONTRACT))[0]).toEqual(sent[0]);
      expect((await later.rerating.list(CONTRACT))[0]?.document).toBe(invoice?.number);
    }));

  it('charges what had no price when there is one', () =>
    withDatabase(async (open, db) => {
      const store = await open(nothing);
      expect(await store.feed.take([call])).toMatchObject({ stored: 0, unpriced: 1 });
      expect(await store.feed.take([call])).toMatchObject({ stored: 0, unpriced: 0, duplicates: 1 });
      const priced = await open();
      const request = { order: 'r-1', reason: '料金の追加' };
      expect(await priced.rerating.rerate(CONTRACT, november, request)).toMatchObject({
        priced: 1,
        adjustments: [],
      });
      expect(await priced.rerating.rerate(CONTRACT, november, request)).toMatchObject({ priced: 0 });
      const rows = await db.query('select kind, at_ms, talk_ms from charge');
      expect(rows.rows).toHaveLength(1);
      expect(rows.rows[0]).toMatchObject({ kind: 'out' });
    }));
});
