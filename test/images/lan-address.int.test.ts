import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readWish, writeLanAddress } from '../../agent/lan-address/lan-address.ts';

const PROGRAM = join(import.meta.dirname, '../../images/rootfs/usr/lib/engawa/lan-address');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-address-'));
  mkdirSync(join(folder, 'bin'));
  // In the place of networkctl: what it was told.
  writeFileSync(join(folder, 'bin/networkctl'), `#!/bin/sh\necho "$@" >>${folder}/told\n`);
  chmodSync(join(folder, 'bin/networkctl'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function follow(wish: string | undefined): string {
  const file = join(folder, 'lan-address');
  rmSync(file, { force: true });
  if (wish !== undefined) writeFileSync(file, wish);
  const { PATH } = process.env;
  const env = {
    PATH: `${join(folder, 'bin')}:${PATH}`,
    ...{ WISH: file, NETWORKS: join(folder, 'network'), NETIF: join(folder, 'netif') },
  };
  execFileSync('sh', [PROGRAM], { env });
  return readFileSync(join(folder, 'network/20-lan.network.d/fixed.conf'), 'utf8');
}

function told(): readonly string[] {
  const file = join(folder, 'told');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

function fixed(address: string, router?: string, nameServers: readonly string[] = []): string {
  const read = readWish({ address, router, nameServers }, []);
  if (!read.ok) throw new Error(read.error.say);
  return writeLanAddress(read.value);
}

it('gives the port what the agent wrote down, and asks first whether somebody else has it', () => {
  expect(
    follow(fixed('192.168.58.1/24', '192.168.58.254', ['192.168.58.254', '1.1.1.1'])).split('\n'),
  ).toEqual([
    ...['[Network]', 'DHCP=no', 'LinkLocalAddressing=no', 'DNS=192.168.58.254', 'DNS=1.1.1.1'],
    ...['[Address]', 'Address=192.168.58.1/24', 'DuplicateAddressDetection=ipv4'],
    ...['[Route]', 'Gateway=192.168.58.254', 'Metric=200', ''],
  ]);
  expect(follow(fixed('10.0.0.5/8'))).not.toMatch(/Route|DNS/);
});

it('leaves the port to whoever gives addresses where nothing is fixed', () => {
  expect(follow(undefined)).toBe('');
  expect(follow(fixed('192.168.58.1/24'))).toContain('192.168.58.1/24');
  expect(follow(undefined)).toBe('');
});

it('tells the networks, once they are there', () => {
  follow(fixed('192.168.58.1/24'));
  expect(told()).toEqual([]);
  mkdirSync(join(folder, 'netif'));
  writeFileSync(join(folder, 'netif/state'), '');
  follow(fixed('192.168.58.2/24'));
  expect(told()).toEqual(['reload', 'reconfigure lan']);
});

it('takes no line that is not what it may be', () => {
  const lines = [
    'address 192.168.58.1/24\\nDHCP=yes',
    'address 192.168.58.1/24 [Match]',
    ' address 192.168.58.9/24',
    'address $(reboot)/24',
  ];
  for (const line of lines) expect(follow(`${line}\nrouter 1.2.3.4\n`), line).toBe('');
  const mixed = follow('address 192.168.58.1/24\nrouter ;reboot\ndns 1.1.1.1\ndns x\nName=lan\n');
  expect(mixed.split('\n')).toEqual([
    ...['[Network]', 'DHCP=no', 'LinkLocalAddressing=no', 'DNS=1.1.1.1'],
    ...['[Address]', 'Address=192.168.58.1/24', 'DuplicateAddressDetection=ipv4', ''],
  ]);
});
