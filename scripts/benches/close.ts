import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { monthOf, openBenchStore, PERIOD, writeContracts } from './month.part.ts';
import { durability, machine, type ScratchPostgres, startScratchPostgres } from './scratch-postgres.part.ts';

export const describe =
  'closing a month with one worker and with two; --full: 1,000 contracts, 1,000,000 uses';

const FULL = { contracts: 1_000, uses: 1_000_000 } as const;
const SMALL = { contracts: 200, uses: 200_000 } as const;
const GOAL_S = 60;
/** Uses that are made and fed at a time. */
const CHUNK = 20_000;
const WORKER = join(import.meta.dirname, 'close-worker.part.ts');

/** `--full`, or `--contracts N --uses N` */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: 'boolean', default: false },
      contracts: { type: 'string' },
      uses: { type: 'string' },
    },
  });
  const size = values.full ? FULL : SMALL;
  const contracts = Number(values.contracts ?? size.contracts);
  const uses = Number(values.uses ?? size.uses);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const postgres = await startScratchPostgres();
  try {
    say(`machine     ${machine()}`);
    say(`database    ${await durability(postgres.url)}`);
    const seconds = await fill(postgres, contracts, uses);
    say(
      `month       ${uses} uses of ${contracts} contracts in ${PERIOD.name}, fed in ${seconds.toFixed(0)} s`,
    );
    await copyDatabase(postgres.url);
    for (const [database, workers] of [
      ['bench', 1],
      ['bench2', 2],
    ] as const) {
      const url = postgres.url.replace('/bench?', `/${database}?`);
      const took = await close(url, workers);
      const goal = values.full ? `, wanted < ${GOAL_S} s with one` : '';
      say(
        `${workers} worker${workers > 1 ? 's' : ' '}   ${took.seconds.toFixed(1)} s, ${took.invoices} invoices, ` +
          `${Math.round(uses / took.seconds)} uses/s, by worker ${took.shares.join(' + ')}${goal}; ${machine()}`,
      );
      if (took.invoices !== contracts) process.exitCode = 1;
    }
  } finally {
    await postgres.stop();
  }
}

async function fill(postgres: ScratchPostgres, contracts: number, uses: number): Promise<number> {
  const empty = await openBenchStore(postgres.url);
  await empty.close();
  await writeContracts(postgres.url, contracts);
  const store = await openBenchStore(postgres.url);
  const month = monthOf(uses, contracts);
  const begun = performance.now();
  for (let from = 0; from < month.length; from += 2 * CHUNK) {
    await Promise.all([
      store.feed.take(month.slice(from, from + CHUNK)),
      store.feed.take(month.slice(from + CHUNK, from + 2 * CHUNK)),
    ]);
  }
  const seconds = (performance.now() - begun) / 1_000;
  const opened = await store.closing.open(PERIOD);
  if (!opened.ok) throw new Error(opened.error.say);
  await store.close();
  return seconds;
}

/** The same month twice, so that both ways of closing begin alike. */
async function copyDatabase(url: string): Promise<void> {
  const db = new pg.Client({ connectionString: url.replace('/bench?', '/postgres?') });
  await db.connect();
  await db.query('create database bench2 template bench');
  await db.query('checkpoint');
  await db.end();
}

interface Closed {
  readonly seconds: number;
  readonly invoices: number;
  readonly shares: readonly number[];
}

async function close(url: string, workers: number): Promise<Closed> {
  const started = await Promise.all(Array.from({ length: workers }, () => startWorker(url)));
  const begun = performance.now();
  const done = await Promise.all(started.map((worker) => worker.go()));
  const seconds = (performance.now() - begun) / 1_000;
  return { seconds, invoices: done.reduce((sum, each) => sum + each, 0), shares: done };
}

/** Resolves when the worker has opened its store; `go` answers how many invoices it made. */
async function startWorker(url: string): Promise<{ go(): Promise<number> }> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', WORKER, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.stdout === null || child.stdin === null) throw new Error('a worker without pipes');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { stdin } = child;
  const first = await lines.next();
  if (first.value !== 'ready') throw new Error('a worker did not start');
  return {
    async go() {
      stdin.write('go\n');
      const answer = await lines.next();
      return (JSON.parse(answer.value ?? '{"invoices":0}') as { invoices: number }).invoices;
    },
  };
}
