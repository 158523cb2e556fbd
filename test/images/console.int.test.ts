import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serialNumberOf } from '../../agent/enrol/index.ts';
import { keysOf } from '../../images/build/keys.ts';
import { signSupportToken } from '../../images/lab/support-token.ts';

const programs = fileURLToPath(new URL('../../images/rootfs/usr/lib/engawa/', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'engawa-console-'));
const DAY_MS = 86_400_000;

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder in the place of /sys. */
function system(name: string, files: Readonly<Record<string, string>>): string {
  const at = join(root, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(at, path, '..'), { recursive: true });
    writeFileSync(join(at, path), text);
  }
  return at;
}

describe('the serial number that a root program finds', () => {
  const port = (name: string, address: string) => ({
    [`class/net/${name}/address`]: `${address}\n`,
    [`class/net/${name}/device/vendor`]: '0x1af4\n',
  });
  const tree = { 'firmware/devicetree/base/serial-number': 'ENG-0007\0' };
  const dmi = { 'class/dmi/id/product_serial': 'DMI 77\n' };

  it.each([
    ['of the device tree', { ...tree, ...dmi, ...port('lan', '52:54:00:AA:BB:CC') }, 'ENG-0007'],
    ['of the firmware', { ...dmi, ...port('lan', '52:54:00:AA:BB:CC') }, 'DMI77'],
    [
      'of nothing but a port',
      { ...port('wan', '02:00:00:00:00:02'), ...port('lan', '52:54:00:AA:BB:CC') },
      'mac-525400aabbcc',
    ],
    ['of a port made of software', { 'class/net/lo/address': '00:00:00:00:00:00\n' }, undefined],
    ['that is none', { 'firmware/devicetree/base/serial-number': '?\0', ...dmi }, 'DMI77'],
  ])('%s is the one that the agent finds', (name, files, expected) => {
    const at = system(name, files);
    const found = spawnSync(join(programs, 'serial-number'), [at], { encoding: 'utf8' });
    expect([found.stdout.trim() || undefined, found.status]).toEqual([
      expected,
      expected === undefined ? 1 : 0,
    ]);
    expect(serialNumberOf(at)).toBe(expected);
  });
});

describe('a support token', () => {
  let keys: string;
  let box: string;
  beforeAll(() => {
    keys = join(root, 'keys');
    keysOf(keys);
    keysOf(join(root, 'others'));
    box = system('box', { 'firmware/devicetree/base/serial-number': 'ENG-0007\0' });
  });

  function judge(token: Buffer, env: NodeJS.ProcessEnv = {}): string {
    const file = join(root, 'token');
    writeFileSync(file, token);
    const flags = ['--check', file, join(keys, 'update-ca.crt'), box];
    const done = spawnSync(join(programs, 'support-shell'), flags, {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    return done.status === 0 ? 'good' : done.stderr.trim();
  }
  const sign = (days: number, serial = 'ENG-0007', by = keys): Buffer =>
    signSupportToken(by, serial, new Date(Date.now() + days * DAY_MS));

  it('opens the box that it names, for as long as it says', () => {
    expect(judge(sign(1))).toBe('good');
    expect(judge(sign(30))).toBe('good');
    expect(judge(sign(-1))).toMatch(/ended 20/);
  });

  it('opens no other box, and none that it does not name truly', () => {
    expect(judge(sign(1, 'ENG-0008'))).toMatch(/is for ENG-0008, which is another box/);
    // openssl shows the words of a bad signature too: they must count for nothing.
    const touched = sign(-400);
    const year = new Date().getUTCFullYear();
    touched.write(
      sign(1)
        .toString('latin1')
        .match(/ENG-0007 20[-0-9T:]+Z/)?.[0] ?? '',
      touched.indexOf('ENG-0007'),
    );
    expect(touched.toString('latin1')).toContain(`ENG-0007 ${year}`);
    expect(judge(touched)).toMatch(/not signed/);
    expect(judge(Buffer.from('root-console ENG-0007 2030-01-01T00:00:00Z\n'))).toMatch(/not signed/);
    expect(judge(Buffer.alloc(0))).toMatch(/is none/);
  });

  it('of somebody else opens nothing', () => {
    expect(judge(sign(1, 'ENG-0007', join(root, 'others')))).toMatch(/not signed/);
  });

  it('that would be good for long is not taken: so an old one cannot come back with an old clock', () => {
    expect(judge(sign(40))).toMatch(/more than 31 days/);
    const date = join(root, 'bin');
    mkdirSync(date);
    // What a box without a battery takes for now.
    writeFileSync(
      join(date, 'date'),
      '#!/bin/sh\ncase $1 in +%s) echo 3600 ;; *) exec /bin/date "$@" ;; esac\n',
      {
        mode: 0o755,
      },
    );
    expect(judge(sign(1), { PATH: `${date}:${process.env['PATH'] ?? ''}` })).toMatch(/more than 31 days/);
  });

  it('ends the shell at a terminal with itself, whoever sits there', async () => {
    const file = join(root, 'token');
    writeFileSync(file, signSupportToken(keys, 'ENG-0007', new Date(Date.now() + 4_000)));
    const shell = [join(programs, 'support-shell'), file, join(keys, 'update-ca.crt'), box].join(' ');
    const terminal = spawn('script', ['-qefc', shell, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise<number>((resolve) => terminal.on('exit', () => resolve(performance.now())));
    let said = '';
    terminal.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
    const fromMs = performance.now();
    terminal.stdin.write('echo $((40+2)) $-\n');
    expect((await ended) - fromMs).toBeLessThan(10_000);
    // It is a shell at a terminal: such a one heeds no SIGTERM.
    expect(said).toMatch(/42 .*i/);
  });
});
