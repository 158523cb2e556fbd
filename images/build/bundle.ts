import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workshop } from './debian.ts';
import type { Keys } from './keys.ts';
import { run } from './run.ts';

/** What a bundle says of itself, under its signature. */
export interface BundleWords {
  readonly version: string;
  /** The kind of box it is for. */
  readonly compatible: string;
}

/**
 * A signed bundle (RAUC, verity format) with the two files of a slot: its contents are checked block by block while they are read.
 * The same slot gives the same contents; the salt of their hash tree and the time of the signature are new each time.
 */
export function buildBundle(
  shop: Workshop,
  slot: { readonly root: string; readonly boot: string },
  words: BundleWords,
  keys: Pick<Keys, 'updateCertificate' | 'updateKey'>,
  name: string,
): string {
  const folder = join(shop.work, 'bundle');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  linkSync(slot.root, join(folder, 'root.img'));
  linkSync(slot.boot, join(folder, 'boot.img'));
  writeFileSync(
    join(folder, 'manifest.raucm'),
    [
      '[update]',
      `compatible=${words.compatible}`,
      `version=${words.version}`,
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
  const bundle = join(shop.out, `${name}.raucb`);
  rmSync(bundle, { force: true });
  const epoch = String(shop.epochS);
  run([
    ...[
      'env',
      '-u',
      'SOURCE_DATE_EPOCH',
      'rauc',
      'bundle',
      `--cert=${keys.updateCertificate}`,
      `--key=${keys.updateKey}`,
    ],
    // The parts are packed already: packing them again costs time, on the box as well, and wins nothing.
    `--mksquashfs-args=-noD -noF -all-time ${epoch} -mkfs-time ${epoch}`,
    ...[folder, bundle],
  ]);
  rmSync(folder, { recursive: true, force: true });
  return bundle;
}
