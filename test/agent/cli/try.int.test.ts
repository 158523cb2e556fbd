import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readChanges } from '../../../agent/cli/change-words.ts';
import { createHealth } from '../../../agent/health/index.ts';
import { startLocalApi, trialRoutes } from '../../../agent/local-api/index.ts';
import { changeFile, TrialRoom } from '../../../agent/trial/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok } from '../../../lib/base/errors.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig } from '../calls/office-world.ts';
import { type Ran, runCli } from './run-cli.ts';
import { SampleBox } from './sample-box.ts';

let folder: string;
let api: Running;
let room: TrialRoom;
let runs: SiteConfig;
let emergency = false;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-try-'));
  emergency = false;
  room = new TrialRoom({
    ...{ clock: systemClock, log: silentLog(), health: createHealth(systemClock), holdOff: () => emergency },
    store: changeFile(join(folder, 'local.json')),
    apply: (config) => {
      runs = config;
      return ok(undefined);
    },
  });
  room.take(exampleConfig());
  const more = [{ at: '/v1/trial' as const, routes: trialRoutes(room) }];
  const source = new SampleBox();
  const socket = join(folder, 'agent.sock');
  api = await startLocalApi({ socket, source, clock: systemClock, log: silentLog(), more });
});
afterEach(async () => {
  room.stop();
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function engawa(...argv: readonly string[]): Promise<Ran> {
  return runCli([...argv, '--socket', join(folder, 'agent.sock')]);
}

/** Runs the command while somebody types, each line when its words were heard. */
async function typing(argv: readonly string[], lines: readonly (readonly [heard: string, typed: string])[]) {
  const left = [...lines];
  let heard = '';
  let tell: ((line: string | undefined) => void) | undefined;
  const offer = (): void => {
    const [next] = left;
    if (tell === undefined || next === undefined || !heard.includes(next[0])) return;
    left.shift();
    const told = tell;
    tell = undefined;
    told(next[1]);
  };
  const input = {
    interactive: true,
    next: () =>
      new Promise<string | undefined>((resolve) => {
        tell = resolve;
        offer();
      }),
    close: () => tell?.(undefined),
  };
  return runCli([...argv, '--socket', join(folder, 'agent.sock')], {
    input,
    heard: (text) => {
      heard += text;
      offer();
    },
  });
}

describe('engawa try', () => {
  it('stays with the change until keep is typed, and ends with 0', async () => {
    const ran = await typing(['try', 'line.1.earDb=3', '--by', 'sato'], [['Type keep or undo', 'keep']]);
    expect([ran.code, ran.columns <= 80]).toEqual([0, true]);
    expect(ran.out).toMatch(/kept: it stays\n$/);
    expect(runs.lines[0]?.gains.earDb).toBe(3);
    const shown = await engawa('try');
    expect(shown.out).toMatch(/changed here by sato[\s\S]*line 1: earDb 3/);
    expect((await engawa('undo', '--all')).code).toBe(0);
    expect(runs).toEqual(exampleConfig());
  });

  it('ends with 4 when it is undone: by word, by another terminal, by its time', async () => {
    const typed = await typing(['try', 'line.1.earDb=3'], [['Type keep or undo', 'undo']]);
    expect([typed.code, typed.out]).toEqual([4, expect.stringMatching(/undone: as before\n$/)]);
    const running = engawa('try', 'lan=optionOnly', '--lang', 'ja');
    await expect.poll(() => room.state.trial, { timeout: 60_000 }).not.toBeNull();
    expect(runs.lan.dhcp.mode).toBe('optionOnly');
    expect((await engawa('undo')).code).toBe(0);
    const elsewhere = await running;
    expect([elsewhere.code, elsewhere.out]).toEqual([4, expect.stringMatching(/元に戻しました\n$/)]);
    const timed = await engawa('try', 'line.2.echo=off', '--for', '0.05', '--json');
    expect([timed.code, JSON.parse(timed.out).local.last]).toMatchObject([4, { because: 'time' }]);
    expect(runs).toEqual(exampleConfig());
  });

  it('is undone by Ctrl-C, and says so', async () => {
    const ended = new AbortController();
    const argv = ['try', 'line.1.echo=off', '--socket', join(folder, 'agent.sock')];
    const hear = (text: string): void => {
      if (text.includes('runs now')) ended.abort();
    };
    expect((await runCli(argv, { signal: ended.signal, heard: hear })).code).toBe(4);
    expect(runs).toEqual(exampleConfig());
  });

  it('says who tries something already, refuses under an emergency call, and does not guess', async () => {
    expect((await engawa('try', 'line.1.echo=off', '--detach', '--by', 'sato')).code).toBe(0);
    const second = await engawa('try', 'lan=off');
    expect([second.code, second.err]).toEqual([
      5,
      expect.stringContaining('sato tries something else already'),
    ]);
    expect((await engawa('undo')).code).toBe(0);
    expect((await engawa('keep')).code).toBe(10);
    emergency = true;
    expect((await engawa('try', 'lan=off')).code).toBe(5);
    for (const wrong of [
      'lan=everything',
      'lan',
      'line.9.echo=off',
      'line.1.colour=red',
      'pool=1-2',
      'root=1',
    ])
      expect([wrong, (await engawa('try', wrong)).code]).toEqual([wrong, 2]);
  });
});

describe('changes as they are typed', () => {
  it('are one change for each thing', () => {
    const words = [
      'lan=serve',
      'pool=192.168.1.10-192.168.1.99',
      'line.1.earDb=-3',
      'line.1.t38=off',
      'port.11=2',
    ];
    expect(readChanges(words)).toEqual({
      changes: [
        { set: 'lan', mode: 'serve', pool: { first: '192.168.1.10', last: '192.168.1.99' } },
        { set: 'port', extension: '11', port: 2 },
        { set: 'line', port: 1, earDb: -3, t38: false },
      ],
    });
  });
});
