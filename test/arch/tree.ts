import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** One TypeScript file of ours. */
export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Module specifiers of every static and dynamic import and re-export. */
  readonly imports: readonly string[];
}

const FOLDERS = ['lib', 'hal', 'agent', 'cloud-stub', 'images', 'scripts', 'test'];

/** Every TypeScript file below our folders. */
export function sourceFiles(): readonly SourceFile[] {
  return FOLDERS.flatMap((folder) => walk(join(ROOT, folder))).map((full) => {
    const text = readFileSync(full, 'utf8');
    return { path: relative(ROOT, full), text, imports: importsOf(text) };
  });
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = join(folder, entry.name);
    if (entry.isDirectory()) return walk(full);
    return /\.(ts|tsx)$/.test(entry.name) ? [full] : [];
  });
}

function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()\s*['"]([^'"]+)['"]/g);
  return [...found].map((match) => match[1] ?? '');
}

/** The path that a relative import names, from the root; packages come back as they are. */
export function resolveImport(file: SourceFile, specifier: string): string {
  return specifier.startsWith('.') ? join(dirname(file.path), specifier) : specifier;
}

/** The text without comments, string contents kept. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}
