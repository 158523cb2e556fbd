import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError, run } from './run.ts';

/** What a box cannot work without. */
const NEEDED = [
  'usr/lib/engawa/node',
  'usr/lib/engawa/package.json',
  'usr/lib/engawa/bin/agent.js',
  'usr/lib/engawa/bin/media.js',
  'usr/lib/engawa/bin/engawa.js',
  'usr/lib/engawa/node_modules/koffi/package.json',
  'usr/lib/engawa/node_modules/onoff/package.json',
  'usr/lib/engawa/node_modules/epoll/build/Release/epoll.node',
  'usr/lib/engawa/prebuilds/linux-arm64',
  'usr/bin/engawa',
  'usr/bin/rauc',
  'usr/bin/openssl',
  'usr/bin/journalctl',
  'usr/sbin/nft',
  'etc/nftables.conf',
  'etc/rauc/keyring.pem',
  'usr/lib/aarch64-linux-gnu/libspandsp.so.2',
  'usr/lib/aarch64-linux-gnu/libspeexdsp.so.1',
];

/** Doors that a box must not have: ways in over a network, and tools for whoever got in. */
const FORBIDDEN = [
  'usr/sbin/sshd',
  'usr/sbin/dropbear',
  'usr/sbin/telnetd',
  'usr/sbin/in.telnetd',
  'usr/sbin/avahi-daemon',
  'usr/bin/tshark',
  'usr/bin/tcpdump',
  'usr/bin/gcc',
  'usr/bin/gdb',
];

/** Refuses a system that lacks something it needs, or has what no box may have. Throws a {@link BuildError} with all of it. */
export function checkTree(tree: string): void {
  const faults = [
    ...NEEDED.filter((path) => !existsSync(join(tree, path))).map((path) => `there is no ${path}`),
    ...FORBIDDEN.filter((path) => existsSync(join(tree, path))).map((path) => `there is a ${path}`),
    ...accountFaults(read(tree, 'etc/passwd'), read(tree, 'etc/shadow')),
    ...lentRights(tree).map((path) => `${path} lends its owner's rights`),
  ];
  if (faults.length > 0) throw new BuildError(`the system is not fit for a box: ${faults.join('; ')}`);
}

/** Pure: accounts that somebody could log in to with a password or without one, and any second root. */
export function accountFaults(passwd: string, shadow: string): readonly string[] {
  const secrets = new Map(
    linesOf(shadow).map((line): [string, string] => {
      const [name = '', secret = ''] = line.split(':');
      return [name, secret];
    }),
  );
  return linesOf(passwd).flatMap((line) => {
    const [name = '', kept = '', user] = line.split(':');
    const secret = kept === 'x' ? secrets.get(name) : kept;
    // `*` and what begins with `!` is no password of anybody.
    const locked = secret !== undefined && (secret === '*' || secret.startsWith('!'));
    return [
      ...(locked ? [] : [`the account ${name} is not locked`]),
      ...(user === '0' && name !== 'root' ? [`the account ${name} is root`] : []),
    ];
  });
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function read(tree: string, path: string): string {
  return readFileSync(join(tree, path), 'utf8');
}

function lentRights(tree: string): readonly string[] {
  return linesOf(run(['find', tree, '-xdev', '-type', 'f', '-perm', '/6000', '-printf', '%P\n']));
}
