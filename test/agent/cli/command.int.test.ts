import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../../agent/cli/main.ts';
import { runCli } from './run-cli.ts';

let folder: string;
let socket: string;
let stop: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-cmd-'));
  socket = join(folder, 'agent.sock');
  stop = () => {};
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('something else on the socket', () => {
  it.each<[string, string, number]>([
    ['a page', '<html>', 200],
    ['JSON without a version', '{"lines":[]}', 200],
    ['JSON of a later version', '{"v":2}', 200],
    ['no object', '3', 200],
    ['a refusal', '{"v":1,"code":"x","say":"not today"}', 503],
  ])('that answers %s is told from the agent', async (_what, body, status) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    stop = () => void server.close();
    for (const verb of ['status', 'lines', 'calls', 'config']) {
      const ran = await runCli([verb, '--socket', socket]);
      expect(ran).toMatchObject({ code: 1, out: '' });
      expect(ran.err).toMatch(/^engawa: (What answers|The agent)/);
    }
  });

  it('that hangs up is an agent that does not run', async () => {
    const server = createRawServer((connection) => connection.destroy());
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    stop = () => void server.close();
    expect(await runCli(['status', '--socket', socket])).toMatchObject({ code: 8 });
    expect(await runCli(['watch', '--socket', socket])).toMatchObject({ code: 8 });
  });
});

describe('a mistake of ours', () => {
  it('ends with 70 and says so', async () => {
    let said = '';
    const code = await main(['help'], {
      out: () => {
        throw new Error('the screen is gone');
      },
      err: (text) => {
        said += text;
      },
      colours: false,
      now: () => 0,
      signal: new AbortController().signal,
    });
    expect(code).toBe(70);
    expect(said).toContain('a mistake of ours');
  });
});

describe('the command as it is installed', () => {
  const engawa = (...argv: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ['scripts/engawa.mjs', ...argv], { encoding: 'utf8' });

  it('runs, helps, and exits as it promises', () => {
    const help = engawa('help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('engawa doctor');
    const nobody = engawa('status', '--state', folder);
    expect([nobody.status, nobody.stdout]).toEqual([8, '']);
    expect(nobody.stderr).toContain('The agent is not running');
    expect(engawa('stauts').status).toBe(2);
  });
});
