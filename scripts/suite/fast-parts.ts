import { join } from 'node:path';
import { type PartResult, vitestProject, whole } from './run.ts';

/** Types, lint, dead code, and every test that needs no program of others: under a minute. */
export async function fastParts(root: string): Promise<PartResult[]> {
  const bin = (name: string): string => join(root, 'node_modules/.bin', name);
  // One of them keeps one core busy.
  const read = await Promise.all([
    whole(root, 'types', bin('tsc'), ['-b']),
    whole(root, 'format and lint', bin('biome'), ['check', '--error-on-warnings', '.']),
    whole(root, 'dead code', bin('knip'), ['--no-progress']),
  ]);
  return [...read, await vitestProject(root, 'unit', 300_000)];
}
