import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAgentStore } from '../../agent/store/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { dhcpConfig } from '../../lib/contract/lan-config.ts';
import { createLan, type Lan, whyNoLan } from '../../scripts/lab/lan.ts';
import { testEnrolment } from '../support/enrolment.ts';
import { Program } from '../support/program.ts';
import { udhcpcLease } from '../support/udhcpc.ts';
import { FakeMediaServer } from './calls/fake-media-server.ts';
import { exampleConfig, samplePhone } from './calls/office-world.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`The box among strangers is not tested: ${why}\n`);

const BOX = '192.168.64.1';
const STRANGER = '192.168.64.9';
/** `nobody`: the agent is no root, and has the two rights that DHCP needs and no other. */
const NOBODY = 65_534;
const RIGHTS = '-all,+net_raw,+net_bind_service';
const UNPRIVILEGED = [
  ...['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--no-new-privs'],
  ...['--inh-caps', RIGHTS, '--ambient-caps', RIGHTS, '--bounding-set', RIGHTS, '--'],
];

describe.skipIf(why !== undefined)('a box that is not root, among strangers on its LAN', () => {
  const root = mkdtempSync(join(tmpdir(), 'engawa-security-'));
  const state = join(root, 'agent');
  const [apiSocket, mediaSocket] = [join(root, 'run', 'agent.sock'), join(root, 'run', 'media.sock')];
  const media = new FakeMediaServer();
  let lan: Lan;
  let agent: Program;

  beforeAll(async () => {
    for (const folder of [state, join(root, 'run')]) mkdirSync(folder);
    writeBox(state);
    await media.listen(mediaSocket);
    giveAway(root);
    chmodSync(mediaSocket, 0o666);
    lan = createLan(['box', 'stranger', 'guesser', 'client']);
    lan.address('box', `${BOX}/24`);
    lan.address('stranger', `${STRANGER}/24`);
    lan.address('guesser', '192.168.64.10/24');
    const flags = [
      '--state',
      state,
      '--media',
      mediaSocket,
      '--api',
      apiSocket,
      '--host',
      BOX,
      '--lan',
      'lan0',
    ];
    agent = new Program('agent/main.ts', flags, { through: [...lan.inside('box'), ...UNPRIVILEGED] });
    await agent.ready();
  }, 120_000);
  afterAll(async () => {
    await agent?.stop();
    lan?.remove();
    await media.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function warned(code: string): Promise<string> {
    let say: string | undefined;
    await until(`${code} is raised`, async () => {
      const { warnings } = await api<{ warnings: { code: string; say: string }[] }>(apiSocket, '/v1/status');
      say = warnings.find((each) => each.code.startsWith(code))?.say;
      return say !== undefined;
    });
    return say ?? '';
  }

  it('is not found by svmap, and svwar finds no extension and is locked out', async () => {
    const [map, war] = await Promise.all([
      lan.run('stranger', ['svmap', '-p', '5060', BOX], 30_000),
      lan.run(
        'guesser',
        ['svwar', '-e', '10-40', '--force', '-m', 'INVITE', '--maximumtime', '2', BOX],
        30_000,
      ),
    ]);
    expect(map.output).not.toContain(`${BOX}:5060 `);
    expect(war.output).not.toMatch(/reqauth|noauth|\| *2[12] *\|/);
    expect(await warned('W-LAN-820')).toMatch(/192\.168\.64\.(9|10) looks for extensions/);
    // Not even a phone of the office is spoken with from there now.
    const quiet = await lan.run('guesser', ['sh', '-c', registerBy('guesser')], 10_000);
    expect(quiet.output).not.toContain('SIP/2.0');
  }, 120_000);

  it('locks out who asks one name after the other without calling itself a scanner, and says so', async () => {
    lan.join('patient');
    lan.address('patient', '192.168.64.12/24');
    const asked = await lan.run('patient', ['sh', '-c', registerBy('patient')], 20_000);
    const answers = asked.output.match(/SIP\/2\.0 \d+/g) ?? [];
    expect(new Set(answers)).toEqual(new Set(['SIP/2.0 401']));
    expect(answers.length).toBeLessThanOrEqual(10);
  });

  it('gives addresses on the LAN all the same', async () => {
    // It looks for another server first.
    await until('it gives addresses', async () => {
      const { dhcp } = await api<{ dhcp: { standing: string } | null }>(apiSocket, '/v1/dhcp');
      return dhcp?.standing === 'serving';
    });
    expect(await udhcpcLease(lan, 'client')).toMatchObject({ server: BOX });
  });

  it('offers SIP, DHCP and provisioning there, and nothing else: by its own sockets and by a scan from outside', async () => {
    const { output } = await lan.run('box', ['ss', '-H', '-l', '-n', '-t', '-u']);
    const offered = output
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/))
      .map(([kind = '', , , , where = '']) => `${kind} ${where.slice(where.lastIndexOf(':') + 1)}`);
    const allowed = ['tcp 5060', 'udp 5060', 'udp 67', 'udp 68', 'tcp 8080', 'tcp 8443'];
    // Phones that asked by multicast (PnP) answer to a port of its own, which reads nothing but their SIP.
    const others = offered.filter((each) => !allowed.includes(each));
    expect(others.length).toBeLessThanOrEqual(1);
    for (const other of others) expect(other).toMatch(/^udp [3-6]\d{4}$/);
    expect(offered).toEqual(expect.arrayContaining(['tcp 5060', 'udp 5060', 'tcp 8080']));
    lan.address('client', '192.168.64.11/24');
    const nmap = ['nmap', '-n', '-Pn', '-sS', '-T5', '--min-rate', '4000', '-p', '1-10000', '-oG', '-', BOX];
    const seen = (await lan.run('client', nmap, 40_000)).output.match(/\d+\/open/g) ?? [];
    expect(seen.map((each) => each.split('/')[0]).filter((port) => !allowed.includes(`tcp ${port}`))).toEqual(
      [],
    );
    expect(seen).toContain('5060/open');
  }, 120_000);

  it('slows down who asks for the files of phones by guessing, and says so', async () => {
    const guess =
      'for i in $(seq 10 40); do curl -s -m 2 -o /dev/null -w "%{http_code} " http://$0:8080/cfgc074ad0000$i.xml; done';
    const { output } = await lan.run('client', ['sh', '-c', guess, BOX], 60_000);
    expect(output).not.toContain('200');
    expect(await warned('W-LAN-811')).toContain('192.168.64.11');
  }, 120_000);

  it('leaves nothing that others can read, on disk or by its socket', () => {
    const readable = all(state).filter((path) => (lstatSync(path).mode & 0o077) !== 0);
    expect(readable.map((path) => path.slice(state.length))).toEqual([]);
    expect(lstatSync(apiSocket).mode & 0o777).toBe(0o660);
    expect(lstatSync(apiSocket).uid).toBe(NOBODY);
    const nobodyElse = ['setpriv', '--reuid', '1234', '--regid', '1234', '--clear-groups', '--'];
    const asked = [...nobodyElse, 'curl', '-s', '--unix-socket', apiSocket, 'http://engawa/v1/status'];
    expect(() => execFileSync(asked[0] ?? '', asked.slice(1), { stdio: 'ignore' })).toThrow();
  });
});

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (const from = performance.now(); performance.now() - from < 30_000; ) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`did not happen: ${what}`);
}

/** A box with a phone of the office, and an enrolment that leads nowhere. */
function writeBox(state: string): void {
  const configKeyPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
  const enrolment = testEnrolment({ configKeyPem: configKeyPem.toString() });
  writeFileSync(join(state, 'enrolment.json'), JSON.stringify(enrolment), { mode: 0o600 });
  const example = exampleConfig();
  const dhcp = dhcpConfig.parse({
    ...{ mode: 'serve', confirmedBy: 'test', pool: { first: '192.168.64.100', last: '192.168.64.150' } },
  });
  const lan = { ...example.lan, dhcp, phones: [samplePhone(1), samplePhone(2)] };
  const store = openAgentStore({
    ...{ path: join(state, 'agent.sqlite'), clock: systemClock, random: systemRandom },
    gateway: 'gw-000001' as GatewayId,
  });
  store.config.save({
    rev: 1,
    issuedAt: 1,
    sha256: 'a'.repeat(64),
    keyId: 'test',
    config: { ...example, lan },
  });
  store.close();
}

/** Sixteen REGISTERs for names one after the other, as a tool that pretends to be a phone sends them. */
function registerBy(host: string): string {
  const message = [
    `REGISTER sip:${BOX} SIP/2.0`,
    'Via: SIP/2.0/UDP 0.0.0.0:5099;rport;branch=z9hG4bK-%s',
    `From: <sip:3%s@${BOX}>;tag=${host}`,
    `To: <sip:3%s@${BOX}>`,
    `Call-ID: %s-${host}`,
    'CSeq: 1 REGISTER',
    'Contact: <sip:me@0.0.0.0:5099>',
    'User-Agent: Desk phone 1.0',
    'Content-Length: 0',
    '',
    '',
  ].join('\\r\\n');
  return `for i in $(seq 10 25); do printf '${message}' $i $i $i $i | timeout 1 socat -t 0.1 - UDP:${BOX}:5060; done`;
}

function giveAway(path: string): void {
  for (const each of [path, ...all(path)]) chownSync(each, NOBODY, NOBODY);
}

function all(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
}

function api<Answer>(socketPath: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => {
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
