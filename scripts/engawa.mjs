#!/usr/bin/env node
// `npx engawa`: the technician's command, under the pinned Node whatever Node started it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node');
if (!existsSync(node)) {
  process.stderr.write('engawa: not set up yet. Run scripts/start once in this folder.\n');
  process.exit(8);
}
const ran = spawnSync(
  node,
  ['--disable-warning=ExperimentalWarning', join(root, 'agent/cli/main.ts'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
process.exit(ran.status ?? 128 + (constants.signals[ran.signal] ?? 0));
