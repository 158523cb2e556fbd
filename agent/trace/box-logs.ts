import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Of each log, the end. */
const TAIL_BYTES = 512 * 1_024;
/** The journal names those of the box only. */
const PROGRAMS = ['agent', 'media'] as const;
/** What stands in for the hardware writes beside them. */
const BESIDE = ['board', 'serial-line'] as const;
const JOURNAL_LIMIT_MS = 5_000;

/** A log by the name of its program. */
export interface LogTail {
  readonly program: string;
  readonly text: Buffer;
}

/** The last lines of the box's own logs: from files where there are some, else from the system's journal. Never rejects. */
export async function logTails(folder: string, sinceMs: number): Promise<readonly LogTail[]> {
  const tails = await Promise.all(
    [...PROGRAMS, ...BESIDE].map(async (program) => {
      const unit = PROGRAMS.find((name) => name === program);
      const text =
        (await tailOf(join(folder, `${program}.log`))) ??
        (unit === undefined ? undefined : await journalOf(`engawa-${unit}`, sinceMs));
      return text === undefined || text.length === 0 ? [] : [{ program, text }];
    }),
  );
  return tails.flat();
}

async function tailOf(path: string): Promise<Buffer | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const read = buffer.subarray(0, bytesRead);
    return from === 0 ? read : read.subarray(read.indexOf(0x0a) + 1);
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

function journalOf(unit: string, sinceMs: number): Promise<Buffer | undefined> {
  const args = ['-u', unit, '-o', 'cat', '--no-pager', '-q', '--since', `@${Math.floor(sinceMs / 1_000)}`];
  return new Promise((resolve) => {
    const limits = { timeout: JOURNAL_LIMIT_MS, maxBuffer: 8 * TAIL_BYTES, encoding: 'buffer' as const };
    execFile('journalctl', args, limits, (error, output) =>
      resolve(error === null ? output.subarray(-TAIL_BYTES) : undefined),
    );
  });
}
