import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../build/run.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import { program } from '../lab/program.ts';
import type { Figures, Story } from '../lab/story.ts';

/** Where a squashfs says when it was made, and how long it is (little endian). */
const MADE_AT = 8;
const LENGTH_AT = 40;

export const story: Story = {
  name: 'same-slot',
  about:
    'a second build of the commit, elsewhere, in another time zone and with other rights for new files, gives the same slot to the byte',
  order: 80,
  ahead: builtAgain,
  async run(lab: Lab): Promise<Figures> {
    const { out, root } = lab.order;
    const made = readFileSync(join(out, 'root.img')).readUInt32LE(MADE_AT);
    const commit = Number(run(['git', '-C', root, 'log', '-1', '--format=%ct']).trim());
    if (made !== commit)
      throw new LabError('the built image is of another commit: scripts/image build, and again');
    const one = digests(out);
    const { parts: other, tookMs } = await builtAgain(lab);
    const differ = Object.keys(one).filter((part) => one[part] !== other[part]);
    if (differ.length > 0) throw new LabError(`two builds of one commit differ in ${differ.join(', ')}`);
    return { secondBuildS: Math.round(tookMs / 1_000), system: (one['system'] ?? '').slice(0, 16) };
  },
};

/** What a second build made, of a laboratory that has begun one. */
const begun = new WeakMap<Lab, Promise<BuiltAgain>>();

interface BuiltAgain {
  readonly parts: Readonly<Record<string, string>>;
  readonly tookMs: number;
}

/** The second build, which is made once; one that failed is made again. */
function builtAgain(lab: Lab): Promise<BuiltAgain> {
  const known = begun.get(lab);
  if (known !== undefined) return known;
  const work = buildAgain(lab);
  begun.set(lab, work);
  work.catch(() => begun.delete(lab));
  return work;
}

async function buildAgain({ order, folder: world }: Lab): Promise<BuiltAgain> {
  const { root, out, keys } = order;
  const folder = join(world, 'built-again');
  const fromMs = performance.now();
  try {
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(dirname(out), 'cache'), join(folder, 'cache'));
    const build = [process.execPath, '--import', 'tsx', join(root, 'scripts/image.ts'), 'build'];
    await program(
      ['sh', '-c', 'umask 077; exec "$@"', 'sh', ...build, ...['--folder', folder, '--keys', keys]],
      { cwd: root, env: { TZ: 'America/New_York', LANG: 'ja_JP.UTF-8', HOME: folder } },
    );
    return { parts: digests(join(folder, 'out')), tookMs: performance.now() - fromMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a slot is made of, and what of a bundle its signature is over. */
function digests(out: string): Readonly<Record<string, string>> {
  const bundle = readdirSync(out).find((name) => name.endsWith('.raucb')) ?? '';
  const bytes = readFileSync(join(out, bundle));
  return {
    system: digest(readFileSync(join(out, 'root.img'))),
    'kernel and initial file system': digest(readFileSync(join(out, 'boot.fit'))),
    'the list of packages': digest(readFileSync(join(out, 'packages.json'))),
    'the contents of the bundle': digest(bytes.subarray(0, Number(bytes.readBigUInt64LE(LENGTH_AT)))),
  };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
