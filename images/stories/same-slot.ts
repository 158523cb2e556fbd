import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../build/run.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Figures, Story } from '../lab/story.ts';

/** Where a squashfs says when it was made, and how long it is (little endian). */
const MADE_AT = 8;
const LENGTH_AT = 40;

export const story: Story = {
  name: 'same-slot',
  about:
    'a second build of the commit, elsewhere, in another time zone and with other rights for new files, gives the same slot to the byte',
  order: 80,
  async run(lab: Lab): Promise<Figures> {
    const { out, root } = lab.order;
    const made = readFileSync(join(out, 'root.img')).readUInt32LE(MADE_AT);
    const commit = Number(run(['git', '-C', root, 'log', '-1', '--format=%ct']).trim());
    if (made !== commit)
      throw new LabError('the built image is of another commit: scripts/image build, and again');
    const folder = join(lab.folder, 'built again');
    const fromMs = performance.now();
    try {
      await buildAgain(lab, folder);
      const [one, other] = [digests(out), digests(join(folder, 'out'))];
      const differ = Object.keys(one).filter((part) => one[part] !== other[part]);
      if (differ.length > 0) throw new LabError(`two builds of one commit differ in ${differ.join(', ')}`);
      return {
        secondBuildS: Math.round((performance.now() - fromMs) / 1_000),
        system: (one['system'] ?? '').slice(0, 16),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function buildAgain(lab: Lab, folder: string): Promise<void> {
  const { root, out, keys } = lab.order;
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(dirname(out), 'cache'), join(folder, 'cache'));
  const command = [
    ...[process.execPath, '--import', 'tsx', join(root, 'scripts/image.ts')],
    ...['build', '--folder', folder, '--keys', keys],
  ];
  const elsewhere = `TZ=America/New_York LANG=ja_JP.UTF-8 HOME="$1"`;
  const child = spawn(
    'sh',
    ['-c', `umask 077; ${elsewhere}; export TZ LANG HOME; shift; exec "$@"`, 'sh', folder, ...command],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-1_000);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new LabError(`the second build ended with ${code}: ${said}`);
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
