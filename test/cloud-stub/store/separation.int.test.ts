import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { periodNamed } from '../../../cloud-stub/billing/index.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import type { ContractId } from '../../../lib/base/ids.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { clockAt, feedRecords, officeNumber, PERIOD, PERIOD_UNTIL } from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';

const A = 'c-000001' as ContractId;
const B = 'c-000002' as ContractId;

let postgres: TestPostgres;
let url: string;
let store: Store;
beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.database();
  store = await openTestStore(url, { clock: clockAt(PERIOD_UNTIL) });
  for (let n = 0; n < 2; n++) await store.offices.add(officeNumber(n));
  await store.directory.refresh();
  await store.feed.take(feedRecords(40, 2));
  const period = periodNamed(PERIOD);
  if (period === undefined) throw new Error('no period');
  await store.closing.open(period);
  await store.closing.work(period);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

describe('a session of one contract', () => {
  it('sees its own charges and invoices', async () => {
    const session = store.session(A);
    expect((await session.charges(0, PERIOD_UNTIL)).length).toBeGreaterThan(0);
    expect((await session.documents()).map(({ contract }) => contract)).toEqual([A]);
  });

  it('sees nothing of another one, in no table, whatever it asks', async () => {
    const db = new pg.Client({ connectionString: url });
    await db.connect();
    const tables = await db.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'contract_id'
         and c.relname <> 'name_owner' order by 1`,
    );
    expect(tables.rowCount).toBeGreaterThan(20);
    await db.query('begin');
    await db.query(`select set_config('engawa.contract', $1, true)`, [A]);
    await db.query('set local role engawa_contract');
    let seen = 0;
    for (const { name } of tables.rows) {
      await db.query('savepoint one');
      const answer = await db
        .query(`select distinct contract_id from ${name}`)
        .catch(() => db.query('rollback to savepoint one').then(() => ({ rows: [] })));
      for (const row of answer.rows as { contract_id: string }[]) expect(row.contract_id, name).toBe(A);
      seen += answer.rows.length;
    }
    expect(seen).toBeGreaterThan(8);
    await db.query('rollback');
    await db.end();
  });

  it('cannot write, cannot read secrets, and sees nothing when it stands for nobody', async () => {
    const { sql } = await import('kysely');
    const session = store.session(A);
    await expect(
      session.ask((tx) => sql`update charge set amount_micro_yen = 0`.execute(tx)),
    ).rejects.toThrow(/read-only|permission denied/);
    await expect(session.ask((tx) => sql`select ha1_md5 from service_id`.execute(tx))).rejects.toThrow(
      'permission denied',
    );
    await expect(
      session.ask((tx) => sql`select claim_digest from gateway_claim`.execute(tx)),
    ).rejects.toThrow('permission denied');
    await expect(session.ask((tx) => sql`select * from name_owner`.execute(tx))).rejects.toThrow(
      'permission denied',
    );
    const nobody = store.session('' as ContractId);
    expect((await nobody.ask((tx) => sql`select 1 from charge`.execute(tx))).rows).toEqual([]);
  });

  it('leaves nothing of its role on the connection that it used', async () => {
    await store.session(B).documents();
    const both = await Promise.all(Array.from({ length: 12 }, () => store.offices.all()));
    for (const contracts of both) expect(contracts).toHaveLength(2);
  });
});
