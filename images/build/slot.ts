import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fitSource } from '../boot/fit.ts';
import { MODULES } from '../recipe.ts';
import { checkTree } from './check-tree.ts';
import { debianKernel, debianTar, type Workshop } from './debian.ts';
import { buildInitramfs, installModules, kernelVersion, type RootHash } from './initramfs.ts';
import type { Keys } from './keys.ts';
import { listPackages } from './package-list.ts';
import { installPrograms } from './programs.ts';
import { run } from './run.ts';
import { plainRights } from './sameness.ts';
import { installSystemFiles } from './system-files.ts';

/** The two files that make up a slot; one build's contents, to the byte, come from one commit, one set of keys and one set of packages. */
export interface SlotFiles {
  /** System with its hash tree behind it. */
  readonly root: string;
  /** Signed kernel and initial file system, which names the system's hash. */
  readonly boot: string;
  /** Packages with versions and licences. */
  readonly list: string;
}

export async function buildSlot(
  shop: Workshop,
  root: string,
  keys: Keys,
  refresh: boolean,
): Promise<SlotFiles> {
  const tree = join(shop.work, 'tree');
  const debian = debianTar(shop, refresh);
  const kernel = debianKernel(shop, refresh);
  shop.say('putting the system together');
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  run(['tar', '-xpf', debian, '-C', tree, '--xattrs', '--xattrs-include=*']);
  run(['depmod', '-b', kernel, kernelVersion(kernel)]);
  installModules(kernel, tree, [...MODULES.initial, ...MODULES.faster, ...MODULES.system]);
  writeFileSync(join(tree, 'etc/modules-load.d/engawa.conf'), `${MODULES.system.join('\n')}\n`);
  const npm = await installPrograms(shop, root, tree);
  const list = join(shop.out, 'packages.json');
  writeFileSync(list, `${JSON.stringify(listPackages({ tree, kernel, npm, root }), null, 2)}\n`);
  installSystemFiles(root, tree, keys);
  checkTree(tree);
  plainRights(root, tree);
  shop.say('packing the system');
  return { ...packSlot(shop, root, tree, keys, 9), list };
}

/** Makes the two files of a slot in `shop.out` from a whole system in `tree`. `level` is how hard it is packed, 1 to 22. */
export function packSlot(
  shop: Workshop,
  root: string,
  tree: string,
  keys: Keys,
  level: number,
): { root: string; boot: string } {
  const { file, hash } = verifiedRoot(shop, tree, level);
  return { root: file, boot: signedBoot(shop, root, tree, hash, keys) };
}

/** The tree as one read-only file with a hash tree behind it (dm-verity, no superblock: the numbers are in the signed part). */
function verifiedRoot(shop: Workshop, tree: string, level: number): { file: string; hash: RootHash } {
  const file = join(shop.out, 'root.img');
  rmSync(file, { force: true });
  const epoch = String(shop.epochS);
  run([
    ...[
      // It will have the times from the one or from the other.
      ...['env', '-u', 'SOURCE_DATE_EPOCH'],
      'mksquashfs',
      tree,
      file,
      '-comp',
      'zstd',
      '-Xcompression-level',
      String(level),
      '-noappend',
      '-quiet',
      '-no-progress',
    ],
    ...['-reproducible', '-all-time', epoch, '-mkfs-time', epoch, '-b', '131072'],
  ]);
  const blocks = Math.ceil(statSync(file).size / 4096);
  run(['truncate', '-s', String(blocks * 4096), file]);
  // A salt of the contents: different for every system, the same for the same one.
  const salt = createHash('sha256').update(readFileSync(file)).digest('hex');
  const said = run([
    ...['veritysetup', 'format', file, file, '--no-superblock', `--hash-offset=${blocks * 4096}`],
    ...[`--data-blocks=${blocks}`, '--data-block-size=4096', '--hash-block-size=4096', `--salt=${salt}`],
    '--hash=sha256',
  ]);
  const rootHash = /Root hash:\s*([0-9a-f]{64})/.exec(said)?.[1] ?? '';
  return { file, hash: { dataBlocks: blocks, rootHash, salt } };
}

function signedBoot(shop: Workshop, root: string, tree: string, hash: RootHash, keys: Keys): string {
  const initramfs = buildInitramfs(shop, root, tree, hash);
  const kernelGz = packedKernel(shop);
  const source = join(shop.work, 'boot.its');
  writeFileSync(source, fitSource({ kernelGz, initramfs }));
  const boot = join(shop.out, 'boot.fit');
  rmSync(boot, { force: true });
  const env = { SOURCE_DATE_EPOCH: String(shop.epochS) };
  run(['mkimage', '-f', source, '-k', keys.bootFolder, boot], { env });
  return boot;
}

/** The kernel as the bootloader unpacks it; kept beside the kernel it was made from. */
function packedKernel(shop: Workshop): string {
  const kernel = debianKernel(shop, false);
  const packed = join(kernel, 'boot/packed.gz');
  if (!existsSync(packed)) {
    const bytes = gzipSync(readFileSync(join(kernel, `boot/vmlinuz-${kernelVersion(kernel)}`)), { level: 9 });
    writeFileSync(`${packed}.part`, bytes);
    renameSync(`${packed}.part`, packed);
  }
  return packed;
}
