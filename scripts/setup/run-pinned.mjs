// Runs an entry of ours under the pinned Node, with the same arguments and streams, and leaves with its exit code.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export function runPinned(entry) {
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node');
  if (!existsSync(node)) {
    process.stderr.write('engawa: not set up yet. Run scripts/start once in this folder.\n');
    process.exit(8);
  }
  const args = ['--disable-warning=ExperimentalWarning', join(root, entry), ...process.argv.slice(2)];
  const ran = spawnSync(node, args, { stdio: 'inherit' });
  process.exit(ran.status ?? 128 + (constants.signals[ran.signal] ?? 0));
}
