import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemRandom } from '../../../lib/base/random.ts';
import { SOURCE_ENVIRONMENT, SOURCE_NODE } from '../../../scripts/launch/source-program.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { type CloudPlace, type CloudProcess, enrolBox, startCloud } from '../cloud-process.ts';
import { eventually, pause } from './gateway-client.ts';

const AGENT = fileURLToPath(new URL('./agent-child.ts', import.meta.url));
/** Each round kills one of the two sides, in turns. */
const ROUNDS = 8;

let postgres: TestPostgres;
let state: string;
let place: CloudPlace;
let cloud: CloudProcess;
let agent: ChildProcess;
const said: string[] = [];

beforeAll(async () => {
  state = mkdtempSync('/tmp/engawa-kills-');
  postgres = await startPostgres();
  place = { state, host: '127.56.0.60', database: await postgres.database(), api: join(state, 'api.sock') };
  cloud = await startCloud(place);
  await enrolBox(place, state);
});
afterAll(async () => {
  agent.kill('SIGKILL');
  cloud.child.kill('SIGKILL');
  await postgres.stop();
  rmSync(state, { recursive: true, force: true });
});

/** The box's half; `everyMs` 0 makes no calls and only sends what waits. */
function startAgent(everyMs: number): void {
  const [program = '', ...args] = [...SOURCE_NODE, AGENT, state, String(everyMs)];
  agent = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...SOURCE_ENVIRONMENT },
  });
  let rest = '';
  agent.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    said.push(...parts);
  });
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

const callsSaid = (word: string): string[] =>
  said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

it(`no fact is lost and none is doubled through ${ROUNDS} kills of either side`, async () => {
  startAgent(10);
  for (let round = 0; round < ROUNDS; round++) {
    const before = said.length;
    await eventually(() => said.length > before + 10, 30_000);
    await pause(systemRandom.fraction() * 300);
    if (round % 2 === 0) {
      await kill(agent);
      startAgent(10);
    } else {
      await kill(cloud.child);
      cloud = await startCloud(place);
    }
  }
  await kill(agent);
  startAgent(0);
  // A busy machine makes the rounds longer, and more facts wait.
  expect(await eventually(() => said.at(-1) === 'waiting 0', 60_000), said.at(-1)).toBe(true);

  const client = new pg.Client({ connectionString: place.database });
  await client.connect();
  const rows = await client.query<{ call_id: string; records: string; charges: string }>(
    `select b.call_id, count(*) as records,
       (select count(*) from charge c where c.contract_id = b.contract_id and c.call_id = b.call_id) as charges
     from box_record b group by b.contract_id, b.call_id`,
  );
  const doubtful = await client.query('select record_id, say from box_quarantine');
  await client.end();
  expect(doubtful.rows).toEqual([]);
  const known = new Map(rows.rows.map((row) => [row.call_id, row]));
  const ended = callsSaid('ended');
  expect(ended.length).toBeGreaterThan(30);
  for (const call of [...ended, ...callsSaid('begun')]) {
    expect(known.get(call), `call ${call}`).toMatchObject({ records: '1', charges: '1' });
  }
  for (const row of rows.rows) expect(row, row.call_id).toMatchObject({ records: '1', charges: '1' });
});
