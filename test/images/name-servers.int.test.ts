import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../images/rootfs/usr/lib/engawa/name-servers');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-names-'));
  mkdirSync(join(folder, 'links'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function port(name: string, index: number, dns: string): void {
  mkdirSync(join(folder, 'net', name), { recursive: true });
  writeFileSync(join(folder, 'net', name, 'ifindex'), `${index}\n`);
  writeFileSync(join(folder, 'links', String(index)), `ADMIN_STATE=configured\nDNS=${dns}\nNTP=\n`);
}

function written(): string {
  const to = join(folder, 'resolv.conf');
  const env = {
    ...process.env,
    NETIF_LINKS: join(folder, 'links'),
    SYS_NET: join(folder, 'net'),
    RESOLV: to,
  };
  execFileSync('sh', [PROGRAM], { env });
  return readFileSync(to, 'utf8');
}

it('takes the name servers of the port to the world first, and no more than resolvers ask', () => {
  port('lan', 2, '192.168.1.1 192.168.1.2');
  port('wan', 3, '203.0.113.1 203.0.113.2');
  expect(written()).toBe('nameserver 203.0.113.1\nnameserver 203.0.113.2\nnameserver 192.168.1.1\n');
});

it('has none without a network, and leaves the file alone when nothing changed', () => {
  expect(written()).toBe('');
  port('lan', 2, '192.168.1.1');
  expect(written()).toBe('nameserver 192.168.1.1\n');
  const before = statSync(join(folder, 'resolv.conf')).ino;
  written();
  expect(statSync(join(folder, 'resolv.conf')).ino).toBe(before);
});

it('takes nothing that is no address', () => {
  port('lan', 2, 'options;reboot 192.168.1.1');
  expect(written()).toBe('nameserver 192.168.1.1\n');
});
