import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../../agent/cli/doctor/index.ts';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { openAgentStore } from '../../../agent/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { configKeys, siteOf, TEST_GATEWAY } from '../../support/site-config.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { type Ran, runCli } from './run-cli.ts';
import { SampleBox, troubledStatus } from './sample-box.ts';

const HOST = '127.55.2.10';
const SERVER_NAME = 'cloud.engawa.example';
const authority = testAuthority();
const keys = configKeys();
let service: Server;
let servicePort: number;
let state: string;
const closing: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  service = createTlsServer(authority.issue(SERVER_NAME), (socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => service.listen(0, HOST, resolve));
  const address = service.address();
  servicePort = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => service.close());

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'engawa-doc-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(state, { recursive: true, force: true });
});

/** A box as it is after a good start, with the agent down. */
async function makeBox(): Promise<void> {
  mkdirSync(join(state, 'agent'), { mode: 0o700 });
  mkdirSync(join(state, 'run'), { mode: 0o700 });
  writeEnrolment({});
  const store = openAgentStore({
    path: join(state, 'agent/agent.sqlite'),
    clock: systemClock,
    random: seededRandom(1),
    gateway: TEST_GATEWAY,
  });
  const trunk = { ...siteOf().trunk, host: HOST, port: servicePort };
  store.config.save({
    rev: 3,
    issuedAt: Date.now() - 60_000,
    sha256: 'x',
    keyId: 'k',
    config: siteOf({ trunk }),
  });
  store.close();
  symlinkSync('/dev/null', join(state, 'run/tty-board'));
  const media = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => media.listen(join(state, 'run/media.sock'), resolve));
  closing.push(() => void media.close());
}

function writeEnrolment(changes: Record<string, unknown>): void {
  const file = join(state, 'agent/enrolment.json');
  const enrolment = testEnrolment({
    mqtt: { host: HOST, port: servicePort, serverName: SERVER_NAME },
    caPem: authority.caPem,
    configKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  writeFileSync(file, JSON.stringify({ ...enrolment, ...changes }), { mode: 0o600 });
}

function doctor(...argv: readonly string[]): Promise<Ran> {
  return runCli(['doctor', '--state', state, ...argv], { now: Date.now() });
}

async function findings(now = Date.now()): Promise<Record<string, string>> {
  const ran = await runCli(['doctor', '--state', state, '--json'], { now });
  const report = JSON.parse(ran.out) as DoctorReport;
  expect(report.v).toBe(1);
  return Object.fromEntries(
    report.findings.map(({ name, verdict, todo }) => [name, todo?.code ?? (verdict as string)]),
  );
}

describe('the doctor, with the agent down', () => {
  it('says that the agent is down and that everything else is good', async () => {
    await makeBox();
    expect(await findings()).toEqual({
      'state folder': 'OK',
      enrolment: 'OK',
      store: 'OK',
      'last config': 'OK',
      'run folder': 'OK',
      agent: 'E-DOC-201',
      media: 'OK',
      board: '--',
      clock: 'OK',
      certificate: 'OK',
      service: 'OK',
      'sip trunk': 'OK',
    });
    const ran = await doctor();
    expect(ran.code).toBe(1);
    expect(ran.columns).toBeLessThanOrEqual(80);
    expect(ran.out).toContain('1 thing to do:');
    expect(ran.out).toContain('E-DOC-201    The agent is not running');
    expect(ran.out).toContain('-> scripts/start');
  });

  it('says that a box was never started', async () => {
    const found = await findings();
    expect(found).toMatchObject({ 'state folder': 'E-DOC-101', enrolment: 'E-DOC-111', agent: 'E-DOC-201' });
    expect(found).toMatchObject({ 'last config': 'E-DOC-131', service: '--', 'sip trunk': '--' });
  });

  it.each<[string, () => void, Record<string, string>]>([
    ['an open folder', () => chmodSync(join(state, 'agent'), 0o755), { 'state folder': 'E-DOC-103' }],
    [
      'an enrolment file that others can read',
      () => chmodSync(join(state, 'agent/enrolment.json'), 0o644),
      { enrolment: 'E-DOC-114', service: 'OK' },
    ],
    [
      'an enrolment file that is not JSON',
      () => writeFileSync(join(state, 'agent/enrolment.json'), '{'),
      { enrolment: 'E-DOC-112', service: '--' },
    ],
    [
      'an enrolment file with a field missing',
      () => writeEnrolment({ mqtt: {} }),
      { enrolment: 'E-DOC-113' },
    ],
    [
      'a store that is damaged',
      () => writeFileSync(join(state, 'agent/agent.sqlite'), 'nonsense'.repeat(999)),
      { store: 'E-DOC-122' },
    ],
    [
      'a store that was moved aside',
      () => writeFileSync(join(state, 'agent/agent.sqlite.damaged-20261121'), ''),
      { store: 'E-DOC-123' },
    ],
    [
      'a configuration that is torn',
      () => writeFileSync(join(state, 'agent/config.json'), '{"v":1'),
      { 'last config': 'E-DOC-132', 'sip trunk': '--' },
    ],
    [
      'a configuration of another gateway',
      () => writeEnrolment({ gateway: 'gw-000777' }),
      { 'last config': 'E-DOC-132' },
    ],
    ['a board that is not plugged in', () => rmSync(join(state, 'run/tty-board')), { board: 'E-DOC-231' }],
    [
      'a serial device that has gone',
      () => {
        rmSync(join(state, 'run/tty-board'));
        symlinkSync('/dev/pts/nothing', join(state, 'run/tty-board'));
      },
      { board: 'E-DOC-231' },
    ],
    [
      'an authority that is no certificate',
      () => writeEnrolment({ caPem: 'not a certificate' }),
      { certificate: 'E-DOC-311' },
    ],
    [
      'a service of another authority',
      () => writeEnrolment({ caPem: testAuthority().caPem }),
      { service: 'E-DOC-322', 'sip trunk': 'E-DOC-322' },
    ],
    [
      'a service that the firewall blocks',
      () => writeEnrolment({ mqtt: { host: HOST, port: 9, serverName: SERVER_NAME } }),
      { service: 'E-DOC-321', 'sip trunk': 'OK' },
    ],
  ])('finds %s', async (_what, spoil, expected) => {
    await makeBox();
    spoil();
    expect(await findings()).toMatchObject(expected);
  });

  it('finds a media process that is away', async () => {
    await makeBox();
    for (const close of closing.splice(0)) await close();
    expect(await findings()).toMatchObject({ media: 'E-DOC-221' });
  });

  it('finds a clock that cannot be right', async () => {
    await makeBox();
    expect(await findings(Date.UTC(1970, 0, 1))).toMatchObject({
      clock: 'E-DOC-301',
      certificate: 'E-DOC-311',
    });
    expect(await findings(Date.now() - 3 * 86_400_000)).toMatchObject({ clock: 'E-DOC-301' });
    expect(await findings(Date.now() + 60 * 86_400_000)).toMatchObject({
      certificate: 'E-DOC-311',
      service: 'E-DOC-323',
    });
  });
});

describe('the doctor, with the agent up', () => {
  it('takes its word for board and media, and repeats its warnings with what to do', async () => {
    await makeBox();
    const box = new SampleBox();
    const socket = join(state, 'run/agent.sock');
    const api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog() });
    closing.push(() => api.stop());
    const healthy = await doctor();
    expect(healthy.out).toContain('Nothing to do.');
    expect(healthy.code).toBe(0);
    box.current = troubledStatus();
    const ran = await doctor();
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/W-TRK-302\/2 +Line 2 is not registered/);
    expect(ran.out).toContain('-> engawa config');
    expect(ran.columns).toBeLessThanOrEqual(80);
  });
});
