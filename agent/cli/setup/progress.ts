import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeSecret } from '../../enrol/index.ts';
import { STEPS, type StepName, type StepResult } from './step.ts';

const FILE = 'setup.json';
const LIMIT_CHARS = 65_536;

const result = z.strictObject({
  verdict: z.enum(['OK', 'WARN', 'FAIL', '--']),
  say: z.array(z.string()),
  todo: z.array(z.string()),
});
const progress = z.strictObject({
  v: z.literal(1),
  /** Epoch ms. */
  startedAt: z.number(),
  steps: z.partialRecord(z.enum(STEPS), result),
});

/** How far a setup has come. No code and no password is in it. */
export interface Progress {
  readonly startedAt: number;
  readonly steps: Partial<Record<StepName, StepResult>>;
}

/** What an earlier run left, in the agent's folder; undefined when there is nothing that can be read. */
export function loadProgress(folder: string): Progress | undefined {
  try {
    const text = readFileSync(join(folder, FILE), 'utf8');
    if (text.length > LIMIT_CHARS) return undefined;
    const read = progress.safeParse(JSON.parse(text));
    return read.success ? { startedAt: read.data.startedAt, steps: read.data.steps } : undefined;
  } catch {
    return undefined;
  }
}

/** False where it cannot be written: the setup goes on, and could not be gone on with. */
export function saveProgress(folder: string, { startedAt, steps }: Progress): boolean {
  try {
    writeSecret(join(folder, FILE), `${JSON.stringify({ v: 1, startedAt, steps })}\n`);
    return true;
  } catch {
    return false;
  }
}

/** The next setup begins at its beginning. */
export function forgetProgress(folder: string): void {
  try {
    rmSync(join(folder, FILE), { force: true });
  } catch {
    // It was not ours to write either.
  }
}
