import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Writes a file that only the agent's user can read: whole or not at all, also through a power cut. Written by root (a
 * technician's shell), it gets the owner of its folder, so that the agent can read what was made for it. Where a link leads to
 * another partition, it is written there and the link stays. Throws what the file system says.
 */
export function writeSecret(name: string, text: string): void {
  const path = placeOf(name);
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', 0o600);
  try {
    // The mode above counts only for a file that was not there.
    fchmodSync(file, 0o600);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() === 0) chownSync(fresh, uid, gid);
  renameSync(fresh, path);
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Removes such a file, if it is there; a link that leads to it stays for the next one. Throws what the file system says. */
export function removeSecret(name: string): void {
  rmSync(placeOf(name), { force: true });
}

function placeOf(name: string): string {
  const found = lstatSync(name, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true ? resolve(dirname(name), readlinkSync(name)) : name;
}
