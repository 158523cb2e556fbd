import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resetRoutes, startLocalApi } from '../../../agent/local-api/index.ts';
import { finishReset, resetTools } from '../../../agent/reset/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok } from '../../../lib/base/errors.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { runCli } from './run-cli.ts';
import { SampleBox, sampleStatus } from './sample-box.ts';

let state: string;
let agent: string;
let api: Running | undefined;
const view = { gateway: 'gw-000001', calls: 0, records: 0 };

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'engawa-reset-'));
  agent = join(state, 'agent');
  mkdirSync(agent);
  mkdirSync(join(state, 'run'));
  writeFileSync(join(agent, 'enrolment.json'), '{}');
  writeFileSync(join(agent, 'config.json'), '{}');
  Object.assign(view, { calls: 0, records: 0 });
});
afterEach(async () => {
  await api?.stop();
  api = undefined;
  rmSync(state, { recursive: true, force: true });
});

/** An agent that restarts as the launcher's does: it goes, carries the order out, and comes again. */
async function serve(): Promise<void> {
  const from = systemClock.monotonicMs();
  const source = new SampleBox();
  source.status = () => sampleStatus({ upMs: systemClock.monotonicMs() - from });
  const log = silentLog();
  const restart = async (): Promise<void> => {
    await api?.stop();
    finishReset(agent);
    await serve();
  };
  const tools = resetTools({
    ...{ folder: agent, clock: systemClock, log, view: () => ({ ...view }) },
    restart: () => void restart(),
    leave: () => undefined,
    orderWipe: () => {
      writeFileSync(join(state, 'run/wipe-wanted'), '');
      return ok(undefined);
    },
  });
  const more = [{ at: '/v1/reset' as const, routes: resetRoutes(tools) }];
  api = await startLocalApi({ socket: join(state, 'run/agent.sock'), source, clock: systemClock, log, more });
}

const engawa = (...argv: readonly string[]) => runCli(['reset', '--state', state, ...argv]);

function typed(line: string): { interactive: true; next(): Promise<string>; close(): void } {
  return { interactive: true, next: () => Promise.resolve(line), close: () => {} };
}

describe('engawa reset', () => {
  it('does nothing that nobody confirmed', async () => {
    await serve();
    expect(await engawa()).toMatchObject({ code: 2, err: expect.stringContaining('without --yes') });
    const wrong = await runCli(['reset', '--state', state], { input: typed('yes') });
    expect([wrong.code, wrong.out]).toEqual([2, expect.stringContaining('Type gw-000001')]);
    expect(readdirSync(agent)).toContain('config.json');
  });

  it('waits until the box is back, once its name was typed', async () => {
    await serve();
    const ran = await runCli(['reset', '--state', state], { input: typed('gw-000001') });
    expect([ran.code, ran.out]).toEqual([
      0,
      expect.stringMatching(/done: the box is as from the factory\n$/),
    ]);
    expect(readdirSync(agent)).toEqual(['enrolment.json']);
  });

  it('is refused with calls up and records unsent, and ends with 5', async () => {
    await serve();
    view.calls = 2;
    expect(await engawa('--yes')).toMatchObject({ code: 5, err: expect.stringContaining('2 calls are up') });
    Object.assign(view, { calls: 0, records: 4 });
    const unsent = await engawa('--yes', '--lang', 'ja');
    expect([unsent.code, unsent.err]).toEqual([5, expect.stringContaining('未送信の通話記録が 4 件')]);
    const lost = await engawa('--yes', '--lose-records', '--json');
    expect([lost.code, JSON.parse(lost.out)]).toEqual([0, { v: 1, reset: { done: true, agent: 'up' } }]);
  });

  it('works without the agent, and forgets the enrolment when it is told to', async () => {
    expect(await engawa('--yes', '--enrolment')).toMatchObject({ code: 0 });
    expect(readdirSync(agent)).toEqual([]);
  });
});

describe('engawa reset --wipe', () => {
  it('asks twice: for the name of the box, and for the word', async () => {
    await serve();
    const answers = (...lines: readonly string[]) => {
      const left = [...lines];
      const next = () => Promise.resolve(left.shift());
      return { input: { interactive: true as const, next, close: () => undefined } };
    };
    const asked = ['reset', '--wipe', '--state', state];
    expect((await runCli(asked, answers('gw-000001', 'no'))).code).toBe(2);
    expect(readdirSync(join(state, 'run'))).not.toContain('wipe-wanted');
    const ran = await runCli(asked, answers('gw-000001', 'wipe'));
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('makes its storage anew')]);
    expect(readdirSync(join(state, 'run'))).toContain('wipe-wanted');
  });

  it('without the agent wants to be told that records may be lost, and an appliance', async () => {
    writeFileSync(join(agent, 'agent.sqlite'), 'torn');
    expect(await engawa('--wipe', '--yes')).toMatchObject({
      code: 5,
      err: expect.stringContaining('--lose-records'),
    });
    expect(await engawa('--wipe', '--yes', '--lose-records')).toMatchObject({
      code: 5,
      err: expect.stringContaining('Only an appliance can be wiped'),
    });
  });
});
