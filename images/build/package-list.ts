import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One part of the image: what it is, which version, under which licence. */
export interface ListedPackage {
  readonly name: string;
  readonly version: string;
  readonly from: 'debian' | 'npm';
  readonly licences: readonly string[];
}

/** Everything in the image that somebody else wrote, sorted: Debian's packages as installed, npm's as locked. */
export function listPackages(tree: string, root: string): ListedPackage[] {
  return [...debianPackages(tree), ...npmPackages(root)].sort(
    (a, b) => a.from.localeCompare(b.from) || a.name.localeCompare(b.name),
  );
}

function debianPackages(tree: string): ListedPackage[] {
  const status = readFileSync(join(tree, 'var/lib/dpkg/status'), 'utf8');
  return status
    .split('\n\n')
    .filter((entry) => entry.includes('Status: install ok installed'))
    .map((entry) => {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1] ?? '';
      const name = field('Package');
      return { name, version: field('Version'), from: 'debian', licences: debianLicences(tree, name) };
    });
}

/** The short names in a machine-readable copyright file (DEP 5); older files have prose, which is named as such. */
function debianLicences(tree: string, name: string): string[] {
  const file = join(tree, 'usr/share/doc', name, 'copyright');
  if (!existsSync(file)) return ['see the source package'];
  const found = [...readFileSync(file, 'utf8').matchAll(/^License:[ \t]*(\S.*)$/gm)].map(
    ([, short]) => short ?? '',
  );
  return found.length > 0 ? [...new Set(found)].sort() : [`see /usr/share/doc/${name}/copyright`];
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

function npmPackages(root: string): ListedPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && entry.dev !== true)
    .map(([path, entry]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      from: 'npm',
      licences: [entry.license ?? 'unknown'],
    }));
}
