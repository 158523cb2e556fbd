import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalApi } from '../../../../agent/local-api/index.ts';
import { systemClock } from '../../../../lib/base/clock.ts';
import type { Running } from '../../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../../lib/base/log.ts';
import { Terminal } from '../../../support/terminal.ts';
import { SampleBox } from '../sample-box.ts';

let state: string;
let api: Running;
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'engawa-shell-'));
  for (const name of ['agent', 'run']) mkdirSync(join(state, name), { mode: 0o700 });
  const socket = join(state, 'run/agent.sock');
  api = await startLocalApi({ socket, source: new SampleBox(), clock: systemClock, log: silentLog() });
});
afterAll(async () => {
  await api.stop();
  rmSync(state, { recursive: true, force: true });
});

const shell = (env: Readonly<Record<string, string>> = {}): Terminal =>
  new Terminal(`${process.execPath} --import tsx agent/cli/main.ts --state ${state} shell`, env);

it('completes, remembers what was typed, outlives Ctrl-C, and ends where somebody leaves', async () => {
  const terminal = shell();
  await terminal.says('Tab completes');
  await terminal.says('engawa> ');
  // Each key is seen before the next one: what comes in one piece is taken for pasted.
  terminal.press('statu');
  await terminal.says('statu');
  terminal.press('\t');
  await terminal.says('s ');
  terminal.press('\r');
  await terminal.says('ENGAWA gw-000001');
  await terminal.says('engawa> ');
  terminal.press('nonsense');
  await terminal.says('nonsense');
  terminal.press('\u0003');
  await terminal.says('engawa> ');
  terminal.press('watch');
  await terminal.says('watch');
  terminal.press('\r');
  await terminal.says('Ctrl-C ends');
  terminal.press('\u0003');
  await terminal.says('engawa> ');
  terminal.press('\u001b[A');
  await terminal.says('watch');
  terminal.press('\u001b[A');
  await terminal.says('status');
  terminal.press('\r');
  await terminal.says('ENGAWA gw-000001');
  await terminal.says('engawa> ');
  terminal.press('exit');
  await terminal.says('exit');
  terminal.press('\r');
  expect(await terminal.ended).toBe(0);
}, 60_000);

it('works where a terminal can do nothing but lines', async () => {
  const terminal = shell({ TERM: 'dumb' });
  await terminal.says('engawa> ');
  terminal.type('lines');
  await terminal.says('2 lines, 2 registered');
  await terminal.says('engawa> ');
  terminal.type('exit');
  expect(await terminal.ended).toBe(0);
  // Nothing moved the cursor.
  expect(terminal.screen).not.toContain('\u001b');
}, 60_000);
