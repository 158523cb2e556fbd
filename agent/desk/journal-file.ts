import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { DeskJournalFile } from './desk-journal.ts';

/**
 * The journal as one small file, replaced whole by renaming. Not synced: it is for an agent that dies, whose writes the kernel
 * keeps; after a power cut the phones' calls are dead anyway.
 */
export function journalFile(path: string): DeskJournalFile {
  return {
    read() {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    write(text) {
      const fresh = `${path}.new`;
      writeFileSync(fresh, text, { mode: 0o600 });
      renameSync(fresh, path);
    },
  };
}
