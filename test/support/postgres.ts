import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/** A throw-away PostgreSQL cluster. */
export interface TestPostgres {
  /** A fresh database, cloned from one that `prepare` has filled when it was given. */
  database(): Promise<string>;
  /** Ends every connection to the cluster's databases but one's own, as a failing server would. */
  cutConnections(url: string): Promise<void>;
  /** Stops the server; it can be started again with its data. */
  halt(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAMS = newestPrograms('/usr/lib/postgresql');
const PORT = '5432';
let count = 0;

/**
 * Starts PostgreSQL for tests, without fsync: nobody's data is in it. It listens on a unix socket only. As root it runs
 * as user `postgres`, in a folder that this user can reach. It ends with `stop`, and with this process.
 */
export async function startPostgres(prepare?: (url: string) => Promise<void>): Promise<TestPostgres> {
  const folder = mkdtempSync('/tmp/engawa-pg-');
  chmodSync(folder, 0o755);
  const owner = await ownerOf(folder);
  const data = join(folder, 'data');
  await run(
    ...owner.command(join(PROGRAMS, 'initdb'), [
      '-D',
      data,
      '-U',
      'engawa',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ]),
    {
      cwd: folder,
    },
  );
  let server: ChildProcess | undefined;
  const url = (name: string): string => `postgres://engawa@localhost/${name}?host=${folder}&port=${PORT}`;
  const start = async (): Promise<void> => {
    const settings = [
      ...['fsync=off', 'full_page_writes=off', 'shared_buffers=16MB', 'max_connections=60'],
      ...['listen_addresses=', `port=${PORT}`, `unix_socket_directories=${folder}`],
    ];
    const flags = ['-D', data, ...settings.flatMap((each) => ['-c', each])];
    const shell = ['-c', KEEPER, folder, join(PROGRAMS, 'postgres'), ...flags];
    server = spawn(...owner.command('/bin/sh', shell), { cwd: '/tmp', stdio: ['pipe', 'ignore', 'ignore'] });
    await untilAnswers(url('postgres'));
  };
  const end = async (line: string): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.stdin?.end(line);
    await gone;
  };
  await start();
  await ask(url('postgres'), 'create database pattern');
  if (prepare !== undefined) await prepare(url('pattern'));
  return {
    async database() {
      const name = `test_${++count}`;
      await ask(url('postgres'), `create database ${name} template pattern`);
      return url(name);
    },
    cutConnections: (target) =>
      ask(
        target,
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      ),
    halt: () => end('halt\n'),
    start,
    stop: () => end(''),
  };
}

/**
 * Holds the server by its standard input: a line stops it; the end of input, which comes also when this process is
 * killed, stops it and takes its data away.
 */
const KEEPER =
  '"$@" </dev/null & read -r line; known=$?; kill -INT $!; wait $!; [ $known = 0 ] || rm -rf "$0"';

function newestPrograms(root: string): string {
  const versions = existsSync(root)
    ? readdirSync(root).sort((left, right) => Number(right) - Number(left))
    : [];
  return join(root, versions[0] ?? 'missing', 'bin');
}

interface Owner {
  command(program: string, flags: readonly string[]): [string, string[]];
}

async function ownerOf(folder: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return { command: (program, flags) => [program, [...flags]] };
  const idOf = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  const [uid, gid] = [await idOf('-u'), await idOf('-g')];
  chownSync(folder, uid, gid);
  const as = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
  return { command: (program, flags) => ['setpriv', [...as, program, ...flags]] };
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function untilAnswers(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await ask(url, 'select 1');
      return;
    } catch (error) {
      if (attempt >= 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
