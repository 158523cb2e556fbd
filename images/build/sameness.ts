import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Makes the steps of a build forget whose machine this is: rights of new files, time zone, today's date. For the whole process. */
export function forgetMachine(epochS: number): void {
  process.umask(0o022);
  process.env['TZ'] = 'UTC';
  // Among others for `systemd-sysusers`, which notes the day on which a user was made.
  process.env['SOURCE_DATE_EPOCH'] = String(epochS);
}

/** Files of ours may be read by all, and run by all or nobody, whatever rights a checkout or an npm on this machine gave them. */
export function plainRights(root: string, tree: string): void {
  const programs = 'usr/lib/engawa';
  for (const path of [...filesIn(join(tree, programs))]) plain(join(tree, programs, path));
  for (const path of [...filesIn(join(root, 'images/rootfs'))]) plain(join(tree, path));
}

function* filesIn(folder: string, path = ''): Generator<string> {
  for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) yield* filesIn(folder, inside);
    else if (entry.isFile()) yield inside;
  }
}

function plain(file: string): void {
  const about = lstatSync(file, { throwIfNoEntry: false });
  if (about?.isFile() === true) chmodSync(file, (about.mode & 0o100) === 0 ? 0o644 : 0o755);
}
