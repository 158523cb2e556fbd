import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { runCli } from './run-cli.ts';
import { SampleBox, troubledStatus } from './sample-box.ts';

let folder: string;
let socket: string;
let api: Running;
const box = new SampleBox();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-plain-'));
  socket = join(folder, 'agent.sock');
  box.current = troubledStatus();
  api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog() });
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

const SCREENS = [
  ...[['status'], ['lines'], ['calls'], ['config'], ['trunk'], ['sync'], ['warnings'], ['fax', 'log']],
  ...[['dhcp'], ['leases'], ['phones'], ['phone', 'c074ad2bd859'], ['why', 'c0:74:ad:2b:d8:59']],
];

describe('--plain', () => {
  it.each(SCREENS)('%s %s: one fact a line, without colours, alignment and empty lines', async (...words) => {
    for (const language of ['en', 'ja']) {
      const asked = ['--plain', '--color', 'always', '--lang', language, '--socket', socket];
      const { out, code } = await runCli([...words, ...asked], { colours: true });
      expect(code).toBe((await runCli([...words, '--socket', socket])).code);
      expect(out).not.toContain('\u001b');
      expect(out).not.toContain('\n\n');
      for (const line of out.trimEnd().split('\n')) expect(line).toBe(line.trim());
    }
  });

  it('cuts nothing, and names every cell of a table', async () => {
    const { out } = await runCli(['lines', '--plain', '--socket', socket]);
    expect(out.split('\n')[1]).toBe(
      'FAIL PORT: 2, EXT: 12, LABEL: 事務所(奥の机、窓側), STATE: idle, ID: id-000001-2, SERVICE: refused 403 Forbidden',
    );
    expect(out).toMatch(/^to do: W-TRK-302\/2 .*service answered 403.* -> engawa config$/m);
  });
});
