import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { Clock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';

/** One numbered step of the schema. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

const FILE = /^([0-9]{4})-([a-z0-9-]+)\.sql$/;
const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));

/** The migrations that ship with this program, in order. Throws when the numbers have gaps: a mistake of ours. */
export async function shippedMigrations(folder: string = FOLDER): Promise<readonly Migration[]> {
  const found: Migration[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const match = FILE.exec(file);
    if (match === null) continue;
    const sql = await readFile(`${folder}/${file}`, 'utf8');
    const sha256 = createHash('sha256').update(sql).digest('hex');
    found.push({ number: Number(match[1]), name: match[2] ?? '', sql, sha256 });
  }
  found.forEach((migration, index) => {
    if (migration.number !== index + 1) throw new Error(`migration ${index + 1} is missing in ${folder}`);
  });
  return found;
}

/**
 * Brings the schema up to date: each missing step in a transaction of its own, recorded with its checksum. Refuses, with
 * a StartupError, a database that a newer program has touched, and one whose recorded steps differ from ours.
 */
export async function migrate(
  pool: pg.Pool,
  clock: Clock,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  await pool.query(
    'create table if not exists schema_migration (number int4 primary key, name text not null, sha256 text not null, applied_at_ms int8 not null)',
  );
  const done = await pool.query<{ number: number; name: string; sha256: string }>(
    'select number, name, sha256 from schema_migration order by number',
  );
  for (const row of done.rows) checkApplied(row, migrations);
  const applied: string[] = [];
  for (const migration of migrations.slice(done.rows.length)) {
    await applyOne(pool, clock, migration);
    applied.push(migration.name);
  }
  return applied;
}

function checkApplied(
  row: { number: number; name: string; sha256: string },
  migrations: readonly Migration[],
): void {
  const ours = migrations[row.number - 1];
  if (ours === undefined) {
    throw new StartupError({
      code: 'store.newerSchema',
      fault: 'environment',
      say: `The database was changed by a newer version of this program (step ${row.number} "${row.name}"). Start that version, or restore a backup.`,
    });
  }
  if (ours.sha256 !== row.sha256) {
    throw new StartupError({
      code: 'store.changedMigration',
      fault: 'environment',
      say: `Step ${row.number} "${row.name}" of the database schema was applied with another content than this version ships. Use the version that made the database, or a new database.`,
    });
  }
}

async function applyOne(pool: pg.Pool, clock: Clock, migration: Migration): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query(
      'insert into schema_migration (number, name, sha256, applied_at_ms) values ($1, $2, $3, $4)',
      [migration.number, migration.name, migration.sha256, clock.now()],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
