import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from '../../../agent/agent.ts';
import { trustedClock } from '../../../agent/trusted-clock.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { FakeMediaServer } from '../calls/fake-media-server.ts';
import { runCli } from '../cli/run-cli.ts';
import { FakeRauc } from './fake-rauc.ts';

const rauc = new FakeRauc();
const at = (name: string): string => join(rauc.folder, name);
const media = new FakeMediaServer();
let agent: Running;

const start = (): Promise<Running> =>
  startAgent({
    ...{ state: at('agent'), media: at('media.sock'), api: at('agent.sock'), host: '127.65.2.30' },
    updates: { persist: at('persist'), downloads: at('downloads'), slots: rauc.slots },
    // Right, and nobody has told it.
    ...{
      clock: trustedClock(systemClock, at('heard')),
      random: systemRandom,
      log: silentLog(),
      serialNumber: 'EG-1',
    },
  });
const engawa = (...words: readonly string[]) => runCli([...words, '--socket', at('agent.sock')]);

/** The agent asks the installer in its own time. */
async function untilSaid(words: readonly string[], text: RegExp) {
  for (let tries = 0; tries < 200; tries++) {
    const ran = await engawa(...words);
    if (text.test(ran.out)) return ran;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return engawa(...words);
}

beforeAll(async () => {
  mkdirSync(at('agent'), { recursive: true });
  await media.listen(at('media.sock'));
  agent = await start();
}, 60_000);
afterAll(async () => {
  await agent.stop();
  await media.close();
  rauc.remove();
});

describe('engawa update, on a box with two slots', () => {
  it('says what runs, in both languages and as JSON', async () => {
    const said = await untilSaid(['update', 'status'], /1\.0\.0/);
    expect(said.code).toBe(0);
    expect(said.out).toContain('running      1.0.0, slot a');
    expect((await engawa('update', '--lang', 'ja')).out).toContain('導入する更新はありません');
    const { update } = JSON.parse((await engawa('update', '--json')).out);
    expect(update.report).toMatchObject({ compatible: 'engawa-virt-arm64', state: { at: 'idle' } });
  });

  it('refuses what nobody has signed, what is for another box, and what is not there', async () => {
    const forged = await engawa('update', 'install', rauc.bundle('1.1.0', false));
    expect(forged).toMatchObject({ code: 5 });
    expect(forged.err).toContain('Nobody whom this box trusts');
    expect(await engawa('update', 'install', rauc.bundle('1.1.0', true, 'engawa-other'))).toMatchObject({
      code: 5,
    });
    expect(await engawa('update', 'install', rauc.bundle('0.9.0'))).toMatchObject({ code: 5 });
    expect(await engawa('update', 'install', at('nothing.raucb'))).toMatchObject({ code: 10 });
    expect(await engawa('update', 'install')).toMatchObject({ code: 2 });
    expect(rauc.read('said')).not.toContain('install /');
  });

  it('does not restart by a clock that nobody has set since its start, and says so', async () => {
    expect((await engawa('update', 'install', rauc.bundle('1.1.0'))).code).toBe(0);
    const said = await untilSaid(['update', '--json'], /"for": ?"(clock|window)"|restarting/);
    expect(JSON.parse(said.out).update.report.state).toEqual({ at: 'waiting', for: 'clock' });
    expect(rauc.read('restart-wanted')).toBe('');
  }, 60_000);

  it('installs a file and has the box restarted, with what worked before kept for the new system', async () => {
    const ran = await engawa('update', 'install', rauc.bundle('1.1.0'), '--now');
    expect(ran.code).toBe(0);
    await untilSaid(['update', '--json'], /restarting/);
    for (let tries = 0; tries < 200 && rauc.read('restart-wanted') === ''; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(rauc.read('restart-wanted')).toBe('update to 1.1.0');
    expect([rauc.read('version-b'), rauc.read('next')]).toEqual(['1.1.0', 'b']);
    const kept = JSON.parse(readFileSync(join(at('persist'), 'update.json'), 'utf8'));
    expect(kept.job.stage).toMatchObject({ at: 'restarting', target: 'b', activated: true });
  }, 60_000);

  it('is on trial after the restart, and goes back on a technician’s word', async () => {
    await agent.stop();
    rauc.write('running', 'b\n');
    rauc.write('version-a', '1.0.0\n');
    rauc.write('boot-state', 'trial=b\n');
    writeFileSync(at('restart-wanted'), '');
    agent = await start();
    const said = await untilSaid(['update'], /on trial/);
    expect(said.out).toContain('1.1.0, slot b, on trial');
    expect((await engawa('update', 'rollback')).code).toBe(0);
    for (let tries = 0; tries < 200 && rauc.read('restart-wanted') === ''; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(rauc.read('said')).toContain('status mark-bad booted');
    expect(rauc.read('restart-wanted')).toContain('back from an update');
  }, 60_000);
});
