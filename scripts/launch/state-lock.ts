import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '../../lib/base/errors.ts';
import type { Layout } from './layout.ts';

/** Keeps two launchers out of one state folder. Returns the release. */
export function claimState(layout: Layout): () => void {
  const file = join(layout.state, 'launcher.pid');
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && runsLauncher(pid)) {
      throw new StartupError({
        code: 'start.running',
        fault: 'caller',
        say: `An office already runs from ${layout.state} (process ${pid}): end it with Ctrl-C there, or choose another folder with --state and other addresses with --net.`,
      });
    }
  }
  try {
    writeFileSync(file, String(process.pid), { mode: 0o644 });
  } catch (error) {
    throw new StartupError({
      code: 'start.permission',
      fault: 'environment',
      say: `The state folder ${layout.state} cannot be written to: ${(error as Error).message}. Own it, or choose another with --state.`,
    });
  }
  return () => rmSync(file, { force: true });
}

/** A process number is used again by others: only a Node that runs a start script counts. */
function runsLauncher(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('start.ts');
  } catch {
    return false;
  }
}
