import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { COMPATIBLE } from '../recipe.ts';
import { buildBundle } from './bundle.ts';
import type { Workshop } from './debian.ts';
import { type Keys, keysOf } from './keys.ts';
import { run } from './run.ts';
import { forgetMachine } from './sameness.ts';
import { packSlot } from './slot.ts';

/** A bundle that differs from the built one in what its name says. */
export interface Variant {
  readonly file: string;
  readonly version: string;
}

/** Systems that a box must take or must come back from, and bundles that it must refuse. */
export interface Variants {
  /** As good as the built one. */
  readonly newer: Variant;
  /** Its agent ends as soon as it is started, and its last moment to be found healthy comes soon. */
  readonly dead: Variant;
  /** Its agent runs and its board is never found. */
  readonly ailing: Variant;
  /** `newer`, for another kind of box. */
  readonly otherModel: Variant;
  /** `newer`, signed by somebody whom the box does not know. */
  readonly otherKey: Variant;
  /** `newer`, two bytes of its contents turned over. */
  readonly flipped: Variant;
}

export interface VariantOrder {
  readonly root: string;
  /** Folder of the build that the variants are made from. */
  readonly folder: string;
  readonly keys: string;
  readonly say: (line: string) => void;
}

/** What is changed in a system, and which version it then calls itself. */
interface Change {
  readonly name: 'newer' | 'dead' | 'ailing';
  readonly version: string;
  apply(tree: string): void;
}

const CHANGES: readonly Change[] = [
  { name: 'newer', version: '9.1.0', apply: () => undefined },
  {
    name: 'dead',
    version: '9.2.0',
    apply: (tree) => replace(join(tree, 'usr/lib/engawa/bin/agent.js'), 'process.exit(1);\n'),
  },
  {
    name: 'ailing',
    version: '9.3.0',
    // The rule that calls the serial line the board's.
    apply: (tree) => rmSync(join(tree, 'etc/udev/rules.d/70-engawa.rules')),
  },
];

/**
 * Makes the variants of a build, each in some seconds: a few files of the built system are changed and it is packed again. Those
 * of the same system that are there already are taken.
 */
export function buildVariants(order: VariantOrder): Variants {
  const list = join(order.folder, 'out/variants/list.json');
  const stamp = stampOf(order.folder);
  if (existsSync(list)) {
    const kept = JSON.parse(readFileSync(list, 'utf8')) as { stamp: string; variants: Variants };
    if (kept.stamp === stamp) return kept.variants;
  }
  const variants = makeVariants(order);
  writeFileSync(list, JSON.stringify({ stamp, variants }));
  return variants;
}

/** Of the system that they are made from, and of the way they are made. */
function stampOf(folder: string): string {
  const digest = createHash('sha256');
  for (const file of [join(folder, 'out/root.img'), import.meta.filename]) digest.update(readFileSync(file));
  return digest.digest('hex');
}

function makeVariants(order: VariantOrder): Variants {
  const work = join(order.folder, 'work/variants');
  const out = join(order.folder, 'out/variants');
  for (const folder of [work, out]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  const keys = keysOf(order.keys);
  const shop: Workshop = {
    cache: join(order.folder, 'cache'),
    work,
    out,
    epochS: timeOf(join(order.folder, 'out/root.img')),
    say: order.say,
  };
  forgetMachine(shop.epochS);
  const tree = join(work, 'tree');
  run(['unsquashfs', '-quiet', '-no-progress', '-dest', tree, join(order.folder, 'out/root.img')]);
  const slots = new Map(
    CHANGES.map((change) => [change.name, changed(shop, order.root, tree, keys, change)]),
  );
  const pick = (name: Change['name']) => {
    const found = slots.get(name);
    if (found === undefined) throw new Error(`there is no variant ${name}`);
    return found;
  };
  const { slot, variant: newer } = pick('newer');
  const { version } = newer;
  const refused = (name: string, compatible: string, by: Keys): Variant => ({
    file: buildBundle(shop, slot, { version, compatible }, by, name),
    version,
  });
  const variants: Variants = {
    newer,
    dead: pick('dead').variant,
    ailing: pick('ailing').variant,
    otherModel: refused('other-model', 'somebody-elses-box', keys),
    otherKey: refused('other-key', COMPATIBLE, keysOf(join(work, 'other-keys'))),
    flipped: { file: flipped(newer.file, join(out, 'flipped.raucb')), version },
  };
  rmSync(work, { recursive: true, force: true });
  return variants;
}

function changed(shop: Workshop, root: string, tree: string, keys: Keys, change: Change) {
  shop.say(`making the variant ${change.name} (${change.version})`);
  const copy = join(shop.work, change.name);
  // Owners and rights as they are; contents shared until a file is replaced.
  run(['cp', '-al', tree, copy]);
  const about = join(copy, 'usr/lib/engawa/package.json');
  const words = JSON.parse(readFileSync(about, 'utf8')) as Record<string, unknown>;
  replace(about, `${JSON.stringify({ ...words, version: change.version })}\n`);
  change.apply(copy);
  const own: Workshop = { ...shop, out: join(shop.work, `slot-${change.name}`) };
  mkdirSync(own.out, { recursive: true });
  const slot = packSlot(own, root, copy, keys, 1);
  rmSync(copy, { recursive: true });
  const file = buildBundle(
    shop,
    slot,
    { version: change.version, compatible: COMPATIBLE },
    keys,
    change.name,
  );
  return { slot, variant: { file, version: change.version } };
}

/** A new file in the place of one that other trees share. */
function replace(path: string, text: string): void {
  rmSync(path);
  writeFileSync(path, text);
}

/** When a squashfs was made: seconds since 1970, little endian, at byte 8 of its first block. */
function timeOf(file: string): number {
  return readFileSync(file).readUInt32LE(8);
}

/** Two neighbouring bytes in the middle of the contents: in the system, far from the head that anybody reads first. */
function flipped(from: string, to: string): string {
  cpSync(from, to);
  const handle = openSync(to, 'r+');
  const at = Math.floor(fstatSync(handle).size / 3);
  const bytes = Buffer.alloc(2);
  readSync(handle, bytes, 0, 2, at);
  writeSync(
    handle,
    Uint8Array.from(bytes, (byte) => byte ^ 0xff),
    0,
    2,
    at,
  );
  closeSync(handle);
  return to;
}
