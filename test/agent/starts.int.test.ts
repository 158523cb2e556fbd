import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderReset } from '../../agent/reset/reset-folder.ts';
import type { AgentStatus } from '../../agent/status.ts';
import { openAgentStore } from '../../agent/store/index.ts';
import { openServiceKeys } from '../../cloud-stub/sync/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import { testEnrolment } from '../support/enrolment.ts';
import { Program } from '../support/program.ts';
import { FakeMediaServer } from './calls/fake-media-server.ts';
import { exampleConfig } from './calls/office-world.ts';

/** Nobody is there: a box whose cable to the world is not plugged in. */
const CLOUD = '127.64.2.10';
const GATEWAY = '127.64.2.30';
const BEFORE_TIME = '@1970-01-01 00:01:00';

const root = mkdtempSync(join(tmpdir(), 'engawa-starts-'));
const state = join(root, 'agent');
const apiSocket = join(root, 'agent.sock');
const mediaSocket = join(root, 'media.sock');
const config: SiteConfig = {
  ...exampleConfig(),
  trunk: { ...exampleConfig().trunk, host: CLOUD },
};
const configKeyPem = generateKeyPairSync('ed25519')
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const isRoot = process.getuid?.() === 0;
const faketime = fakeTimeLibrary();

let certificates: Partial<Enrolment> = {};
let media: FakeMediaServer;
let agent: Program | undefined;

beforeAll(async () => {
  mkdirSync(state);
  const keys = await openServiceKeys({
    ...{ folder: join(root, 'cloud'), serverName: 'cloud.engawa.example' },
    ...{ clock: systemClock, random: systemRandom },
  });
  const device = { certificatePem: keys.serverCertPem, privateKeyPem: keys.serverKeyPem };
  certificates = { caPem: keys.caPem, device };
});
beforeEach(async () => {
  media = new FakeMediaServer();
  await media.listen(mediaSocket);
});
afterEach(async () => {
  await agent?.stop('SIGKILL');
  agent = undefined;
  await media.close();
  spawnSync('umount', [state]);
  for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What a box has that was in use before: its enrolment, and two configurations. */
function usedBox(pems: Partial<Enrolment> = certificates): void {
  enrol(pems);
  const store = openAgentStore({
    ...{ path: join(state, 'agent.sqlite'), clock: systemClock, random: systemRandom },
    gateway: 'gw-000001' as GatewayId,
  });
  for (const rev of [2, 3]) {
    store.config.save({ rev, issuedAt: 1, sha256: 'a'.repeat(64), keyId: 'test', config });
  }
  store.close();
}

function enrol(pems: Partial<Enrolment> = certificates): void {
  const mqtt = { host: CLOUD, port: 8883, serverName: 'cloud.engawa.example' };
  writeFileSync(
    join(state, 'enrolment.json'),
    JSON.stringify(testEnrolment({ mqtt, configKeyPem, ...pems })),
  );
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const flags = ['--state', state, '--media', mediaSocket, '--api', apiSocket, '--host', GATEWAY];
  agent = new Program('agent/main.ts', flags, { env });
  await agent.ready();
  return agent;
}

async function until(what: string, look: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  for (const from = performance.now(); performance.now() - from < limitMs; ) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`did not happen: ${what}; ${JSON.stringify(agent?.lines.slice(-5))}`);
}

function api<Answer>(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ socketPath: apiSocket, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(JSON.parse(text) as Answer));
    })
      .on('error', reject)
      .end();
  });
}

async function warnings(): Promise<string[]> {
  const answer = await api<{ warnings: { code: string }[] }>('/v1/status');
  return answer.warnings.map(({ code }) => code.split('/')[0] ?? '');
}

const hears = (port: number, what: string) =>
  until(`line ${port} hears ${what}`, () => media.hears(port) === what);

/** Two phones of the office talk to each other; a call outside is answered with words. */
async function officeWorks(guide = 'guideAway'): Promise<void> {
  media.lift(1);
  await hears(1, 'dial');
  media.dial(1, '12');
  await until('line 2 rings', () => media.ringing.has(2));
  media.lift(2);
  await hears(1, 'line');
  media.hangUp(2);
  await hears(1, 'busy');
  media.hangUp(1);
  await hears(1, 'silence');
  media.lift(1);
  await hears(1, 'dial');
  media.dial(1, '0355550123');
  await hears(1, guide);
  media.hangUp(1);
  await hears(1, 'silence');
}

describe('a box starts', () => {
  it('without a network: phones work, the outside is explained, and it waits in peace', async () => {
    usedBox();
    await start();
    await officeWorks();
    expect(await warnings()).toEqual(expect.arrayContaining(['W-TRK-301']));
    expect(await api('/v1/status')).toMatchObject({ config: { appliedRev: 3 } });
  });

  it.skipIf(faketime === undefined)(
    'in 1970: the configuration runs, records know that they do not know the time, and it learns it later',
    async () => {
      usedBox();
      const clockFile = join(root, 'now');
      writeFileSync(clockFile, BEFORE_TIME);
      const fake = { LD_PRELOAD: faketime ?? '', FAKETIME_TIMESTAMP_FILE: clockFile };
      await start({ ...fake, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' });
      await officeWorks();
      expect(await warnings()).toContain('W-CLK-451');
      const { calls } = await api<{ calls: { startedAt: number }[] }>('/v1/calls');
      expect(calls.every(({ startedAt }) => startedAt < Date.UTC(1971, 0))).toBe(true);
      writeFileSync(clockFile, '+0');
      await until('it knows the time', async () => !(await warnings()).includes('W-CLK-451'));
      await officeWorks();
      await agent?.stop();
      const store = openAgentStore({
        ...{ path: join(state, 'agent.sqlite'), clock: systemClock, random: systemRandom },
        gateway: 'gw-000001' as GatewayId,
      });
      const set = store.outbox.next(10).map(({ clock }) => clock?.set);
      store.close();
      expect(set).toEqual([false, false, true, true]);
    },
  );

  it.skipIf(!isRoot)('with a full disk: phones work, and it says so', async () => {
    mount('6m');
    usedBox();
    fill();
    await start();
    await until('it says that the disk is full', async () => (await warnings()).some(isAboutDisk));
    media.lift(1);
    await hears(1, 'dial');
    media.dial(1, '12');
    await until('line 2 rings', () => media.ringing.has(2));
    media.hangUp(1);
    await hears(1, 'silence');
  });

  it.skipIf(!isRoot)(
    'with a disk that was full before it had a store: in memory, with a warning',
    async () => {
      mount('1m');
      usedBox();
      rmSync(join(state, 'agent.sqlite'));
      fill();
      await start();
      expect((await warnings()).some(isAboutDisk)).toBe(true);
      media.lift(1);
      await hears(1, 'dial');
      media.hangUp(1);
    },
  );

  it.skipIf(!isRoot)(
    'with a disk that has become read-only: from its last configuration, in memory, and it stays up',
    async () => {
      mount('32m');
      usedBox();
      await start();
      await agent?.stop();
      // Even with a reset ordered, which cannot be carried out.
      orderReset(state, { records: false, enrolment: false });
      spawnSync('mount', ['-o', 'remount,ro', state]);
      await start();
      expect(await warnings()).toContain('W-STO-703');
      expect(await api('/v1/status')).toMatchObject({ config: { appliedRev: 3 } });
      await officeWorks();
    },
  );

  it.skipIf(!isRoot)(
    'with a disk that has no place for another file: in memory, with a warning',
    async () => {
      mount('32m,nr_inodes=20');
      usedBox();
      for (let file = 0; file < 20; file++) spawnSync('touch', [join(state, `filler-${file}`)]);
      await start();
      expect(await warnings()).toContain('W-STO-703');
      await officeWorks();
    },
  );

  it('with a damaged store and a damaged configuration: the copy before it runs', async () => {
    usedBox();
    writeFileSync(join(state, 'agent.sqlite'), Buffer.alloc(65_536, 0x5a));
    writeFileSync(join(state, 'config.json'), readFileSync(join(state, 'config.json'), 'utf8').slice(0, 900));
    await start();
    expect(await warnings()).toEqual(expect.arrayContaining(['W-STO-701', 'W-CFG-503']));
    expect(await api('/v1/status')).toMatchObject({ config: { appliedRev: 2 } });
    await officeWorks();
    expect(readdirSync(state).some((name) => name.startsWith('agent.sqlite.damaged-'))).toBe(true);
  });

  it('with keys and certificates that cannot be read: phones work, and it says that it must be enrolled again', async () => {
    usedBox({ caPem: 'torn', device: { certificatePem: 'torn', privateKeyPem: 'torn' } });
    await start();
    await officeWorks();
    expect(await warnings()).toContain('W-CRT-403');
  });

  it('without an enrolment: lines can be looked at, and it takes up the identity that it is given', async () => {
    await start();
    media.lift(1);
    await hears(1, 'congestion');
    expect(await warnings()).toContain('W-ENR-411');
    const { identity, lines } = await api<AgentStatus>('/v1/status');
    expect(identity).toMatchObject({ at: 'unclaimed', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(lines.map(({ port, state: at }) => `${port} ${at}`).slice(0, 2)).toEqual([
      '1 offHook',
      '2 onHook',
    ]);
    expect(readFileSync(join(root, 'identity'), 'utf8')).toContain('not claimed');
    media.hangUp(1);
    await hears(1, 'silence');
    enrol();
    await until('it is claimed', async () => {
      const now = await api<AgentStatus>('/v1/status').catch(() => undefined);
      return now?.gateway === 'gw-000001';
    });
    expect(await warnings()).toEqual(expect.arrayContaining(['W-CFG-502']));
    expect(await warnings()).not.toContain('W-ENR-411');
    expect(readFileSync(join(root, 'identity'), 'utf8')).toContain('gw-000001');
  });

  it('with a damaged enrolment: the office works from its last configuration, with a warning', async () => {
    usedBox();
    const path = join(state, 'enrolment.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 300));
    await start();
    expect(await warnings()).toContain('W-ENR-412');
    expect(await api('/v1/status')).toMatchObject({ gateway: null, config: { appliedRev: 3 } });
    await officeWorks();
  });

  it('with nothing whole but its enrolment: as from the factory, with warnings, and never again and again', async () => {
    usedBox();
    for (const name of ['agent.sqlite', 'config.json', 'config.previous.json', 'desk.json', 'drill.json']) {
      writeFileSync(join(state, name), Buffer.from([0, 255, 1, 254, 123]));
    }
    await start();
    expect(await warnings()).toEqual(expect.arrayContaining(['W-STO-701', 'W-CFG-503', 'W-CFG-502']));
    await agent?.stop();
    await start();
    expect(await warnings()).toContain('W-CFG-502');
    expect(await warnings()).not.toContain('W-STO-701');
  });
});

const isAboutDisk = (code: string): boolean => code.startsWith('W-STO') || code.startsWith('W-OUT');

function mount(size: string): void {
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'engawa-test', state]);
  if (made.status !== 0) throw new Error(String(made.stderr));
}

/** Not one byte is left. */
function fill(): void {
  spawnSync('dd', ['if=/dev/zero', `of=${join(state, 'filler')}`, 'bs=4k']);
}

function fakeTimeLibrary(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path));
}
