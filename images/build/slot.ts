import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fitSource } from '../boot/fit.ts';
import { MODULES } from '../recipe.ts';
import { debianKernel, debianTar, type Workshop } from './debian.ts';
import { buildInitramfs, installModules, kernelVersion, type RootHash } from './initramfs.ts';
import type { Keys } from './keys.ts';
import { listPackages } from './package-list.ts';
import { installPrograms } from './programs.ts';
import { run } from './run.ts';

/** The two files that make up a slot; one build's contents, to the byte, come from one commit, one set of keys and one set of packages. */
export interface SlotFiles {
  /** System with its hash tree behind it. */
  readonly root: string;
  /** Signed kernel and initial file system, which names the system's hash. */
  readonly boot: string;
  /** Packages with versions and licences. */
  readonly list: string;
}

/** Units that run from the first start on. */
const UNITS = [
  'engawa-media.service',
  'engawa-agent.service',
  'nftables.service',
  'systemd-networkd.service',
  'systemd-timesyncd.service',
];

/** What is of no use on a box, or differs between two builds of the same thing. */
const LEFT_OUT = [
  'var/cache',
  'var/log',
  'var/lib/apt',
  'var/lib/systemd',
  'etc/machine-id',
  'etc/ld.so.cache~',
  'boot',
  'usr/share/info',
  'usr/share/lintian',
  'usr/share/bash-completion',
  'etc/.pwd.lock',
  'etc/passwd-',
  'etc/shadow-',
  'etc/group-',
  'etc/gshadow-',
  'etc/cron.daily',
  'lib/systemd/system/sysinit.target.wants/systemd-firstboot.service',
];

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
  const list = join(shop.out, 'packages.json');
  writeFileSync(list, `${JSON.stringify(listPackages(tree, root), null, 2)}\n`);
  run(['depmod', '-b', kernel, kernelVersion(kernel)]);
  installModules(kernel, tree, [...MODULES.initial, ...MODULES.system]);
  writeFileSync(join(tree, 'etc/modules-load.d/engawa.conf'), `${MODULES.system.join('\n')}\n`);
  await installPrograms(shop, root, tree);
  installFiles(root, tree, keys);
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

/** Our own files over Debian's, users, units; and away with what is of no use. */
function installFiles(root: string, tree: string, keys: Keys): void {
  for (const path of LEFT_OUT) rmSync(join(tree, path), { recursive: true, force: true });
  cpSync(join(root, 'images/rootfs'), tree, { recursive: true });
  cpSync(keys.updateCa, join(tree, 'etc/rauc/keyring.pem'));
  for (const folder of ['persist', 'data', 'var/cache', 'var/log', 'var/lib/systemd']) {
    mkdirSync(join(tree, folder), { recursive: true });
  }
  writeFileSync(join(tree, 'etc/machine-id'), '');
  run(['systemd-sysusers', `--root=${tree}`, join(tree, 'etc/sysusers.d/engawa.conf')]);
  const wanted = join(tree, 'etc/systemd/system/multi-user.target.wants');
  mkdirSync(wanted, { recursive: true });
  for (const unit of UNITS) {
    const home = existsSync(join(tree, 'etc/systemd/system', unit)) ? '/etc' : '/lib';
    run(['ln', '-sf', `${home}/systemd/system/${unit}`, join(wanted, unit)]);
  }
  for (const unit of [
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'e2scrub_reap.service',
    'e2scrub_all.timer',
    'fstrim.timer',
    'systemd-firstboot.service',
    'getty@tty1.service',
  ]) {
    run(['ln', '-sf', '/dev/null', join(tree, 'etc/systemd/system', unit)]);
  }
  run([
    'ln',
    '-sf',
    '/lib/systemd/system/multi-user.target',
    join(tree, 'etc/systemd/system/default.target'),
  ]);
  run(['ln', '-sf', '/usr/share/zoneinfo/Asia/Tokyo', join(tree, 'etc/localtime')]);
}

/** The tree as one read-only file with a hash tree behind it (dm-verity, no superblock: the numbers are in the signed part). */
function verifiedRoot(shop: Workshop, tree: string, level: number): { file: string; hash: RootHash } {
  const file = join(shop.out, 'root.img');
  rmSync(file, { force: true });
  const epoch = String(shop.epochS);
  run([
    ...[
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
