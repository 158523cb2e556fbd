import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const BINARIES = '/usr/lib/postgresql';

/** A private PostgreSQL for one measurement, as durable as the default: fsync and full-page writes are on. */
export interface ScratchPostgres {
  readonly url: string;
  /** Seconds of processor time that the server and its open connections have used: what others do does not count. */
  processorSeconds(): number;
  stop(): Promise<void>;
}

/** Starts it on a socket of its own under the temporary folder; `stop` takes everything away. */
export async function startScratchPostgres(): Promise<ScratchPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-pg-'));
  chmodSync(folder, 0o755);
  const bin = join(BINARIES, newest(), 'bin');
  const prefix = asPostgres(folder);
  const run = (program: string, flags: readonly string[]): [string, string[]] => {
    const [first, ...rest] = [...prefix, join(bin, program), ...flags];
    return [first ?? '', rest];
  };
  const data = join(folder, 'data');
  const made = ['-D', data, '-U', 'engawa', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'];
  execFileSync(...run('initdb', made), { cwd: folder, stdio: 'ignore' });
  const settings = [
    ...['listen_addresses=', `unix_socket_directories=${folder}`, 'shared_buffers=256MB'],
    ...['max_wal_size=4GB', 'fsync=on', 'full_page_writes=on', 'synchronous_commit=on'],
  ];
  const flags = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const server = spawn(...run('postgres', flags), { cwd: folder, stdio: 'ignore' });
  const broken = (): void => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, broken);
  const url = (name: string): string => `postgres://engawa@localhost/${name}?host=${folder}`;
  await untilOpen(url('postgres'), server);
  await ask(url('postgres'), 'create database bench');
  return {
    url: url('bench'),
    processorSeconds: () => processorSeconds(server.pid ?? 0),
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const TICKS_PER_SECOND = 100;

function processorSeconds(server: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      // After the name in brackets: state, parent, …, user and system ticks (proc(5), stat).
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      if (Number(name) === server || Number(fields[1]) === server)
        ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It ended while we looked.
    }
  }
  return ticks / TICKS_PER_SECOND;
}

function newest(): string {
  const found = readdirSync(BINARIES).map(Number).filter(Number.isInteger);
  return String(Math.max(...found));
}

/** PostgreSQL refuses to run as root: then it runs as the package's own user, and dies with us. */
function asPostgres(folder: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  chownSync(folder, uid, gid);
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--pdeathsig', 'INT', '--'];
}

async function untilOpen(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask(url, 'select 1');
      return;
    } catch (error) {
      if (tries > 300 || server.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
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

/** What every figure must be read with. */
export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg().map((value) => value.toFixed(1));
  return `${cpus().length} cores (${cpus()[0]?.model ?? '?'}), ${memory} GiB, load ${load.join(' ')}, Node ${process.version}`;
}

/** What PostgreSQL itself says about how durable it is. */
export async function durability(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const names = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method'];
  const said = [];
  for (const name of names) {
    const answer = await client.query<Record<string, string>>(`show ${name}`);
    said.push(`${name} ${Object.values(answer.rows[0] ?? {})[0]}`);
  }
  await client.end();
  return said.join(', ');
}
