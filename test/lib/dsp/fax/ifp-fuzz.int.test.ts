import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('./ifp-fuzz-child.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ifp-fuzz-'));

afterAll(() => rmSync(folder, { recursive: true }));

describe('a stranger at the far end of a fax', () => {
  // Without the guard before the machine, seed 2 ends the process.
  it.each([1, 2, 3])('cannot end the process with any packet (seed %i)', async (seed) => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', CHILD, folder, String(seed), '6']);
    const [, fed, taken] = /^(\d+) fed, (\d+) taken$/m.exec(stdout) ?? [];
    expect(Number(fed)).toBeGreaterThan(5_000);
    expect(Number(taken)).toBeGreaterThan(Number(fed) / 2);
    expect(Number(taken)).toBeLessThan(Number(fed));
  });
});
