import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { COMPATIBLE } from '../recipe.ts';
import { buildBundle } from './bundle.ts';
import type { Workshop } from './debian.ts';
import { buildDisk } from './disk.ts';
import { keysOf } from './keys.ts';
import { BuildError, run } from './run.ts';
import { forgetMachine } from './sameness.ts';
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
  noSpaces(order);
  const shop: Workshop = {
    cache: join(order.folder, 'cache'),
    work: join(order.folder, 'work'),
    out: join(order.folder, 'out'),
    epochS: Number(run(['git', '-C', order.root, 'log', '-1', '--format=%ct']).trim()),
    say: order.say,
  };
  forgetMachine(shop.epochS);
  rmSync(shop.work, { recursive: true, force: true });
  for (const folder of [shop.cache, shop.work, shop.out]) mkdirSync(folder, { recursive: true });
  const keys = keysOf(order.keys);
  const slot = await buildSlot(shop, order.root, keys, order.refresh);
  const disk = buildDisk(shop, order.root, slot);
  shop.say('signing the bundle');
  const bundle = buildBundle(
    shop,
    slot,
    { version: order.version, compatible: COMPATIBLE },
    keys,
    `engawa-${order.version}`,
  );
  rmSync(join(shop.work, 'tree'), { recursive: true, force: true });
  return { ...slot, disk, bundle };
}

/** The tool that builds machine code for Node writes paths into makefiles as they are. */
function noSpaces({ root, folder }: BuildOrder): void {
  const wrong = [root, folder].find((path) => /\s/.test(path));
  if (wrong === undefined) return;
  throw new BuildError(
    `${JSON.stringify(wrong)} has a space in its name, which node-gyp does not build in: use another folder`,
  );
}
