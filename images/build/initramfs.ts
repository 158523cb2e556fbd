import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { MODULES } from '../recipe.ts';
import type { Workshop } from './debian.ts';
import { BuildError, run } from './run.ts';

/** Programs of the system that the initial file system needs beside busybox. */
const PROGRAMS = ['sbin/dmsetup', 'sbin/e2fsck', 'sbin/mke2fs'];

/** What `veritysetup` said of a system: all that is needed to mount it and trust it. */
export interface RootHash {
  readonly dataBlocks: number;
  readonly rootHash: string;
  readonly salt: string;
}

/** Builds the initial file system of a slot from the system's own tree: its bytes depend on that and on `root` alone. */
export function buildInitramfs(shop: Workshop, root: string, tree: string, hash: RootHash): string {
  const stage = join(shop.work, 'initramfs');
  rmSync(stage, { recursive: true, force: true });
  for (const name of ['bin', 'etc', 'lib', 'proc', 'sys', 'dev', 'root'])
    mkdirSync(join(stage, name), { recursive: true });
  cpSync(join(root, 'images/initramfs/init'), join(stage, 'init'));
  chmodSync(join(stage, 'init'), 0o755);
  cpSync(join(tree, 'bin/busybox'), join(stage, 'bin/busybox'));
  run(['ln', '-s', 'busybox', join(stage, 'bin/sh')]);
  for (const program of PROGRAMS) {
    cpSync(join(tree, program), join(stage, 'bin', program.replace('sbin/', '')), { dereference: true });
    for (const library of librariesOf(tree, join(tree, program))) copyLibrary(tree, stage, library);
  }
  for (const [name, target] of [
    ['fsck.ext4', 'e2fsck'],
    ['mkfs.ext4', 'mke2fs'],
  ] as const) {
    run(['ln', '-s', target, join(stage, 'bin', name)]);
  }
  cpSync(join(tree, 'etc/mke2fs.conf'), join(stage, 'etc/mke2fs.conf'));
  installModules(tree, stage, [...MODULES.initial, ...MODULES.faster]);
  for (const [name, modules] of [
    ['modules', MODULES.initial],
    ['modules-faster', MODULES.faster],
  ] as const) {
    writeFileSync(join(stage, 'etc', name), `${modules.join('\n')}\n`);
  }
  writeFileSync(
    join(stage, 'etc/root-hash'),
    [
      `DATA_SECTORS=${hash.dataBlocks * 8}`,
      `DATA_BLOCKS=${hash.dataBlocks}`,
      `HASH_START=${hash.dataBlocks}`,
      `ROOT_HASH=${hash.rootHash}`,
      `SALT=${hash.salt}`,
      '',
    ].join('\n'),
  );
  const out = join(shop.work, 'initramfs.cpio.gz');
  const stamp = `@${shop.epochS}`;
  run([
    'sh',
    '-c',
    `cd "$1" && find . -print0 | xargs -0 touch -h -d "$2" && find . -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --reproducible -R 0:0 --quiet | gzip -9n >"$3"`,
    'sh',
    stage,
    stamp,
    out,
  ]);
  return out;
}

/** Copies modules and what they depend on from one tree into another, and writes the tables that `modprobe` reads. */
export function installModules(from: string, into: string, wanted: readonly string[]): void {
  const version = kernelVersion(from);
  const source = join(from, 'lib/modules', version);
  const target = join(into, 'lib/modules', version);
  for (const name of wanted) {
    const steps = run(['modprobe', '-d', from, '-S', version, '--show-depends', name]);
    for (const line of steps.split('\n')) {
      // The folder may have a name with spaces; a module has none, and its options follow after one.
      const [, module] = line.split(`/lib/modules/${version}/`);
      if (module === undefined) continue;
      const [rest = ''] = module.split(' ');
      mkdirSync(dirname(join(target, rest)), { recursive: true });
      cpSync(join(source, rest), join(target, rest));
    }
  }
  for (const table of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    cpSync(join(source, table), join(target, table));
  }
  run(['depmod', '-b', into, version]);
}

export function kernelVersion(tree: string): string {
  const [version] = readdirSync(join(tree, 'lib/modules'));
  if (version === undefined) throw new BuildError(`no kernel modules in ${tree}`);
  return version;
}

/** The libraries that a program of another machine asks for, and those that these ask for. */
function librariesOf(tree: string, file: string, seen = new Set<string>()): ReadonlySet<string> {
  const listing = run(['readelf', '-d', '-l', file]);
  const loader = /program interpreter: (\S+)\]/.exec(listing)?.[1];
  if (loader !== undefined) seen.add(loader);
  for (const [, name] of listing.matchAll(/\(NEEDED\).*\[(.+)\]/g)) {
    const path = ['/lib/aarch64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
      .map((folder) => `${folder}/${name}`)
      .find((place) => existsSync(join(tree, place)));
    if (path === undefined) throw new BuildError(`${file} needs ${name}, which the system does not have`);
    if (seen.has(path)) continue;
    seen.add(path);
    librariesOf(tree, join(tree, path), seen);
  }
  return seen;
}

/** A library under the name it is asked by. Links are followed inside the tree only: they are absolute in places. */
function copyLibrary(tree: string, stage: string, path: string): void {
  const target = join(stage, path.replace(/^\/usr/, ''));
  mkdirSync(dirname(target), { recursive: true });
  let source = join(tree, path);
  if (lstatSync(source).isSymbolicLink()) source = realpathSync(source);
  cpSync(source, target, { dereference: true });
}
