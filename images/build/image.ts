import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPATIBLE } from '../recipe.ts';
import type { Workshop } from './debian.ts';
import { buildDisk } from './disk.ts';
import { keysOf } from './keys.ts';
import { run } from './run.ts';
import { buildSlot, type SlotFiles } from './slot.ts';

export interface BuildOrder {
  readonly root: string;
  /** Folder of everything that is built. */
  readonly folder: string;
  readonly keys: string;
  readonly version: string;
  /** Asks the mirror for newer packages instead of taking those of the last build. */
  readonly refresh: boolean;
  readonly say: (line: string) => void;
}

export interface BuiltImage extends SlotFiles {
  readonly disk: string;
  readonly bundle: string;
}

/** Builds the slot, the medium as it leaves the factory, and the bundle that updates a box to the same. */
export async function buildImage(order: BuildOrder): Promise<BuiltImage> {
  const shop: Workshop = {
    cache: join(order.folder, 'cache'),
    work: join(order.folder, 'work'),
    out: join(order.folder, 'out'),
    epochS: Number(run(['git', '-C', order.root, 'log', '-1', '--format=%ct']).trim()),
    say: order.say,
  };
  rmSync(shop.work, { recursive: true, force: true });
  for (const folder of [shop.cache, shop.work, shop.out]) mkdirSync(folder, { recursive: true });
  const keys = keysOf(order.keys);
  const slot = await buildSlot(shop, order.root, keys, order.refresh);
  const disk = buildDisk(shop, order.root, slot);
  const bundle = buildBundle(shop, slot, order.version, keys.updateCertificate, keys.updateKey);
  rmSync(join(shop.work, 'tree'), { recursive: true, force: true });
  return { ...slot, disk, bundle };
}

/** A signed bundle (RAUC, verity format): its contents are checked block by block while they are read. */
function buildBundle(
  shop: Workshop,
  slot: SlotFiles,
  version: string,
  certificate: string,
  key: string,
): string {
  shop.say('signing the bundle');
  const folder = join(shop.work, 'bundle');
  mkdirSync(folder, { recursive: true });
  run(['ln', slot.root, join(folder, 'root.img')]);
  run(['ln', slot.boot, join(folder, 'boot.img')]);
  writeFileSync(
    join(folder, 'manifest.raucm'),
    [
      '[update]',
      `compatible=${COMPATIBLE}`,
      `version=${version}`,
      '',
      '[bundle]',
      'format=verity',
      '',
      '[image.rootfs]',
      'filename=root.img',
      '',
      '[image.boot]',
      'filename=boot.img',
      '',
    ].join('\n'),
  );
  const bundle = join(shop.out, `engawa-${version}.raucb`);
  rmSync(bundle, { force: true });
  run([
    ...['rauc', 'bundle', `--cert=${certificate}`, `--key=${key}`],
    // The parts are packed already: packing them again costs time and wins nothing.
    ...['--mksquashfs-args=-comp zstd -Xcompression-level 1', folder, bundle],
  ]);
  return bundle;
}
