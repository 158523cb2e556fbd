import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { CHANGES_MOST, type LocalChange, localChange } from './change.ts';

/** Changes that were kept: they stay until the service's configuration says the same. */
export interface KeptChanges {
  readonly changes: readonly LocalChange[];
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
}

const file = z.strictObject({
  v: z.literal(1),
  changes: z.array(localChange).max(CHANGES_MOST * 2),
  by: z.string().max(80),
  at: z.number(),
});

const LIMIT_BYTES = 65_536;

/** Where kept changes lie. */
export interface ChangeStore {
  /** Undefined when there are none, or none that can be read. */
  load(): KeptChanges | undefined;
  /** Synced to disk when it returns; undefined removes them. Throws when the disk refuses. */
  save(kept: KeptChanges | undefined): void;
}

/** One JSON file, replaced as a whole. */
export function changeFile(path: string): ChangeStore {
  return {
    load() {
      try {
        const text = readFileSync(path, 'utf8');
        if (text.length > LIMIT_BYTES) return undefined;
        const read = file.safeParse(JSON.parse(text));
        if (!read.success) return undefined;
        const { v: _v, ...kept } = read.data;
        return kept;
      } catch {
        return undefined;
      }
    },
    save(kept) {
      if (kept === undefined) {
        rmSync(path, { force: true });
        return;
      }
      const fresh = `${path}.new`;
      const handle = openSync(fresh, 'w', 0o600);
      try {
        writeSync(handle, `${JSON.stringify({ v: 1, ...kept })}\n`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(fresh, path);
      const folder = openSync(dirname(path), 'r');
      fsyncSync(folder);
      closeSync(folder);
    },
  };
}
