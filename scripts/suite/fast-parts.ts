import { join } from 'node:path';
import { type PartResult, vitestProject, whole } from './run.ts';

/** Types, lint, dead code, and every test that needs no program of others: under a minute. */
export async function fastParts(root: string): Promise<PartResult[]> {
  const bin = (name: string): string => join(root, 'node_modules/.bin', name);
  return [
    await whole(root, 'types', bin('tsc'), ['-b']),
    await whole(root, 'format and lint', bin('biome'), ['check', '--error-on-warnings', '.']),
    await whole(root, 'dead code', bin('knip'), ['--no-progress']),
    await vitestProject(root, 'unit', 300_000),
  ];
}
