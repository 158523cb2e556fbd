import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES } from '../recipe.ts';
import { run } from './run.ts';

/** What a build works with: its folders, and the time that it gives to every file. */
export interface Workshop {
  /** Kept between builds: what is downloaded. */
  readonly cache: string;
  /** Made anew by every build. */
  readonly work: string;
  readonly out: string;
  /** Seconds since 1970: the time of the commit. Nothing in a slot is younger. */
  readonly epochS: number;
  readonly say: (line: string) => void;
}

const SUITE = 'bookworm';

/**
 * Debian's part of the system as a tar file. It is kept by the list of packages: a second build of the same recipe does not ask
 * the mirror again and so has the same versions. `refresh` asks anew, for security updates.
 */
export function debianTar(shop: Workshop, refresh: boolean): string {
  const names = PACKAGES.map(([name]) => name).sort();
  const key = createHash('sha256').update(names.join()).digest('hex').slice(0, 12);
  const tar = join(shop.cache, `debian-${key}.tar`);
  if (existsSync(tar) && !refresh) return tar;
  shop.say('taking Debian apart for arm64 (5 to 8 minutes, once)');
  const half = `${tar}.part`;
  run(
    [
      'mmdebstrap',
      '--arch=arm64',
      '--variant=minbase',
      '--format=tar',
      `--include=${names.join()}`,
      '--aptopt=Apt::Install-Recommends "false"',
      '--dpkgopt=path-exclude=/usr/share/doc/*',
      '--dpkgopt=path-include=/usr/share/doc/*/copyright',
      '--dpkgopt=path-exclude=/usr/share/man/*',
      '--dpkgopt=path-exclude=/usr/share/locale/*',
      SUITE,
      half,
    ],
    { env: { SOURCE_DATE_EPOCH: String(shop.epochS) } },
  );
  renameSync(half, tar);
  return tar;
}

/** Debian's kernel, unpacked and never configured: its set-up would build an initial file system under emulation for many minutes. */
export function debianKernel(shop: Workshop, refresh: boolean): string {
  const folder = join(shop.cache, 'kernel');
  if (existsSync(join(folder, 'boot')) && !refresh) return folder;
  shop.say('fetching the kernel');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run(['mmdebstrap', '--arch=arm64', '--variant=extract', '--include=linux-image-arm64', SUITE, folder]);
  return folder;
}
