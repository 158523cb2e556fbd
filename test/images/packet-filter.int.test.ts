import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endSpace } from '../../scripts/lab/spaces.ts';

const ROOTFS = join(import.meta.dirname, '../../images/rootfs');
const NAME = `engawa-${process.pid}-filter`;
const [BOX, OFFICE, WORLD] = [`${NAME}-box`, `${NAME}-office`, `${NAME}-world`];

const why = whyNot();

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root makes networks';
  if (spawnSync('nft', ['--version']).status !== 0) return 'there is no nft';
  const made = spawnSync('ip', ['netns', 'add', `${NAME}-try`]).status === 0;
  if (made) endSpace(`${NAME}-try`);
  return made ? undefined : 'this machine makes no network namespaces';
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function inside(space: string, program: string, ...args: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', space, program, ...args], { encoding: 'utf8' });
}

/** A wire between the box's port and somebody in another network. */
function wire(port: string, own: string, space: string, theirs: string): void {
  ip('netns', 'add', space);
  ip('-n', BOX, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'box', 'netns', space);
  for (const [where, device, address] of [
    [BOX, port, own],
    [space, 'box', theirs],
  ] as const) {
    ip('-n', where, 'addr', 'add', address, 'dev', device);
    ip('-n', where, 'link', 'set', device, 'up');
  }
}

const UDP = [67, 68, 123, 5060, 5061, 16_384, 16_400, 16_402, 32_767, 32_768];
const TCP = [22, 80, 443, 5060, 8080, 8443];

/** Hears on all those ports of the box, and says what it heard: `udp 5060 192.168.1.50`. */
const EAR = `
const say = (line) => process.stdout.write(line + '\\n');
const { createSocket } = require('node:dgram');
for (const port of ${JSON.stringify(UDP)}) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (text, from) => say('udp ' + port + ' ' + from.address + ' ' + String(text).trim()));
  socket.bind(port, '0.0.0.0', () => port === 5060 && socket.addMembership('224.0.1.75', '192.168.1.5'));
}
for (const port of ${JSON.stringify(TCP)}) require('node:net').createServer((wire) => {
  say('tcp ' + port + ' ' + wire.remoteAddress);
  wire.destroy();
}).listen(port, '0.0.0.0');
say('there');
`;

let ear: ChildProcess;
let heard: string[] = [];

/** What arrives at the box of all that `script` sends. Both ways are short: what has not come after the last word never comes. */
async function arrives(space: string, script: string): Promise<readonly string[]> {
  heard = [];
  const sender = spawn('ip', ['netns', 'exec', space, 'bash', '-c', script], { stdio: 'ignore' });
  await once(sender, 'exit');
  // By way of the box itself: when this is heard, all that was sent before has been.
  inside(BOX, 'bash', '-c', 'echo end >/dev/udp/127.0.0.1/32768');
  await expect.poll(() => heard.at(-1), { timeout: 10_000 }).toContain('127.0.0.1 end');
  return heard
    .filter((line) => !line.includes('127.0.0.1'))
    .map((line) => line.split(' ').slice(0, 3).join(' '));
}

const everything = (to: string): string =>
  [
    ...UDP.map((port) => `echo x >/dev/udp/${to}/${port}`),
    ...TCP.map((port) => `timeout 1 bash -c '</dev/tcp/${to}/${port}' &`),
    'wait',
  ].join('\n');

const OPEN = [
  'udp 67',
  'udp 5060',
  'udp 16384',
  'udp 16400',
  'udp 16402',
  'udp 32767',
  'tcp 5060',
  'tcp 8080',
  'tcp 8443',
];
const from = (address: string): readonly string[] => OPEN.map((port) => `${port} ${address}`).toSorted();

describe.skipIf(why !== undefined)('the packet filter of the box', () => {
  let watch: ChildProcess;

  beforeAll(async () => {
    ip('netns', 'add', BOX);
    ip('-n', BOX, 'link', 'set', 'lo', 'up');
    inside(BOX, 'nft', '-f', join(ROOTFS, 'etc/nftables.conf'));
    watch = spawn('ip', ['netns', 'exec', BOX, join(ROOTFS, 'usr/lib/engawa/watch-lan')], {
      stdio: 'ignore',
    });
    wire('lan', '192.168.1.5/24', OFFICE, '192.168.1.50/24');
    wire('wan', '203.0.113.9/24', WORLD, '203.0.113.20/24');
    ip('-n', OFFICE, 'route', 'add', '224.0.0.0/4', 'dev', 'box');
    // Behind the office's router, by which the box answers.
    ip('-n', OFFICE, 'addr', 'add', '198.51.100.7/32', 'dev', 'box');
    ip('-n', BOX, 'route', 'add', '198.51.100.0/24', 'via', '192.168.1.50');
    ear = spawn('ip', ['netns', 'exec', BOX, process.execPath, '-e', EAR], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ear.stdout?.on('data', (data) => heard.push(...String(data).trim().split('\n')));
    await vi.waitFor(() => {
      expect(heard).toContain('there');
      expect(inside(BOX, 'nft', 'list', 'set', 'inet', 'engawa', 'lan')).toContain('192.168.1.0/24');
    }, 20_000);
  }, 60_000);

  afterAll(() => {
    watch?.kill();
    ear?.kill();
    for (const space of [BOX, OFFICE, WORLD]) endSpace(space);
  });

  it('lets phones of the LAN call, speak, fax, and ask for addresses and configuration, and nothing else', async () => {
    const seen = await arrives(OFFICE, `${everything('192.168.1.5')}\necho x >/dev/udp/224.0.1.75/5060`);
    expect(seen.toSorted()).toEqual([...from('192.168.1.50'), 'udp 5060 192.168.1.50'].toSorted());
  });

  it('hears nobody from elsewhere on the LAN, whatever way he comes', async () => {
    ip('-n', OFFICE, 'route', 'replace', '192.168.1.5/32', 'dev', 'box', 'src', '198.51.100.7');
    try {
      expect(await arrives(OFFICE, everything('192.168.1.5'))).toEqual([]);
    } finally {
      ip('-n', OFFICE, 'route', 'del', '192.168.1.5/32');
    }
  });

  it('hears nothing at the port to the world, also under an address of the LAN', async () => {
    expect(await arrives(WORLD, everything('203.0.113.9'))).toEqual([]);
    ip('-n', WORLD, 'addr', 'add', '192.168.1.60/32', 'dev', 'box');
    ip('-n', WORLD, 'route', 'replace', '203.0.113.9/32', 'dev', 'box', 'src', '192.168.1.60');
    try {
      expect(await arrives(WORLD, everything('203.0.113.9'))).toEqual([]);
    } finally {
      ip('-n', WORLD, 'route', 'del', '203.0.113.9/32');
    }
  });

  it('hears answers to what it asked itself', async () => {
    const asks =
      "const s=require('node:dgram').createSocket({type:'udp4',reuseAddr:true});s.bind(16402,()=>s.send('q',4000,'203.0.113.20',()=>s.close()))";
    inside(BOX, process.execPath, '-e', asks);
    const answer = `${process.execPath} -e "const s=require('node:dgram').createSocket('udp4');s.bind(4000,()=>s.send('a',16402,'203.0.113.9',()=>s.close()))"`;
    expect(await arrives(WORLD, answer)).toEqual(['udp 16402 203.0.113.20']);
  });

  it('lets sound in from where the trunk said it comes from, to the ports of that call', async () => {
    execFileSync('ip', ['netns', 'exec', BOX, join(ROOTFS, 'usr/lib/engawa/media-gate')], {
      input: '203.0.113.20 16400\n',
    });
    expect(await arrives(WORLD, everything('203.0.113.9'))).toEqual(['udp 16400 203.0.113.20']);
  });

  it.each([
    '203.0.113.20 16401',
    '203.0.113.20 5060',
    '203.0.113.999 16400',
    '127.0.0.1 16400',
    '224.0.1.75 16400',
    '203.0.113.20, 203.0.113.21 16400',
    '203.0.113.20',
    '; flush ruleset',
    '',
  ])('opens no gate for "%s"', (line) => {
    const gate = spawnSync('ip', ['netns', 'exec', BOX, join(ROOTFS, 'usr/lib/engawa/media-gate')], {
      input: line,
    });
    expect(gate.status).toBe(2);
  });

  it('follows the LAN to another address', async () => {
    ip('-n', BOX, 'addr', 'add', '10.20.0.5/16', 'dev', 'lan');
    ip('-n', BOX, 'addr', 'del', '192.168.1.5/24', 'dev', 'lan');
    await expect
      .poll(() => inside(BOX, 'nft', '-j', 'list', 'set', 'inet', 'engawa', 'lan'), { timeout: 20_000 })
      .not.toContain('192.168.1.0');
    expect(inside(BOX, 'nft', 'list', 'set', 'inet', 'engawa', 'lan')).toContain('10.20.0.0/16');
  });
});

it.runIf(why !== undefined)('is looked at where networks can be made', () => {
  expect(why).not.toBe('');
});
