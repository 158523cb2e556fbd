import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** Records for which space is set aside here; a box does it for 50,000. */
const RECORDS = 3_000;
const CHILD = fileURLToPath(new URL('full-disk-child.ts', import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-full-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the child on a disk of its own (a tmpfs in a mount namespace of its own), which goes with it. */
function onOwnDisk(sizeMiB: number, ...args: readonly string[]): Record<string, unknown> {
  const script = join(folder, 'run.sh');
  const node = `"${process.execPath}" --import tsx "${CHILD}" "${folder}/disk" ${args.join(' ')}`;
  writeFileSync(
    script,
    `set -e\nmkdir -p "${folder}/disk"\nmount -t tmpfs -o size=${sizeMiB}m none "${folder}/disk"\n${node}\n`,
  );
  const ran = spawnSync('unshare', ['--mount', '--map-root-user', 'sh', script], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

it('a disk that others fill to the last byte still takes every record that space was set aside for, and the next start too', () => {
  const told = onOwnDisk(40, String(RECORDS));
  expect(told).toEqual({
    // Not a byte was free, neither before nor after.
    freeBytes: 0,
    kept: RECORDS,
    noRoom: `${RECORDS} call records wait for the service`,
    troubles: [],
    afterStart: RECORDS,
    afterKill: RECORDS + 1,
  });
}, 60_000);
