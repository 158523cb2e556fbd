import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, shippedMigrations } from '../../../cloud-stub/store/migrate.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { StartupError } from '../../../lib/base/errors.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { openTestStore } from './open-test-store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function withPool<Value>(work: (pool: pg.Pool) => Promise<Value>): Promise<Value> {
  const pool = new pg.Pool({ connectionString: await postgres.database(), max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

async function withFolder<Value>(files: Record<string, string>, work: (folder: string) => Promise<Value>) {
  const folder = mkdtempSync('/tmp/engawa-migrations-');
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof StartupError && error.coded.code === code;

describe('migrations', () => {
  it('make the schema once, and do nothing the second time', () =>
    withPool(async (pool) => {
      const shipped = await shippedMigrations();
      expect(await migrate(pool, systemClock, shipped)).toEqual(shipped.map(({ name }) => name));
      expect(await migrate(pool, systemClock, shipped)).toEqual([]);
      const rows = await pool.query('select number, sha256 from schema_migration');
      expect(rows.rows).toEqual(shipped.map(({ number, sha256 }) => ({ number, sha256 })));
    }));

  it('keep who rings by which number, and until when it is held, when numbers may be held again', () =>
    withPool(async (pool) => {
      const shipped = await shippedMigrations();
      await migrate(
        pool,
        systemClock,
        shipped.filter(({ number }) => number < 8),
      );
      await pool.query(`
        insert into contract (contract_id, name_ja, name_en, state, model, emergency, identity_verified, created_at_ms)
          values ('c-000001', '縁側', 'Engawa', 'active', 'current', 'supported', true, 1);
        insert into device (contract_id, device_id, kind, items, held_from_ms) values ('c-000001', 'd-1', 'adapter', '[]', 1);
        insert into service_id (contract_id, service_id, role, device_id, extension, label, presents, realm,
            sip_password_sealed, ha1_md5, ha1_sha256, held_from_ms)
          values ('c-000001', 'id-000001-1', 'base', 'd-1', '11', '', '0355550100', 'r', '', '', '', 1);
        insert into phone_number (contract_id, number, role, ported_in, held_from_ms, held_until_ms)
          values ('c-000001', '0355550100', 'contract', false, 7, 99);
        insert into number_ring values ('c-000001', '0355550100', 'id-000001-1');
        insert into name_owner values ('number', '0355550100', 'c-000001'), ('gateway', 'gw-000001', 'c-000001');`);
      await migrate(pool, systemClock, shipped);
      const rings = await pool.query('select number, held_from_ms::int, service_id from number_ring');
      expect(rings.rows).toEqual([{ number: '0355550100', held_from_ms: 7, service_id: 'id-000001-1' }]);
      const names = await pool.query('select name, held_until_ms::int from name_owner order by kind');
      expect(names.rows).toEqual([
        { name: 'gw-000001', held_until_ms: null },
        { name: '0355550100', held_until_ms: 99 },
      ]);
    }));

  it('lead every key with the contract, but for the tables of names, of document numbers and of the whole fleet', () =>
    withPool(async (pool) => {
      await migrate(pool, systemClock, await shippedMigrations());
      const keys = await pool.query<{ table: string; first: string }>(
        `select i.indrelid::regclass::text as table, a.attname as first
         from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
         where i.indisprimary and i.indrelid::regclass::text not in
           ('schema_migration', 'name_owner', 'document_series', 'release', 'rollout')
           and i.indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`,
      );
      expect(keys.rows.length).toBeGreaterThan(10);
      for (const key of keys.rows) expect(key, key.table).toMatchObject({ first: 'contract_id' });
      const sequences = await pool.query("select 1 from pg_class where relkind = 'S'");
      expect(sequences.rowCount).toBe(0);
    }));

  it('leave nothing of a step that fails', () =>
    withFolder(
      {
        '0001-good.sql': 'create table good (a int);',
        '0002-bad.sql': 'create table half (a int); select nonsense;',
      },
      (folder) =>
        withPool(async (pool) => {
          await expect(migrate(pool, systemClock, await shippedMigrations(folder))).rejects.toThrow(
            'nonsense',
          );
          const tables = await pool.query(
            "select tablename from pg_tables where schemaname = 'public' order by 1",
          );
          expect(tables.rows.map(({ tablename }) => tablename)).toEqual(['good', 'schema_migration']);
        }),
    ));

  it('refuse a database that a newer program has changed', () =>
    withFolder({ '0001-a.sql': 'select 1', '0002-b.sql': 'select 2' }, (folder) =>
      withPool(async (pool) => {
        const both = await shippedMigrations(folder);
        await migrate(pool, systemClock, both);
        await expect(migrate(pool, systemClock, both.slice(0, 1))).rejects.toSatisfy(
          refusedWith('store.newerSchema'),
        );
      }),
    ));

  it('refuse a step whose text was changed after it was applied', () =>
    withFolder({ '0001-a.sql': 'select 1' }, (folder) =>
      withPool(async (pool) => {
        await migrate(pool, systemClock, await shippedMigrations(folder));
        writeFileSync(join(folder, '0001-a.sql'), 'select 2');
        await expect(migrate(pool, systemClock, await shippedMigrations(folder))).rejects.toSatisfy(
          refusedWith('store.changedMigration'),
        );
      }),
    ));
});

describe('opening the store', () => {
  it('says in one sentence that nobody answers, without the password', async () => {
    const opening = openTestStore('postgres://engawa:hidden@127.56.0.1:1/none', { waitMs: 300 });
    await expect(opening).rejects.toSatisfy(refusedWith('store.unreachable'));
    await expect(opening).rejects.not.toThrow('hidden');
  });

  it('says in one sentence that the database is not there', async () => {
    const url = (await postgres.database()).replace(/test_[0-9]+/, 'nobody');
    await expect(openTestStore(url)).rejects.toThrow(/nobody.*does not exist/);
  });

  it('waits for a database that starts late', async () => {
    const url = await postgres.database();
    await postgres.halt();
    const opening = openTestStore(url, { waitMs: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await postgres.start();
    const store = await opening;
    await store.ping();
    await store.close();
  });
});
