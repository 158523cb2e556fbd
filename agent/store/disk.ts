import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Files as the store uses them; named and meant as in `node:fs`. */
export interface DiskFiles {
  openSync(path: string, flags: string, mode?: number): number;
  writeSync(handle: number, bytes: Uint8Array, offset: number): number;
  fsyncSync(handle: number): void;
  closeSync(handle: number): void;
  existsSync(path: string): boolean;
  readFileSync(path: string, encoding: 'utf8'): string;
  linkSync(path: string, other: string): void;
  renameSync(path: string, other: string): void;
  rmSync(path: string, options: { readonly force: boolean }): void;
}

/** What the store lies on: the machine's own disk, or a simulated one that is slow, full, or dies between two writes. */
export interface StoreDisk {
  readonly files: DiskFiles;
  database(path: string): DatabaseSync;
}

/** The disk of this machine. */
export const machineDisk: StoreDisk = {
  files: {
    openSync,
    writeSync,
    fsyncSync,
    closeSync,
    existsSync,
    readFileSync,
    linkSync,
    renameSync,
    rmSync,
  },
  database: (path) => new DatabaseSync(path, { timeout: 0 }),
};

/** Makes a new or renamed name in `folder` survive a power cut. */
export function syncFolder(files: DiskFiles, folder: string): void {
  const handle = files.openSync(folder, 'r');
  try {
    files.fsyncSync(handle);
  } finally {
    files.closeSync(handle);
  }
}
