import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { StartupError } from '../../lib/base/errors.ts';
import { type Child, startChild } from './child.ts';
import type { Layout } from './layout.ts';

const BINARIES = '/usr/lib/postgresql';
const DATABASE = 'engawa';
const USER = 'engawa';
/** What the server says when children of an earlier one are still there. */
const MEMORY_HELD = 'pre-existing shared memory block';
const HELD_TRIES = 20;
const HELD_PAUSE_MS = 500;

/** A private cluster that runs. */
export interface Database {
  readonly child: Child;
  /** Without the password, which stands in {@link passwordFile}. */
  readonly url: string;
  readonly passwordFile: string;
  readonly folder: string;
}

/** Who runs the server: ourselves, or as root the package's own user, since PostgreSQL refuses to run as root. */
interface Runner {
  readonly prefix: readonly string[];
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  canEnter(folder: string): boolean;
}

/** Makes the cluster at the first start, then runs it and opens the database. */
export async function startDatabase(layout: Layout): Promise<Database> {
  const bin = newestBinaries();
  const runner = runnerOf();
  const folder = chooseFolder(layout, runner);
  const password = passwordOf(layout);
  await endLeftOver(folder);
  await refuseTakenPort(layout);
  if (!existsSync(join(folder, 'PG_VERSION'))) makeCluster(bin, folder, runner, password);
  checkVersion(bin, folder);
  const url = `postgres://${USER}:${password}@${layout.hosts.database}:${layout.databasePort}`;
  const command = [
    ...runner.prefix,
    join(bin, 'postgres'),
    ...['-D', folder, '-h', layout.hosts.database, '-p', String(layout.databasePort), '-k', ''],
  ];
  const child = await startServer(layout, command, `${url}/postgres`);
  const bare = `postgres://${USER}@${layout.hosts.database}:${layout.databasePort}/${DATABASE}`;
  return { child, url: bare, passwordFile: passwordFileOf(layout), folder };
}

/**
 * Runs the server until it takes connections. After a kill -9 its children end by themselves, but on a busy machine a moment
 * too late: as long as one of them holds the shared memory, the next server refuses to start, and is asked again.
 */
async function startServer(layout: Layout, command: readonly string[], url: string): Promise<Child> {
  const logFile = join(layout.log, 'postgresql.log');
  for (let tries = 1; ; tries++) {
    const saidBefore = existsSync(logFile) ? statSync(logFile).size : 0;
    const child = await startChild({
      ...{ name: 'postgresql', command, logFile, ready: 'spawn', readyLimitMs: 30_000 },
      stopSignal: 'SIGINT',
    });
    try {
      await waitUntilOpen(url, child, layout);
      await makeDatabase(url);
      return child;
    } catch (error) {
      await child.stop(10_000);
      // The log's stream ends a moment after the program.
      await pause(100);
      const held = readFileSync(logFile).subarray(saidBefore).includes(MEMORY_HELD);
      if (!held || tries >= HELD_TRIES) throw error;
      await pause(HELD_PAUSE_MS);
    }
  }
}

function newestBinaries(): string {
  const versions = existsSync(BINARIES) ? readdirSync(BINARIES).filter((name) => /^[0-9]+$/.test(name)) : [];
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  if (newest === undefined || !existsSync(join(BINARIES, String(newest), 'bin/postgres'))) {
    throw environment(
      'start.noPostgres',
      'PostgreSQL is not installed: install the Debian package postgresql and start again.',
    );
  }
  return join(BINARIES, String(newest), 'bin');
}

function runnerOf(): Runner {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined, canEnter: () => true };
  const uid = idOf('-u');
  const gid = idOf('-g');
  const as = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups'];
  return {
    // The server ends with the launcher, even when that is killed.
    prefix: [...as, '--pdeathsig', 'INT', '--'],
    owner: { uid, gid },
    canEnter: (folder) => spawnSync(as[0] ?? '', [...as.slice(1), '--', 'test', '-x', folder]).status === 0,
  };
}

function idOf(flag: '-u' | '-g'): number {
  const asked = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
  if (asked.status !== 0) {
    throw environment(
      'start.noPostgresUser',
      'There is no user "postgres" to run the database as: install the Debian package postgresql.',
    );
  }
  return Number(asked.stdout.trim());
}

/** The state folder when the server's user can reach it, else a folder of our own under /var/lib. */
function chooseFolder(layout: Layout, runner: Runner): string {
  const inside = join(layout.state, 'postgres');
  const folder = runner.canEnter(layout.state)
    ? inside
    : join(
        '/var/lib/engawa',
        createHash('sha256').update(layout.state).digest('hex').slice(0, 12),
        'postgres',
      );
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (runner.owner !== undefined) chownSync(folder, runner.owner.uid, runner.owner.gid);
  chmodSync(folder, 0o700);
  return folder;
}

function passwordFileOf(layout: Layout): string {
  return join(layout.cloud, 'database-password');
}

function passwordOf(layout: Layout): string {
  const file = passwordFileOf(layout);
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

function makeCluster(bin: string, folder: string, runner: Runner, password: string): void {
  const secret = join(folder, '.first-password');
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  if (runner.owner !== undefined) chownSync(secret, runner.owner.uid, runner.owner.gid);
  const work = `${folder}/data-being-made`;
  const made = spawnSync(
    runner.prefix[0] ?? join(bin, 'initdb'),
    [
      ...(runner.prefix.length > 0 ? [...runner.prefix.slice(1), join(bin, 'initdb')] : []),
      ...[
        '-D',
        work,
        '-U',
        USER,
        '--auth=scram-sha-256',
        `--pwfile=${secret}`,
        '--encoding=UTF8',
        '--locale=C.UTF-8',
      ],
    ],
    { encoding: 'utf8' },
  );
  rmSync(secret, { force: true });
  if (made.status !== 0) {
    rmSync(work, { recursive: true, force: true });
    const why = made.error?.message ?? made.stderr.trim().split('\n').slice(-2).join(' ');
    throw environment('start.initdb', `The database cluster could not be made in ${folder}: ${why}`);
  }
  // Only a whole cluster ever stands at its place: an initdb that was cut off is begun again.
  for (const name of readdirSync(work)) if (name !== 'PG_VERSION') moveInto(work, folder, name);
  moveInto(work, folder, 'PG_VERSION');
  rmSync(work, { recursive: true, force: true });
}

function moveInto(from: string, to: string, name: string): void {
  spawnSync('mv', [join(from, name), join(to, name)]);
}

function checkVersion(bin: string, folder: string): void {
  const cluster = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  if (!bin.includes(`/${cluster}/`)) {
    throw environment(
      'start.postgresVersion',
      `The data in ${folder} is of PostgreSQL ${cluster}, but ${bin} would run it: install postgresql-${cluster}, or move the folder away to begin anew.`,
    );
  }
}

/** A server that outlived its launcher holds the data: it is ended before a new one starts. */
async function endLeftOver(folder: string): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!isPostgresOf(pid, folder)) return;
  process.kill(pid, 'SIGINT');
  for (let tries = 0; tries < 100 && isPostgresOf(pid, folder); tries++) await pause(100);
  if (isPostgresOf(pid, folder)) {
    throw environment(
      'start.postgresLeft',
      `An older PostgreSQL (process ${pid}) still holds ${folder} and does not end: kill it and start again.`,
    );
  }
}

function isPostgresOf(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
  } catch {
    return false;
  }
}

function refuseTakenPort(layout: Layout): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${layout.hosts.database}:${layout.databasePort}`;
      const say =
        error.code === 'EADDRINUSE'
          ? `Port ${where} is in use by another program: end it, or choose other addresses with --net 127.43.0.`
          : `PostgreSQL cannot listen on ${where}: ${error.message}`;
      reject(environment('start.port', say));
    });
    probe.listen(layout.databasePort, layout.hosts.database, () => probe.close(() => resolve()));
  });
}

async function waitUntilOpen(url: string, child: Child, layout: Layout): Promise<void> {
  let gone: string | undefined;
  void child.ended.then((how) => {
    gone = how;
  });
  for (let tries = 0; tries < 300; tries++) {
    if (gone !== undefined) break;
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => {});
      if ((error as { code?: string }).code === '28P01') {
        throw environment(
          'start.databasePassword',
          `The database refuses the password in ${passwordFileOf(layout)}.`,
        );
      }
      await pause(100);
    }
  }
  throw environment(
    'start.postgres',
    `PostgreSQL ${gone ?? 'does not answer'}; its log is ${join(layout.log, 'postgresql.log')}`,
  );
}

async function makeDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function environment(code: string, say: string): StartupError {
  return new StartupError({ code, fault: 'environment', say });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
