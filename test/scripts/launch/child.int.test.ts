import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startChild } from '../../../scripts/launch/child.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-child-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const program = (script: string, logFile: string) =>
  startChild({
    ...{ name: 'program', command: ['sh', '-c', script], logFile },
    ...{ ready: 'spawn' as const, readyLimitMs: 10_000 },
  });

async function until(what: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!what() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(what()).toBe(true);
}

describe('a program of the launcher', () => {
  it('has its last words in its log, also those that come after its end', async () => {
    const logFile = join(folder, 'program.log');
    const child = await program('(sleep 0.4; echo late) & echo early', logFile);
    expect(await child.ended).toBe('ended with exit code 0');
    await until(() => existsSync(logFile) && readFileSync(logFile, 'utf8').includes('late'));
    expect(readFileSync(logFile, 'utf8')).toBe('early\nlate\n');
  });

  it('goes on where its log cannot be written, and somebody is told', async () => {
    let said = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    const child = await program('echo one; sleep 0.2; echo two; read _', '/dev/full');
    await until(() => said.includes('/dev/full'));
    expect(said).toMatch(/ENOSPC/);
    await child.stop(5_000);
    expect(await child.ended).toBe('was ended by SIGTERM');
  });
});
