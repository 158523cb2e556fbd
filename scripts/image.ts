import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureArm64 } from '../images/build/emulation.ts';
import { buildImage } from '../images/build/image.ts';
import { BuildError } from '../images/build/run.ts';
import { machineCommand, prepareMachine } from '../images/run/machine.ts';

const USAGE = `scripts/image build [--refresh] [--keys DIR] [--folder DIR]   system, factory image and signed bundle
scripts/image run [--fresh] [--keys DIR] [--folder DIR]       starts the built box in an emulated machine; Ctrl-A X ends it`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function readFlags() {
  return parseArgs({
    allowPositionals: true,
    options: {
      folder: { type: 'string', default: join(root, 'dist/image') },
      keys: { type: 'string' },
      refresh: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
    },
  });
}

async function build(folder: string, keys: string, refresh: boolean): Promise<void> {
  ensureArm64();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const say = (line: string): void => void process.stderr.write(`image: ${line}\n`);
  const built = await buildImage({ root, folder, keys, version, refresh, say });
  for (const file of [built.disk, built.bundle, built.root, built.boot, built.list])
    process.stdout.write(`${file}\n`);
}

function start(folder: string, keys: string, fresh: boolean): number {
  const out = join(folder, 'out');
  const factory = join(out, 'factory.img');
  if (!existsSync(factory)) throw new BuildError('nothing is built yet: scripts/image build');
  const machine = join(folder, 'machine');
  const files =
    fresh || !existsSync(join(machine, 'disk.img'))
      ? prepareMachine(machine, factory, join(out, 'boot.fit'), keys)
      : { disk: join(machine, 'disk.img'), deviceTree: join(machine, 'box.dtb') };
  const [program = '', ...args] = machineCommand(files);
  return spawnSync(program, args, { stdio: 'inherit' }).status ?? 1;
}

try {
  const { values, positionals } = readFlags();
  const folder = resolve(values.folder);
  const keys = resolve(values.keys ?? join(folder, 'keys'));
  if (positionals[0] === 'build') await build(folder, keys, values.refresh);
  else if (positionals[0] === 'run') process.exitCode = start(folder, keys, values.fresh);
  else {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
  }
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`image: ${error.message}\n`);
  process.exitCode = 1;
}
