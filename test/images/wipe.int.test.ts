import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const INIT = 'images/initramfs/init';
const canMount =
  process.getuid?.() === 0 && existsSync('/usr/bin/busybox') && run('losetup', '-f').status === 0;

let root: string;
let loops: string[];

function run(program: string, ...args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
}

/** The part of the first program that wipes, with two files in the place of the partitions. */
function wipe(persist: string, data: string): number | null {
  const text = readFileSync(INIT, 'utf8');
  const part = /^anew\(\) \{[\s\S]*?^fi$/m.exec(text)?.[0] ?? 'exit 9';
  const here = part
    .replaceAll('/root/', `${root}/`)
    .replaceAll('/dev/$2', '$2')
    .replaceAll(/>\/dev\/(kmsg|console)/g, '>&2');
  const script = `persist=${persist}\ndata=${data}\noptions=noatime\n${here}\necho went on\n`;
  const done = spawnSync('busybox', ['sh'], { input: script, encoding: 'utf8', timeout: 30_000 });
  expect(done.stdout).toContain('went on');
  return done.status;
}

function partition(name: string, file: string): string {
  const at = join(root, `${name}.img`);
  run('truncate', '-s', '16M', at);
  run('mke2fs', '-q', '-t', 'ext4', '-F', at);
  const loop = run('losetup', '-f', '--show', at).stdout.trim();
  loops.push(loop);
  mkdirSync(join(root, name));
  expect(run('mount', loop, join(root, name)).status).toBe(0);
  writeFileSync(join(root, name, file), 'the secret of this box');
  return loop;
}

const left = (name: string): readonly string[] =>
  readdirSync(join(root, name)).filter((each) => each !== 'lost+found');

describe.skipIf(!canMount)('wiping, by the first program of a slot', () => {
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'engawa-wipe-'));
    loops = [];
  });
  afterEach(() => {
    for (const name of ['persist', 'data']) run('umount', join(root, name));
    for (const loop of loops) run('losetup', '-d', loop);
    rmSync(root, { recursive: true, force: true });
  });

  it('leaves nothing of what was there, and both partitions usable', () => {
    const [persist, data] = [partition('persist', 'device-key.pem'), partition('data', 'config.json')];
    writeFileSync(join(root, 'persist/wipe-wanted'), '');
    wipe(persist, data);
    expect([left('persist'), left('data')]).toEqual([[], []]);
    run('sync');
    for (const name of ['persist', 'data'])
      expect(readFileSync(join(root, `${name}.img`)).includes('the secret of this box')).toBe(false);
    writeFileSync(join(root, 'persist/machine-id'), 'new');
  }, 60_000);

  it('goes on after a power cut that left no file system on `persist`', () => {
    const [persist, data] = [partition('persist', 'device-key.pem'), partition('data', 'config.json')];
    writeFileSync(join(root, 'data/wipe-wanted'), '');
    run('umount', join(root, 'persist'));
    run('dd', 'if=/dev/zero', `of=${persist}`, 'bs=1M', 'count=8', 'conv=fsync');
    wipe(persist, data);
    expect([left('persist'), left('data')]).toEqual([[], []]);
  }, 60_000);

  it('does nothing to a box that nobody wants to wipe', () => {
    const [persist, data] = [partition('persist', 'device-key.pem'), partition('data', 'config.json')];
    wipe(persist, data);
    expect([left('persist'), left('data')]).toEqual([['device-key.pem'], ['config.json']]);
  }, 60_000);
});
