import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceText } from './scan.ts';

const FOLDERS = ['lib', 'hal', 'agent', 'cloud-stub', 'test'];

/** The TypeScript files below `root` that may cite a fact. Throws what the file system throws. */
export function readSources(root: string): readonly SourceText[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((full) => !full.includes('/node_modules/'))
      .map((full) => ({ path: full.slice(root.length + 1), text: readFileSync(full, 'utf8') })),
  );
}
