import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAgentStore } from '../../../agent/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { seededRandom, systemRandom } from '../../../lib/base/random.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { legEnd } from './legs.ts';

const KILLS = 24;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-crash-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the agent until it is ready, and kills it `afterMs` later. Returns what it had promised. */
function runAndKill(afterMs: number): Promise<string> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      new URL('crash-child.ts', import.meta.url).pathname,
      join(folder, 'agent.sqlite'),
      join(folder, 'cloud'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let promised = '';
  let armed = false;
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      promised += text;
      if (armed || !promised.includes('ready')) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), afterMs);
    });
    child.on('close', () => resolve(promised));
  });
}

it(`loses and doubles no call record when the agent is killed ${KILLS} times at random moments`, async () => {
  const random = seededRandom(20_261_121);
  const begun = new Set<string>();
  const ended = new Set<string>();
  const acknowledged = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const promised = await runAndKill(random.fraction() * 60);
    expect(promised).toContain('ready');
    for (const line of promised.split('\n').slice(0, -1)) {
      const [what, id = ''] = line.split(' ');
      if (what === 'begun') begun.add(id);
      if (what === 'ended') ended.add(id);
      if (what === 'acknowledged') acknowledged.add(id);
    }
  }
  const store = openAgentStore({
    path: join(folder, 'agent.sqlite'),
    clock: systemClock,
    random: systemRandom,
    gateway: TEST_GATEWAY,
  });
  for (const leg of store.journal.unfinished()) store.journal.end(leg.id, legEnd(0, { interrupted: true }));
  const waiting = store.outbox.next(50_000);
  store.close();
  const cloudFile = join(folder, 'cloud');
  const atCloud = new Map(
    (existsSync(cloudFile) ? readFileSync(cloudFile, 'utf8') : '')
      .split('\n')
      .filter((line) => /^\S+ \S+$/.test(line))
      .map((line) => line.split(' ') as [string, string]),
  );
  const everywhere = new Map([...atCloud, ...waiting.map((record) => [record.id, record.call] as const)]);
  expect(begun.size).toBeGreaterThan(KILLS);
  // Nothing that was promised is missing: a leg that had begun has a record, ended by its own run or by the next.
  expect([...begun].filter((id) => !everywhere.has(id))).toEqual([]);
  expect([...ended].filter((id) => !everywhere.has(id))).toEqual([]);
  // One call has one record, whichever run ended it.
  expect(new Set(everywhere.values()).size).toBe(everywhere.size);
  // What the cloud has committed and the box knows of is never sent again.
  expect(waiting.filter((record) => acknowledged.has(record.id))).toEqual([]);
  expect([...acknowledged].filter((id) => !atCloud.has(id))).toEqual([]);
});
