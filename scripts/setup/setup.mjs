// Everything a machine needs before TypeScript can run: Debian packages, npm packages, the pinned Node.
// Plain JavaScript for the machine's own Node, 18 or newer. Usage: setup.mjs run|test|image [--packages-only]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  IMAGE_PACKAGES,
  installPackages,
  isDebian12,
  missingPackages,
  RUN_PACKAGES,
  TEST_PACKAGES,
} from './packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const KINDS = {
  run: RUN_PACKAGES,
  test: [...RUN_PACKAGES, ...TEST_PACKAGES],
  image: [...RUN_PACKAGES, ...TEST_PACKAGES, ...IMAGE_PACKAGES],
};
const kind = Object.hasOwn(KINDS, process.argv[2] ?? '') ? process.argv[2] : 'run';

function fail(sentence) {
  process.stderr.write(`engawa: ${sentence}\n`);
  process.exit(1);
}

function say(sentence) {
  process.stderr.write(`engawa: ${sentence}\n`);
}

function checkMachine() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    fail(`runs on Linux, x86-64 or arm64; this is ${process.platform} ${process.arch}.`);
  }
  if (Number(process.versions.node.split('.')[0]) < 18) {
    fail(
      `the machine's Node ${process.versions.node} is too old to start the set-up: install Node 18 or newer.`,
    );
  }
  if (!isDebian12()) say('this is not Debian 12; going on, but only Debian 12 is tested.');
}

function setUpPackages() {
  const found = missingPackages(KINDS[kind].map(([name]) => name));
  if (!found.ok) fail(found.say);
  if (found.missing.length === 0) return;
  if (process.getuid() !== 0) {
    fail(
      `Debian packages are missing: ${found.missing.join(' ')}. Run this one line, then run again:\n` +
        `  sudo node ${join(root, 'scripts/setup/setup.mjs')} ${kind} --packages-only`,
    );
  }
  say(`installing Debian packages (no service is started): ${found.missing.join(' ')}`);
  const trouble = installPackages(found.missing);
  if (trouble !== undefined) fail(trouble);
}

function lockHash() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(process.arch).digest('hex');
}

function setUpNpm() {
  const stamp = join(root, 'node_modules', '.engawa-installed');
  const wanted = lockHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing npm packages and the pinned Node (exact versions, no install scripts run)');
  // Not `npm ci`: it refuses the lock file where a registry does not carry the optional builds for other systems.
  // `--no-save` installs what the lock file says, checks its digests, and never rewrites it.
  const npm = spawnSync(
    'npm',
    ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
    },
  );
  if (npm.error) fail('npm is missing: install the npm that belongs to this Node and run again.');
  if (npm.status !== 0)
    fail('npm install failed (its words are above). Check the network and the free disk, then run again.');
  writeFileSync(stamp, wanted);
}

/** `onoff` needs `epoll`, a C++ addon that must match the pinned Node's ABI: built against that Node's own headers. */
function buildEpoll() {
  const built = join(root, 'node_modules/epoll/build/Release/epoll.node');
  const node = join(root, 'node_modules', `node-linux-${process.arch}`);
  if (existsSync(built) && statSync(built).mtimeMs >= statSync(join(node, 'bin/node')).mtimeMs) return;
  say('building epoll for onoff against the pinned Node');
  const home = join(root, 'dist', 'node-gyp');
  mkdirSync(home, { recursive: true });
  const gyp = spawnSync(
    join(node, 'bin/node'),
    [join(root, 'node_modules/node-gyp/bin/node-gyp.js'), 'rebuild', `--nodedir=${node}`, `--devdir=${home}`],
    {
      cwd: join(root, 'node_modules/epoll'),
      encoding: 'utf8',
      // A `nodedir` in the user's npm settings would win over the flag and give the wrong ABI.
      env: { ...process.env, npm_config_nodedir: node },
    },
  );
  if (gyp.status !== 0) {
    rmSync(join(root, 'node_modules/epoll/build'), { recursive: true, force: true });
    fail(`epoll could not be built:\n${gyp.stderr.split('\n').slice(-15).join('\n')}`);
  }
}

checkMachine();
setUpPackages();
if (!process.argv.includes('--packages-only')) {
  setUpNpm();
  if (kind !== 'run') buildEpoll();
}
