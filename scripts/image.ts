import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureArm64 } from '../images/build/emulation.ts';
import { buildImage } from '../images/build/image.ts';
import { BuildError } from '../images/build/run.ts';
import { buildVariants } from '../images/build/variants.ts';
import { LabError } from '../images/lab/lab-error.ts';
import { chosen, loadStories } from '../images/lab/load-stories.ts';
import { showBox } from '../images/lab/show-box.ts';
import { INTERRUPTED, testImage } from '../images/lab/test-image.ts';

const USAGE = `scripts/image build [--refresh] [--keys DIR] [--folder DIR]    system, factory image and signed bundle
scripts/image run [--once] [--wan]                               starts the built box with everything around it, makes a call, and stays
scripts/image variants [--keys DIR] [--folder DIR]               bundles of the built system that a box must take, refuse or come back from
scripts/image test [--only NAME]… [--list] [--no-build] [--keep] [--skip-where-impossible] [--within MINUTES]    builds, then plays every story on the emulated box`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stories = join(root, 'images/stories');

const FLAGS = {
  folder: { type: 'string', default: join(root, 'dist/image') },
  keys: { type: 'string' },
  refresh: { type: 'boolean', default: false },
  once: { type: 'boolean', default: false },
  wan: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true, default: [] as string[] },
  list: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  'no-build': { type: 'boolean', default: false },
  'skip-where-impossible': { type: 'boolean', default: false },
  within: { type: 'string' },
} as const;

const say = (line: string): void => void process.stderr.write(`image: ${line}\n`);

function readFlags() {
  return parseArgs({ allowPositionals: true, options: FLAGS });
}

type Flags = ReturnType<typeof readFlags>['values'];

async function build(folder: string, keys: string, refresh: boolean): Promise<readonly string[]> {
  ensureArm64();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const built = await buildImage({ root, folder, keys, version, refresh, say });
  return [built.disk, built.bundle, built.root, built.boot, built.list];
}

async function list(): Promise<number> {
  for (const { name, about } of await loadStories(stories))
    process.stdout.write(`${name.padEnd(22)} ${about}\n`);
  return 0;
}

/** Ctrl-C and the end of a terminal: what runs ends in order. */
function interruptions(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
  return ending.signal;
}

function minutesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const minutes = Number(text);
  if (!(minutes > 0)) throw new LabError(`--within ${text}: a number of minutes above 0, such as 40`);
  return minutes;
}

async function main(verb: string | undefined, flags: Flags): Promise<number> {
  const folder = resolve(flags.folder);
  const keys = resolve(flags.keys ?? join(folder, 'keys'));
  const place = { root, out: join(folder, 'out'), keys, keep: flags.keep, say };
  switch (verb) {
    case 'build':
      for (const file of await build(folder, keys, flags.refresh)) process.stdout.write(`${file}\n`);
      return 0;
    case 'variants':
      process.stdout.write(`${JSON.stringify(buildVariants({ root, folder, keys, say }), null, 2)}\n`);
      return 0;
    case 'run':
      return showBox(place, { once: flags.once, wan: flags.wan }, interruptions());
    case 'test':
      if (flags.list) return list();
      return testImage(
        place,
        {
          stories: chosen(await loadStories(stories), flags.only),
          build: flags['no-build'] ? undefined : () => build(folder, keys, flags.refresh),
          skipWhereImpossible: flags['skip-where-impossible'],
          withinMinutes: minutesOf(flags.within),
        },
        interruptions(),
      );
    default:
      process.stderr.write(`${USAGE}\n`);
      return 2;
  }
}

try {
  const { values, positionals } = readFlags();
  const code = await main(positionals[0], values);
  process.exitCode = code;
  // A story that was interrupted still waits for something that will not come any more.
  if (code === INTERRUPTED) process.exit();
} catch (error) {
  if (!(error instanceof BuildError || error instanceof LabError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
