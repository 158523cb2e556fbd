import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLan, type Lan, whyNoLan } from '../../../scripts/lab/lan.ts';
import { startRoom } from './room-program.ts';

const POOL = { first: '192.168.20.100', last: '192.168.20.119' };
const SERVE = { mode: 'serve', confirmedBy: 'test', pool: POOL, router: '192.168.20.1' };

const why = whyNoLan();
let folder = '';
const lans: Lan[] = [];

/** A LAN with the box and, if wanted, the customer's router. */
function office(hosts: readonly string[]): Lan {
  const lan = createLan(['box', 'router', ...hosts]);
  lans.push(lan);
  lan.address('box', '192.168.20.2/24');
  lan.address('router', '192.168.20.1/24');
  return lan;
}

/** The router of nearly every office: dnsmasq, authoritative, looking before it offers as routers do. */
function startDnsmasq(lan: Lan, more: readonly string[] = []): void {
  const range = '--dhcp-range=192.168.20.200,192.168.20.220,1h';
  const quiet = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--user=root'];
  const files = [`--dhcp-leasefile=${join(folder, `dnsmasq-${lans.length}`)}`, '--pid-file='];
  lan.start('router', [
    'dnsmasq',
    ...quiet,
    '--dhcp-authoritative',
    '--interface=lan0',
    range,
    ...files,
    ...more,
  ]);
}

function startKea(lan: Lan): void {
  const config = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['lan0'] },
      'lease-database': { type: 'memfile', persist: false },
      subnet4: [{ subnet: '192.168.20.0/24', pools: [{ pool: '192.168.20.200 - 192.168.20.220' }] }],
    },
  };
  const file = join(folder, `kea-${lans.length}.json`);
  writeFileSync(file, JSON.stringify(config));
  lan.start('router', [
    'env',
    `KEA_PIDFILE_DIR=${folder}`,
    `KEA_LOCKFILE_DIR=${folder}`,
    'kea-dhcp4',
    '-c',
    file,
  ]);
}

async function leaseOf(lan: Lan, host: string, more: readonly string[] = []): Promise<string> {
  const flags = ['-i', 'lan0', '-n', '-q', '-f', '-s', '/bin/true', '-t', '4', '-T', '2'];
  const udhcpc = ['udhcpc', ...flags, ...more];
  return /lease of (\S+) obtained/.exec((await lan.run(host, udhcpc)).output)?.[1] ?? 'none';
}

/** dhclient that keeps the address it is given and renews it, as on a host of the LAN. */
function startDhclient(lan: Lan, host: string): ReturnType<Lan['start']> {
  const script = join(folder, `dhclient-script-${lans.length}-${host}`);
  writeFileSync(
    script,
    '#!/bin/sh\n[ -n "$new_ip_address" ] && ip addr replace "$new_ip_address/24" dev "$interface"\nexit 0\n',
    { mode: 0o755 },
  );
  const files = ['-lf', `${script}.leases`, '-pf', `${script}.pid`];
  return lan.start(host, ['dhclient', '-4', '-d', '-v', '-sf', script, ...files, 'lan0']);
}

/** Three boots of three devices, one after the other on one cable. */
async function bootThrice(lan: Lan, host: string, index: number): Promise<string[]> {
  const leases: string[] = [];
  for (let boot = 0; boot < 3; boot++) {
    const mac = `02:00:00:00:0${index}:0${boot}`;
    await lan.run(host, ['ip', 'link', 'set', 'lan0', 'address', mac]);
    leases.push(await leaseOf(lan, host));
  }
  return leases;
}

describe.skipIf(why !== undefined)('another server on the LAN', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-dhcp-'));
    chmodSync(folder, 0o777);
  });
  afterAll(() => {
    for (const lan of lans) lan.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it.concurrent('dnsmasq is found by looking, and nobody is answered in mode detect', async () => {
    const lan = office(['phone']);
    startDnsmasq(lan);
    const room = await startRoom(lan, join(folder, 'detect'), {});
    const view = await room.until((now) => now.looked);
    expect(view.foreign).toMatchObject([{ serverId: 0xc0a81401, provisioning: [] }]);
    expect(await leaseOf(lan, 'phone')).toMatch(/^192\.168\.20\.2/);
  });

  it.concurrent('Kea is found, and a box that was to serve does not begin', async () => {
    const lan = office(['phone']);
    startKea(lan);
    const room = await startRoom(lan, join(folder, 'kea'), SERVE);
    const view = await room.until((now) => now.looked);
    expect(view.standing.at).toBe('steppedDown');
    expect(view.warnings['dhcp.foreign']).toMatch(/192\.168\.20\.1/);
    expect(await leaseOf(lan, 'phone')).toMatch(/^192\.168\.20\.2/);
    expect((await room.view()).bound).toBe(0);
  });

  it.concurrent('that appears later is never fought: ours keep their address, newcomers are the router’s', async () => {
    const lan = office(['old', 'new']);
    const room = await startRoom(lan, join(folder, 'later'), SERVE);
    await room.until((now) => now.standing.at === 'serving');
    const before = await leaseOf(lan, 'old');
    expect(before).toBe('192.168.20.100');
    startDnsmasq(lan);
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (let boot = 0; boot < 3; boot++) await leaseOf(lan, 'new');
    await room.until((now) => now.standing.at === 'steppedDown', 30_000);
    await lan.run('new', ['ip', 'link', 'set', 'lan0', 'address', '02:00:00:00:00:77']);
    expect(await leaseOf(lan, 'new')).toMatch(/^192\.168\.20\.2/);
    const view = await room.view();
    expect(view.leases.find((lease) => lease.address === before)?.at).toBe('bound');
    expect(await leaseOf(lan, 'old')).toBe(before);
  });

  it.concurrent('dnsmasq is there already and somebody has set this box to serve: of 12 boots all end at the router', async () => {
    const hosts = ['p1', 'p2', 'p3', 'p4'];
    const lan = office(hosts);
    startDnsmasq(lan, ['--no-ping']);
    const room = await startRoom(lan, join(folder, 'twelve'), SERVE);
    await room.until((now) => now.standing.at === 'steppedDown');
    const leases = await Promise.all(hosts.map((host, index) => bootThrice(lan, host, index)));
    expect(leases.flat().filter((lease) => !/^192\.168\.20\.2\d\d$/.test(lease))).toEqual([]);
    expect(leases.flat()).toHaveLength(12);
    const view = await room.view();
    expect([view.bound, view.leases.length]).toEqual([0, 0]);
  });

  it.concurrent('phonesOnly beside the router: a phone has one server, and nobody keeps an address for who chose the other', async () => {
    const hosts = ['p1', 'p2', 'p3', 'laptop'];
    const lan = office(hosts);
    startDnsmasq(lan, ['--no-ping']);
    const room = await startRoom(lan, join(folder, 'beside'), { ...SERVE, mode: 'phonesOnly' });
    await room.until((now) => now.looked);
    const phones = await Promise.all(
      hosts.slice(0, 3).map((host) => leaseOf(lan, host, ['-V', 'Grandstream GRP2614'])),
    );
    expect(await leaseOf(lan, 'laptop')).toMatch(/^192\.168\.20\.2\d\d$/);
    const ours = phones.filter((lease) => /^192\.168\.20\.1\d\d$/.test(lease));
    const view = await room.view();
    const bound = view.leases.filter((lease) => lease.at === 'bound').map((lease) => lease.address);
    expect([...bound].sort()).toEqual([...ours].sort());
    expect(phones).not.toContain('none');
    expect(view.warnings['dhcp.foreign']).toBeUndefined();
  });

  it.concurrent('a box that has its own address from the router looks all the same, and its client goes on renewing', async () => {
    const lan = createLan(['box', 'router']);
    lans.push(lan);
    lan.address('router', '192.168.20.1/24');
    startDnsmasq(lan, ['--no-ping', '--dhcp-option-force=option:T1,5']);
    const client = startDhclient(lan, 'box');
    let said = '';
    for (const stream of [client.stdout, client.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    const acks = (): number => said.match(/DHCPACK of/g)?.length ?? 0;
    await vi.waitFor(() => expect(said).toMatch(/bound to/), 15_000);
    const address = /bound to ([\d.]+)/.exec(said)?.[1] ?? '';
    const room = await startRoom(lan, join(folder, 'own'), {}, { address });
    expect(room.first).toMatchObject({ started: true, say: '' });
    const before = acks();
    const view = await room.until((now) => now.looked);
    expect(view.foreign).toMatchObject([
      { serverId: 0xc0a81401, mac: lan.macOf('router').replace(/:/g, '') },
    ]);
    await vi.waitFor(() => expect(acks()).toBeGreaterThan(before), 20_000);
  });

  it.concurrent('a lease that its client renews goes on; one that nobody renews ends, and another gets the address', async () => {
    const lan = office(['keeper', 'heir']);
    const one = { ...SERVE, pool: { first: '192.168.20.100', last: '192.168.20.100' } };
    const room = await startRoom(lan, join(folder, 'renewed'), one, { leaseMs: 6_000 });
    await room.until((now) => now.standing.at === 'serving');
    // udhcpc takes no lease for shorter than 16 s; dhclient does as it is told.
    const keeper = startDhclient(lan, 'keeper');
    const mac = lan.macOf('keeper');
    await vi.waitFor(
      async () => {
        const rules = (await room.why(mac)).map((line) => line.rule);
        expect(rules.filter((rule) => rule === 'dhcp.renewed').length).toBeGreaterThanOrEqual(2);
      },
      { timeout: 25_000, interval: 300 },
    );
    keeper.kill('SIGKILL');
    lan.cable('keeper', false);
    await room.until((now) => now.leases.every((lease) => lease.at === 'free'), 20_000);
    expect(await leaseOf(lan, 'heir')).toBe('192.168.20.100');
  });

  it.concurrent('two programs on port 67 of one interface: the second refuses to start and says what to do', async () => {
    const lan = office([]);
    await startRoom(lan, join(folder, 'first'), SERVE);
    const second = await startRoom(lan, join(folder, 'second'), SERVE);
    expect(second.first.started).toBe(false);
    expect(second.first.say).toMatch(/taken by another program/);
  });

  it.concurrent('kill -9 in the middle of leases loses none that was acknowledged', async () => {
    const place = mkdtempSync(join(tmpdir(), 'engawa-dhcp-kill-'));
    chmodSync(place, 0o777);
    const lan = createLan(['box', 'load']);
    try {
      lan.address('box', '192.168.20.2/24');
      lan.address('load', '192.168.20.9/24');
      const journal = join(place, 'leases');
      const wide = { ...SERVE, pool: { first: '192.168.20.10', last: '192.168.20.250' } };
      const room = await startRoom(lan, journal, wide, { unlimited: true });
      await room.until((now) => now.standing.at === 'serving');
      const capture = lan.start('load', [
        ...['tshark', '-i', 'lan0', '-n', '-l', '-f', 'udp src port 67', '-T', 'fields'],
        ...['-e', 'dhcp.option.dhcp', '-e', 'dhcp.ip.your'],
      ]);
      let heard = '';
      let said = '';
      capture.stdout?.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
      });
      capture.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      await vi.waitFor(() => expect(said).toContain('Capturing on'), 30_000);
      const load = lan.start('load', [
        ...['perfdhcp', '-4', '-r', '150', '-R', '200', '-p', '30'],
        ...['-l', '192.168.20.9', '192.168.20.2'],
      ]);
      await vi.waitFor(() => expect(ackedAddresses(heard).length).toBeGreaterThan(60), 30_000);
      await room.kill();
      await new Promise((resolve) => setTimeout(resolve, 300));
      load.kill('SIGKILL');
      capture.kill('SIGTERM');
      const acknowledged = ackedAddresses(heard);
      const again = await startRoom(lan, journal, wide, { unlimited: true });
      const held = new Set(
        (await again.view()).leases.filter((lease) => lease.at === 'bound').map((lease) => lease.address),
      );
      expect(acknowledged.filter((address) => !held.has(address))).toEqual([]);
    } finally {
      lan.remove();
      rmSync(place, { recursive: true, force: true });
    }
  });
});

/** Addresses of the ACKs (message type 5) among lines of type and address. */
function ackedAddresses(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([type, address]) => (type === '5' && address !== undefined ? [address] : []));
}
