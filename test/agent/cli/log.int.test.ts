import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logRoutes, startLocalApi } from '../../../agent/local-api/index.ts';
import { logTools } from '../../../agent/technician/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { createLog, silentLog } from '../../../lib/base/log.ts';
import { LogLevelKeeper } from '../../../lib/base/log-level.ts';
import { runCli } from './run-cli.ts';
import { SAMPLE_NOW, SampleBox } from './sample-box.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'engawa-log-'));
  mkdirSync(join(state, 'log'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

let said = 0;
function write(program: string, fields: object): void {
  const time = new Date(SAMPLE_NOW - 60_000 + ++said).toISOString();
  const text = JSON.stringify({ level: 30, time, program, ...fields });
  appendFileSync(join(state, 'log', `${program}.log`), `${text}\n`);
}

describe('engawa log', () => {
  it('shows both programs in the order of time, the last ones, filtered', async () => {
    for (let count = 0; count < 60; count++)
      write(count % 2 === 0 ? 'agent' : 'media', { msg: `say ${count}.` });
    write('agent', { level: 50, msg: 'bad', port: 2 });
    const all = await runCli(['log', '--state', state]);
    expect(all.code).toBe(0);
    expect(all.out.match(/say \d+/g)).toEqual(Array.from({ length: 49 }, (_, at) => `say ${at + 11}`));
    const bad = await runCli(['log', '--state', state, '--level', 'warn', '--line', '2', '--since', '5m']);
    expect(bad.out).toMatch(/^FAIL {2}14:01:\d\d\.\d{3} agent bad port=2\n$/);
    const json = await runCli(['log', '--state', state, '--json', '-n', '1']);
    expect(JSON.parse(json.out)).toMatchObject({
      v: 1,
      log: { level: 50, message: 'bad', fields: { port: 2 } },
    });
    expect((await runCli(['log', '--since', 'soon', '--state', state])).code).toBe(2);
  });

  it('follows, also into a new file of the same name, until it is ended', async () => {
    write('agent', { msg: 'before.' });
    const ended = new AbortController();
    let heard = '';
    const wait = async (what: string): Promise<void> => {
      const until = performance.now() + 20_000;
      while (!heard.includes(what)) {
        if (performance.now() > until) throw new Error(`not heard: ${what} in ${heard}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const argv = ['log', '--follow', '--state', state];
    const hear = (text: string): void => {
      heard += text;
    };
    const running = runCli(argv, { signal: ended.signal, heard: hear });
    await wait('before.');
    write('media', { msg: 'meanwhile.' });
    await wait('meanwhile.');
    const file = join(state, 'log/agent.log');
    renameSync(file, `${file}.1`);
    writeFileSync(file, '');
    write('agent', { msg: 'afterwards.' });
    await wait('afterwards.');
    ended.abort();
    expect((await running).code).toBe(0);
  });

  it('is none where there is neither file nor journal', async () => {
    rmSync(join(state, 'log'), { recursive: true });
    const ran = await runCli(['log', '--state', state]);
    expect([0, 10]).toContain(ran.code);
    expect(ran.out).toBe('');
  });
});

describe('engawa log level', () => {
  it('sets it for a while for both programs, and back', async () => {
    const socket = join(state, 'agent.sock');
    const keeper = (): LogLevelKeeper => new LogLevelKeeper(createLog('x', 'silent'), systemClock);
    const agent = keeper();
    const media = keeper();
    const request = async ({ set }: { set?: { level: 'debug' | null; forMs: number } }) => {
      if (set !== undefined) set.level === null ? media.reset() : media.set(set.level, set.forMs);
      return { ok: true as const, value: media.state };
    };
    const tools = logTools(agent, { request, connected: true } as unknown as Parameters<typeof logTools>[1]);
    const more = [{ at: '/v1/log-level' as const, routes: logRoutes(tools) }];
    const api = await startLocalApi({
      ...{ socket, source: new SampleBox(), clock: systemClock, log: silentLog(), more },
    });
    try {
      const set = await runCli(['log', 'level', 'debug', '--for', '10', '--json', '--socket', socket]);
      expect(JSON.parse(set.out)).toMatchObject({
        levels: { agent: { level: 'debug' }, media: { level: 'debug' } },
      });
      const shown = await runCli(['log', 'level', '--lang', 'ja', '--socket', socket]);
      expect(shown.out).toMatch(/^-- {4}エージェント debug \(\d\d-\d\d \d\d:\d\d まで\)/);
      await runCli(['log', 'level', 'usual', '--socket', socket]);
      expect([agent.state.until, media.state.until]).toEqual([null, null]);
      expect((await runCli(['log', 'level', 'loud', '--socket', socket])).code).toBe(2);
    } finally {
      await api.stop();
    }
  });
});
