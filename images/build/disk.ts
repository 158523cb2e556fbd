import { closeSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bootStateCopy } from '../boot/boot-state.ts';
import {
  BOOT_STATE_BYTES,
  BOOT_STATE_SECOND_AT_BYTES,
  mediumMiB,
  offsetsMiB,
  PARTITIONS,
  type PartitionName,
  SLOTS,
  sfdiskScript,
} from '../layout.ts';
import type { Workshop } from './debian.ts';
import { BuildError, run } from './run.ts';
import type { SlotFiles } from './slot.ts';

const MIB = 1024 * 1024;

/** The whole medium as it leaves the factory: both slots filled with the same system, `persist` and `data` empty. */
export function buildDisk(shop: Workshop, root: string, slot: SlotFiles): string {
  shop.say('laying out the medium');
  const disk = join(shop.out, 'factory.img');
  rmSync(disk, { force: true });
  writeFileSync(disk, '');
  truncateSync(disk, mediumMiB() * MIB);
  run(['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', disk], { input: sfdiskScript() });
  put(disk, 'loader', loader(shop, root));
  for (const name of SLOTS) {
    put(disk, `boot-${name}`, slot.boot);
    put(disk, `root-${name}`, slot.root);
  }
  for (const name of ['persist', 'data'] as const) put(disk, name, emptyExt4(shop, name));
  const handle = openSync(disk, 'r+');
  const at = (offsetsMiB().get('boot-state') ?? 0) * MIB;
  writeSync(
    handle,
    bootStateCopy({ order: ['a', 'b'], left: { a: 3, b: 3 }, trial: null, turn: 0 }, BOOT_STATE_BYTES),
    0,
    BOOT_STATE_BYTES,
    at,
  );
  writeSync(
    handle,
    bootStateCopy({ order: ['a', 'b'], left: { a: 3, b: 3 }, trial: null, turn: 1 }, BOOT_STATE_BYTES),
    0,
    BOOT_STATE_BYTES,
    at + BOOT_STATE_SECOND_AT_BYTES,
  );
  closeSync(handle);
  return disk;
}

/** Copies a file into its partition, holes kept as holes. Throws when it is larger than that. */
function put(disk: string, name: PartitionName, file: string): void {
  const size = PARTITIONS.find((partition) => partition.name === name)?.sizeMiB ?? 0;
  const bytes = Number(run(['stat', '-c', '%s', file]));
  if (bytes > size * MIB) {
    throw new BuildError(`${file} has ${Math.ceil(bytes / MIB)} MiB and its partition ${name} has ${size}`);
  }
  run([
    ...['dd', `if=${file}`, `of=${disk}`, 'bs=1M', `seek=${offsetsMiB().get(name)}`],
    ...['conv=notrunc,sparse', 'status=none'],
  ]);
}

function loader(shop: Workshop, root: string): string {
  const script = join(shop.work, 'boot.scr');
  const env = { SOURCE_DATE_EPOCH: String(shop.epochS) };
  run(
    [
      'mkimage',
      '-A',
      'arm64',
      '-T',
      'script',
      '-C',
      'none',
      '-d',
      join(root, 'images/boot/boot.cmd'),
      script,
    ],
    { env },
  );
  const file = join(shop.work, 'loader.img');
  rmSync(file, { force: true });
  run(['mke2fs', '-q', '-t', 'ext2', '-L', 'loader', file, '15M']);
  run(['debugfs', '-w', '-R', `write ${script} boot.scr`, file]);
  return file;
}

function emptyExt4(shop: Workshop, name: 'persist' | 'data'): string {
  const file = join(shop.work, `${name}.img`);
  rmSync(file, { force: true });
  const size = PARTITIONS.find((partition) => partition.name === name)?.sizeMiB ?? 0;
  run(['mke2fs', '-q', '-t', 'ext4', '-L', name, '-m', '1', file, `${size}M`]);
  return file;
}
