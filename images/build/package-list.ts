import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BuildError } from './run.ts';

/** One part of the image: what it is, which version, under which licences. */
export interface ListedPackage {
  readonly name: string;
  readonly version: string;
  readonly from: 'debian' | 'npm';
  readonly licences: readonly string[];
}

/** Where the parts of an image are to be found. */
export interface Parts {
  /** The system, Debian's packages in it. */
  readonly tree: string;
  /** Debian's kernel, unpacked. */
  readonly kernel: string;
  /** npm's packages by name: those that lie in the image or in a program's one file. */
  readonly npm: readonly string[];
  /** Folder of `package-lock.json`. */
  readonly root: string;
}

/** Copyright files that are prose and name no licence that Debian keeps; read by a person. */
const READ_BY_HAND: Readonly<Record<string, readonly string[]>> = {
  libcrypt1: ['LGPL-2.1+', 'BSD-3-clause', 'public-domain'],
  'libkrb5-3': ['MIT'],
  libk5crypto3: ['MIT'],
  libkrb5support0: ['MIT'],
  'libgssapi-krb5-2': ['MIT'],
  libwebp7: ['BSD-3-clause'],
};

/**
 * Everything in the image that somebody else wrote, sorted: Debian's packages as installed, npm's as locked. Throws `BuildError`
 * when one has no licence: an image whose parts may not be passed on is none.
 */
export function listPackages(parts: Parts): ListedPackage[] {
  const listed = [...debianPackages(parts.tree), kernelPackage(parts.kernel), ...npmPackages(parts)].sort(
    (a, b) => a.from.localeCompare(b.from) || a.name.localeCompare(b.name),
  );
  const bare = listed.filter(({ licences }) => licences.length === 0).map(({ name }) => name);
  if (bare.length > 0) throw new BuildError(`no licence is known of ${bare.join(', ')}`);
  return listed;
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

/** The kernel is unpacked and never installed, so no status speaks of it; its changelog begins with name and version. */
function kernelPackage(kernel: string): ListedPackage {
  const name = readdirSync(join(kernel, 'usr/share/doc')).find((entry) => /^linux-image-[0-9]/.test(entry));
  if (name === undefined) throw new BuildError(`there is no kernel in ${kernel}`);
  const changes = gunzipSync(readFileSync(join(kernel, 'usr/share/doc', name, 'changelog.gz'))).toString();
  const version = /^\S+ \((\S+)\)/.exec(changes)?.[1] ?? '';
  return { name, version, from: 'debian', licences: debianLicences(kernel, name) };
}

/** Debian's copyright file of a package: the short names of a machine-readable one (DEP 5), the licences that prose points to. */
function debianLicences(tree: string, name: string): readonly string[] {
  const byHand = READ_BY_HAND[name];
  const file = join(tree, 'usr/share/doc', name, 'copyright');
  if (byHand !== undefined || !existsSync(file)) return byHand ?? [];
  return licencesOf(readFileSync(file, 'utf8'));
}

/** Pure: what a copyright file names, sorted, each once. */
export function licencesOf(copyright: string): readonly string[] {
  const short = [...copyright.matchAll(/^License:[ \t]*(\S.*)$/gm)].map(([, words]) => words ?? '');
  const kept = [...copyright.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z0-9.-]*[A-Za-z0-9])/g)].map(
    ([, word]) => word ?? '',
  );
  return [...new Set(short.length > 0 ? short : kept)].sort();
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
}

function npmPackages({ root, npm }: Parts): ListedPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return [...new Set(npm)].map((name) => {
    const entry = lock.packages[`node_modules/${name}`];
    if (entry === undefined) throw new BuildError(`package-lock.json does not know ${name}`);
    const licences = entry.license === undefined ? [] : [entry.license];
    return { name, version: entry.version ?? '', from: 'npm', licences };
  });
}
