import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
/** Packages that would run a program of theirs when they are installed. None of them does: only what set-up builds itself. */
const WITH_SCRIPTS = ['@serialport/bindings-cpp', 'epoll', 'esbuild', 'koffi'];

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

function json<Value>(name: string): Value {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as Value;
}

describe('what others wrote', () => {
  const { packages } = json<{ packages: Readonly<Record<string, Locked>> }>('package-lock.json');
  const locked = Object.entries(packages).filter(([path]) => path !== '');

  it('is the same bytes everywhere: every package has its digest, and none comes from a repository or a link', () => {
    const loose = locked.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''));
    expect(loose.map(([path]) => path)).toEqual([]);
    const strange = locked.filter(
      ([, { resolved, link }]) => link === true || (resolved !== undefined && !/^https:/.test(resolved)),
    );
    expect(strange.map(([path]) => path)).toEqual([]);
  });

  it('runs no program of its own when it is installed', () => {
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(running.map(([path]) => path.replace('node_modules/', '')).sort()).toEqual(
      [...WITH_SCRIPTS].sort(),
    );
  });

  it('is asked for by one version, never by a range', () => {
    const { dependencies, devDependencies } =
      json<Readonly<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>>(
        'package.json',
      );
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(ranges).toEqual([]);
  });
});
