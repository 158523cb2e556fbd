import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Entry, type Program, readEntry } from './entry.ts';

/** How the journal of the system names the programs of the box. */
const UNITS: Readonly<Record<string, Program>> = {
  'engawa-agent.service': 'agent',
  'engawa-media.service': 'media',
};

/**
 * Reads the journal of a box that keeps its logs there, and goes on with `follow` until `signal`. Resolves with false where
 * there is no journal to be read.
 */
export function readJournal(
  options: { readonly since: number; readonly follow: boolean; readonly signal: AbortSignal },
  take: (entry: Entry) => void,
): Promise<boolean> {
  const { since, follow, signal } = options;
  const args = [
    ...Object.keys(UNITS).flatMap((unit) => ['-u', unit]),
    ...['-o', 'json', '--output-fields=MESSAGE,_SYSTEMD_UNIT', '--no-pager', '-q'],
    ...['--since', `@${Math.floor(since / 1_000)}`],
    ...(follow ? ['-f', '-n', 'all'] : []),
  ];
  return new Promise((resolve) => {
    const child = spawn('journalctl', args, { stdio: ['ignore', 'pipe', 'ignore'], signal });
    let code: number | null = null;
    child.on('error', () => resolve(signal.aborted));
    child.on('exit', (exit) => {
      code = exit;
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const entry = journalEntry(line);
      if (entry !== undefined) take(entry);
    });
    lines.on('close', () => resolve(signal.aborted || code === 0 || code === null));
  });
}

/** A line of `journalctl -o json`; undefined for what is not of our programs. */
export function journalEntry(line: string): Entry | undefined {
  try {
    const { MESSAGE, _SYSTEMD_UNIT } = JSON.parse(line) as Record<string, unknown>;
    const program = typeof _SYSTEMD_UNIT === 'string' ? UNITS[_SYSTEMD_UNIT] : undefined;
    if (program === undefined) return undefined;
    // What is no UTF-8 comes as numbers.
    const text = Array.isArray(MESSAGE) ? Buffer.from(MESSAGE as number[]).toString('utf8') : String(MESSAGE);
    return readEntry(text, program);
  } catch {
    return undefined;
  }
}
