import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { SampleBox } from '../cli/sample-box.ts';

/** Numbers that nobody of this machine has. */
const STRANGER = 61_001;
const GROUP = 61_002;

let folder: string;
let socket: string;
let api: Running | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-who-'));
  chmodSync(folder, 0o755);
  socket = join(folder, 'agent.sock');
});
afterEach(async () => {
  await api?.stop();
  api = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(group: string | undefined): Promise<void> {
  const source = new SampleBox();
  api = await startLocalApi({ socket, group, source, clock: systemClock, log: silentLog() });
}

/** Runs the command as somebody else: the groups are all that he has. */
function engawaAs(groups: string, ...argv: readonly string[]): Promise<{ code: number; err: string }> {
  const who = ['--reuid', String(STRANGER), '--regid', String(STRANGER), ...groups.split(' ')];
  const command = [process.execPath, '--import', 'tsx', 'agent/cli/main.ts', ...argv, '--socket', socket];
  return new Promise((resolve) => {
    const child = spawn('setpriv', [...who, '--', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.on('close', (code) => resolve({ code: code ?? -1, err }));
  });
}

describe.runIf(process.getuid?.() === 0)('the socket of the local API', () => {
  it('is for its user and its group; to anybody else engawa says whose it is, and ends with 6', async () => {
    await serve(String(GROUP));
    expect([statSync(socket).mode & 0o777, statSync(socket).gid]).toEqual([0o660, GROUP]);
    const [outside, inside] = await Promise.all([
      engawaAs('--clear-groups', 'status'),
      engawaAs(`--groups ${GROUP}`, 'status'),
    ]);
    expect(outside.code).toBe(6);
    expect(outside.err).toContain(`it is for user root and group ${GROUP}`);
    expect(outside.err).toContain(`sudo usermod -aG ${GROUP} ${STRANGER}`);
    expect(inside).toEqual({ code: 0, err: '' });
  });

  it('is given to no group that does not exist', async () => {
    await expect(serve('no-such-group-of-ours')).rejects.toMatchObject({ coded: { code: 'api.noGroup' } });
  });
});
