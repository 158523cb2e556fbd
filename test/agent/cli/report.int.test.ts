import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { openAgentStore } from '../../../agent/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { siteOf, TEST_GATEWAY } from '../../support/site-config.ts';
import { runCli } from './run-cli.ts';
import { SampleBox, troubledStatus } from './sample-box.ts';

/** Every secret has this in it. */
const MARK = 'MaRkEr';
const DEVICE = `device-${MARK}-<0001>&"x`;
const SIP = `sip-${MARK}-password-2`;
const PHONE = `phone-${MARK}-password-3`;
const KEY = Buffer.from(`${MARK}-key-of-all-phones-0123456789`);

let folder: string;
let state: string;
let box: SampleBox;
let api: Running | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-report-'));
  state = join(folder, 'box');
  for (const name of ['agent', 'run', 'log']) mkdirSync(join(state, name), { recursive: true, mode: 0o700 });
  fillWithSecrets();
  box = new SampleBox();
  api = await startLocalApi({
    socket: join(state, 'run/agent.sock'),
    source: box,
    clock: systemClock,
    log: silentLog(),
  });
});
afterEach(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function siteWithSecrets(): ReturnType<typeof siteOf> {
  const site = siteOf();
  return { ...site, lines: site.lines.map((line) => ({ ...line, sip: { ...line.sip, password: SIP } })) };
}

function fillWithSecrets(): void {
  const pem = `-----BEGIN PRIVATE KEY-----\n${MARK.repeat(10)}\n-----END PRIVATE KEY-----\n`;
  const enrolment = testEnrolment({
    caPem: `-----BEGIN CERTIFICATE-----\n${MARK.repeat(9)}\n-----END CERTIFICATE-----\n`,
    configKeyPem: pem,
    device: { certificatePem: 'pem', privateKeyPem: DEVICE },
  });
  writeFileSync(join(state, 'agent/enrolment.json'), JSON.stringify(enrolment), { mode: 0o600 });
  writeFileSync(
    join(state, 'agent/phones.json'),
    JSON.stringify({ phones: [{ mac: 'x', password: PHONE }] }),
  );
  writeFileSync(join(state, 'agent/phones.key'), KEY, { mode: 0o600 });
  writeFileSync(join(state, 'agent/box.pem'), pem);
  const path = join(state, 'agent/agent.sqlite');
  const store = openAgentStore({ path, clock: systemClock, random: seededRandom(1), gateway: TEST_GATEWAY });
  store.config.save({ rev: 3, issuedAt: 1, sha256: 'x', keyId: 'k', config: siteWithSecrets() });
  store.close();
  const lines = [
    JSON.stringify({ level: 30, msg: 'hello', event: 'ready' }),
    JSON.stringify({
      msg: `login failed with ${SIP} and ${PHONE} and ${DEVICE}`,
      err: { stack: `at ${SIP}` },
    }),
    JSON.stringify({ msg: 'x', claimToken: `unknown-${MARK}`, deep: [{ privateKey: MARK, login: MARK }] }),
    JSON.stringify({ msg: `Authorization: Digest username="a", response="${MARK}"` }),
    JSON.stringify({
      msg: `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.from(MARK).toString('base64')}`,
    }),
    `not JSON: password=${MARK}-a token: "${MARK}-b" https://user:${MARK}@host/ nonce='${MARK}'`,
    `${encodeURIComponent(DEVICE)} ${Buffer.from(SIP).toString('base64')} ${KEY.toString('hex')} ${KEY.toString('base64')}`,
    `a PEM in a line: ${JSON.stringify(pem)}`,
    pem,
    'call from 0312345678 to +81355550123 at 1764000000000',
    'withheld 1840355557711, shown 1860355557712 and 186184' +
      '0355557713, a fax machine that is 03 5555 7714 or +81-3-5555-7715',
  ];
  writeFileSync(join(state, 'log/agent.log'), lines.join('\n'));
  writeFileSync(join(state, 'log/media.log'), `${'x'.repeat(2_000)}${SIP}\n`.repeat(1_000));
}

async function bundle(): Promise<{ readonly text: string; readonly file: string }> {
  const file = join(folder, 'out.tar.gz');
  const ran = await runCli(['report', file, '--state', state]);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.columns).toBeLessThanOrEqual(80);
  return { text: gunzipSync(readFileSync(file)).toString('utf8'), file };
}

/** The mark in every form in which a secret might be written down. */
function leaks(text: string): readonly string[] {
  const forms = [MARK, Buffer.from(MARK).toString('hex'), ...[SIP, PHONE, DEVICE, MARK].map(base64)];
  return forms.filter((form) => text.includes(form));
}

function base64(secret: string): string {
  return Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1);
}

describe('the bundle for support', () => {
  it('holds no secret of the box, in no form, with the agent running and without', async () => {
    const status = troubledStatus();
    const warnings = status.warnings.map((each) => ({ ...each, say: `${each.say} ${SIP}` }));
    box.current = { ...status, warnings };
    box.config = siteWithSecrets;
    const running = await bundle();
    expect(leaks(running.text)).toEqual([]);
    rmSync(running.file);
    await api?.stop();
    api = undefined;
    expect(leaks((await bundle()).text)).toEqual([]);
  });

  it('is an archive that tar opens, with what support asks for', async () => {
    const { file } = await bundle();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    execFileSync('tar', ['-xzf', file, '-C', folder]);
    const made = join(folder, 'engawa-report');
    expect(readdirSync(made).sort()).toEqual(
      [
        ...[
          'about.json',
          'calls.json',
          'config.json',
          'dhcp.json',
          'doctor.json',
          'doctor.txt',
          'faxes.json',
        ],
        ...['files.txt', 'leases.json', 'lines.json', 'log', 'phones.json', 'status.json'],
        ...['stored-config.json', 'warnings.json'],
      ].sort(),
    );
    const read = (name: string): string => readFileSync(join(made, name), 'utf8');
    expect(JSON.parse(read('status.json'))).toMatchObject({ v: 1, gateway: 'gw-000001', warnings: [] });
    expect(JSON.parse(read('about.json'))).toMatchObject({
      v: 1,
      gateway: TEST_GATEWAY,
      node: process.version,
    });
    expect(JSON.parse(read('stored-config.json')).current.kept.rev).toBe(3);
    expect(read('log/agent.log')).toContain('"event":"ready"');
    expect(read('log/media.log').length).toBeLessThan(600_000);
    expect(statSync(join(made, 'files.txt')).mode & 0o777).toBe(0o600);
  });

  it('shortens telephone numbers and keeps times', async () => {
    const { text } = await bundle();
    expect(text).toContain('call from 031234**** to +8135555**** at 1764000000000');
    expect(text).not.toContain('0355550123');
    expect(text).not.toMatch(/5555[- ]?771[1-5]/);
    expect(text).toContain('184035555****');
    expect(text).toContain('+81-3-5555-****');
  });

  it('shortens the fields that hold a number, however somebody wrote it, and no short one', async () => {
    const [fax, other] = box.faxHistory;
    if (fax === undefined || other === undefined) throw new Error('no faxes');
    box.faxHistory = [
      { ...fax, remoteIdent: '+81 3  5555 7721', to: '1840355557722' },
      { ...other, remoteIdent: '(03)5555.7723', to: '110', from: '*71' },
    ];
    const { text } = await bundle();
    expect(text).not.toMatch(/5555[-. ]?772[1-3]/);
    expect(text).toContain('"+81 3  5555 ****"');
    expect(text).toContain('"to": "110"');
    expect(text).toContain('"from": "*71"');
  });

  it('says what it wrote as JSON, and writes over nothing', async () => {
    const { file } = await bundle();
    const again = await runCli(['report', file, '--state', state, '--json']);
    expect([again.code, JSON.parse(again.out)]).toMatchObject([
      1,
      { v: 1, error: { code: 'cli.cannotWrite' } },
    ]);
    const other = join(folder, 'second.tar.gz');
    const ran = await runCli(['report', other, '--state', state, '--json', '--lang', 'ja']);
    expect(JSON.parse(ran.out)).toMatchObject({ v: 1, report: { file: other } });
  });
});
