import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../../lib/contract/update.ts';

/** What the rest of the box keeps on the partition: call records, logs, the journal of the store. */
const LEFT_TO_OTHERS_BYTES = 32 * 1_048_576;
/** So much is written between two syncs: what a power cut costs at most. */
const SYNC_EVERY_BYTES = 4 * 1_048_576;

/** The folder of bundles: one file at most, which has a name of its own while it is not whole. */
export class BundleShelf {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where a release lies when it is whole and is what was ordered. */
  pathOf({ sha256 }: Pick<Release, 'sha256'>): string {
    return join(this.#folder, `${sha256}.raucb`);
  }

  partOf({ sha256 }: Pick<Release, 'sha256'>): string {
    return join(this.#folder, `${sha256}.part`);
  }

  /** Where a technician's file lies. */
  get brought(): string {
    return join(this.#folder, 'brought.raucb');
  }

  /** Whether a release lies there whole. */
  holds(release: Pick<Release, 'sha256' | 'sizeBytes'>): boolean {
    return sizeOf(this.pathOf(release)) === release.sizeBytes;
  }

  /** Throws away everything but the files named. */
  sweep(keep: readonly string[]): void {
    for (const name of names(this.#folder)) {
      const path = join(this.#folder, name);
      if (/\.(raucb|part)$/.test(name) && !keep.includes(path)) rmSync(path, { force: true });
    }
  }

  /** Bytes that are missing for a file of `sizeBytes`, of which `hereBytes` are there; 0 when it fits. Throws what the disk says. */
  missing(sizeBytes: number, hereBytes: number): number {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = statfsSync(this.#folder);
    return Math.max(0, sizeBytes - hereBytes + LEFT_TO_OTHERS_BYTES - bavail * bsize);
  }

  /** A file that grows at its end, or from its beginning. Throws what the disk says. */
  open(path: string, how: 'append' | 'anew'): GrowingFile {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return new GrowingFile(path, how);
  }

  /** Gives a whole file its name; both survive a power cut. */
  settle(from: string, to: string): void {
    renameSync(from, to);
    const handle = openSync(this.#folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}

/** A file that is written piece by piece. */
export class GrowingFile {
  readonly #handle: number;
  #bytes: number;
  #unsynced = 0;

  constructor(path: string, how: 'append' | 'anew') {
    this.#handle = openSync(path, how === 'append' ? 'a' : 'w', 0o600);
    this.#bytes = how === 'append' ? sizeOf(path) : 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  write(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) at += writeSync(this.#handle, piece, at);
    this.#bytes += piece.length;
    this.#unsynced += piece.length;
    if (this.#unsynced < SYNC_EVERY_BYTES) return;
    fsyncSync(this.#handle);
    this.#unsynced = 0;
  }

  close(): void {
    try {
      fsyncSync(this.#handle);
    } finally {
      closeSync(this.#handle);
    }
  }
}

/** Size of a file; 0 when there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Lower-case hex digest of a whole file. Rejects with what the disk says. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 262_144 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
