import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLan, type Lan, whyNoLan } from '../../../scripts/lab/lan.ts';
import { packageLease } from '../../../scripts/lab/package-lease.ts';
import { type RoomProgram, startRoom } from './room-program.ts';

const SERVE = {
  mode: 'serve',
  confirmedBy: 'test',
  pool: { first: '192.168.20.100', last: '192.168.20.119' },
  router: '192.168.20.1',
  dns: ['192.168.20.1'],
  domain: 'office.example',
  rules: [
    {
      name: 'phones',
      match: {},
      options: [{ code: 66, value: { as: 'text', text: 'http://192.168.20.2/p/' } }],
    },
  ],
};

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`DHCP clients are not tested: ${why}\n`);

let folder = '';
/** Gives the interface the leased address, as the scripts of a distribution do. */
let script = '';
let lan: Lan;
let room: RoomProgram;

describe.skipIf(why !== undefined)('foreign clients on a LAN that the box serves', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-dhcp-'));
    chmodSync(folder, 0o777);
    script = join(folder, 'configure');
    writeFileSync(
      script,
      '#!/bin/sh\n[ "$1" = bound ] && ip addr add "$ip/$mask" dev "$interface"\n[ "$1" = deconfig ] && ip addr flush dev "$interface"\nexit 0\n',
      { mode: 0o755 },
    );
    lan = createLan(['box', 'one', 'two', 'three', 'four', 'five', 'squatter']);
    lan.address('box', '192.168.20.2/24');
    lan.address('squatter', '192.168.20.100/24');
    room = await startRoom(lan, join(folder, 'leases'), SERVE);
    await room.until((view) => view.standing.at === 'serving');
  });
  afterAll(() => {
    lan?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs without root', () => {
    expect(room.first).toMatchObject({ started: true, uid: 65_534 });
  });

  it('udhcpc leases an address, passing over one that somebody uses, and gives it back when it ends', async () => {
    const udhcpc = ['udhcpc', '-i', 'lan0', '-f', '-s', script, '-R'];
    const { output } = await lan.run('one', ['timeout', '3', ...udhcpc]);
    expect(/lease of (\S+) obtained from (\S+),/.exec(output)?.slice(1)).toEqual([
      '192.168.20.101',
      '192.168.20.2',
    ]);
    const view = await room.until((now) =>
      now.leases.some((lease) => lease.address === '192.168.20.101' && lease.at === 'free'),
    );
    expect(view.leases.find((lease) => lease.address === '192.168.20.100')?.at).toBe('quarantined');
  });

  it('udhcpc that wants broadcasts gets them', async () => {
    const { output } = await lan.run('one', [
      'udhcpc',
      '-i',
      'lan0',
      '-B',
      '-n',
      '-q',
      '-f',
      '-s',
      '/bin/true',
    ]);
    expect(output).toMatch(/lease of 192\.168\.20\.101 obtained/);
  });

  it('dhclient leases, and takes up its old address when it comes again (INIT-REBOOT)', async () => {
    const files = ['-lf', join(folder, 'dhclient.leases'), '-pf', join(folder, 'dhclient.pid')];
    const dhclient = ['dhclient', '-4', '-1', '-v', '-d', '-sf', '/bin/true', ...files, 'lan0'];
    const first = (await lan.run('two', ['timeout', '5', ...dhclient], 10_000)).output;
    expect(first).toMatch(/DHCPACK of (\S+) from 192\.168\.20\.2/);
    const again = (await lan.run('two', ['timeout', '3', ...dhclient], 10_000)).output;
    expect(again).not.toMatch(/DHCPDISCOVER/);
    expect(/DHCPACK of (\S+)/.exec(again)?.[1]).toBe(/DHCPACK of (\S+)/.exec(first)?.[1]);
  });

  it('dhcpcd is offered an address with router and domain', async () => {
    const { output } = await lan.run('three', ['dhcpcd', '-4', '--test', '-t', '8', 'lan0'], 15_000);
    expect(output).toMatch(/new_ip_address='?192\.168\.20\.1\d\d/);
    expect(output).toMatch(/new_domain_name='?office\.example/);
    expect(output).toMatch(/new_routers='?192\.168\.20\.1/);
  });

  it('nmap finds the server by broadcast, and its options by INFORM', async () => {
    lan.address('four', '192.168.20.50/24');
    const found = (await lan.run('four', ['nmap', '-n', '--script', 'broadcast-dhcp-discover', '-e', 'lan0']))
      .output;
    expect(found).toMatch(/Server Identifier: 192\.168\.20\.2/);
    expect(found).toMatch(/TFTP Server Name: http:\/\/192\.168\.20\.2\/p\//);
    const inform = ['--script', 'dhcp-discover', '--script-args', 'dhcptype=DHCPINFORM'];
    const informed = (await lan.run('four', ['nmap', '-n', '-sU', '-p', '67', ...inform, '192.168.20.2']))
      .output;
    expect(informed).toMatch(/DHCP Message Type: DHCPACK/);
    expect(informed).not.toMatch(/IP Address Lease Time/);
  });

  it('the client of the dhcp package, which shares nothing with ours, is given address, router and name server', async () => {
    expect(await packageLease(lan, 'five')).toMatchObject({
      address: expect.stringMatching(/^192\.168\.20\.1\d\d$/),
      server: '192.168.20.2',
      options: { router: ['192.168.20.1'], dns: ['192.168.20.1'] },
    });
  });

  it('a device that asks is told why, by rule', async () => {
    const lines = await room.why(lan.macOf('one'));
    expect(lines.map((line) => `${line.message} ${line.rule}`)).toContain('request dhcp.selected');
  });

  it('hears its own interface and no other', async () => {
    await lan.run('box', ['ip', 'link', 'add', 'other0', 'type', 'veth', 'peer', 'name', 'other1']);
    for (const end of ['other0', 'other1']) await lan.run('box', ['ip', 'link', 'set', end, 'up']);
    const udhcpc = ['udhcpc', '-i', 'other1', '-n', '-q', '-f', '-s', '/bin/true', '-t', '2', '-T', '1'];
    expect((await lan.run('box', udhcpc)).output).toMatch(/no lease, failing/);
  });

  it('3,000 mutated messages and garbage at port 67 are counted, and the next client is served', async () => {
    const program = fileURLToPath(new URL('./fuzz-sender-child.ts', import.meta.url));
    await lan.run('four', [process.execPath, '--import', 'tsx', program, '192.168.20.2', '3000', '7']);
    await lan.run('four', ['sh', '-c', 'head -c 300 /dev/urandom | socat - UDP4-SENDTO:192.168.20.2:67']);
    const view = await room.view();
    const malformed = Object.entries(view.counts).filter(([rule]) =>
      /^dhcp\.(header|cookie|short|options|notDhcp)$/.test(rule),
    );
    expect(malformed.reduce((sum, [, times]) => sum + times, 0)).toBeGreaterThan(100);
    expect(view.standing.at === 'serving' || view.standing.at === 'steppedDown').toBe(true);
    const renewed = await lan.run('one', ['udhcpc', '-i', 'lan0', '-n', '-q', '-f', '-s', '/bin/true']);
    expect(renewed.output).toMatch(/lease of 192\.168\.20\.\d+ obtained/);
  });
});
