import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Layout, layoutOf } from '../../../scripts/launch/layout.ts';
import { type Database, startDatabase } from '../../../scripts/launch/postgres.ts';
import { temporaryState } from '../../../scripts/launch/temporary-state.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

describe('the database of an office', () => {
  const folder = temporaryState('test');
  const layout: Layout = layoutOf(ROOT, folder.path, '127.63.11');
  let database: Database;
  beforeAll(async () => {
    for (const path of [layout.log, layout.cloud]) mkdirSync(path, { recursive: true });
    database = await startDatabase(layout);
  });
  afterAll(async () => {
    await database.child.stop(10_000);
    folder.remove();
  });

  it('starts again after a kill -9, however late a child of the killed server ends', async () => {
    const url = new URL(database.url);
    url.password = readFileSync(database.passwordFile, 'utf8').trim();
    url.pathname = '/engawa';
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backend = rows[0]?.pid ?? 0;
    process.kill(backend, 'SIGSTOP');
    process.kill(-database.child.pid, 'SIGKILL');
    await database.child.ended;
    const again = startDatabase(layout);
    const log = join(layout.log, 'postgresql.log');
    const refused = (): boolean => readFileSync(log, 'utf8').includes('pre-existing shared memory block');
    while (!refused()) await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(backend, 'SIGCONT');
    database = await again;
    const other = new pg.Client({ connectionString: url.href });
    await other.connect();
    expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await other.end();
    await client.end().catch(() => {});
  });
});
