import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { NO_MEMORY, type UpdateMemory, updateMemory } from './state.ts';

const LIMIT_BYTES = 262_144;

/** Where the state of an update lies over restarts. */
export interface MemoryStore {
  /** Nothing that can be read is nothing to remember. */
  load(): UpdateMemory;
  /** On the disk when it returns. Throws what the disk says. */
  save(memory: UpdateMemory): void;
}

/** One JSON file, 0600, replaced as a whole. */
export function memoryFile(path: string): MemoryStore {
  return {
    load() {
      try {
        const text = readFileSync(path, 'utf8');
        if (text.length > LIMIT_BYTES) return NO_MEMORY;
        const read = updateMemory.safeParse(JSON.parse(text));
        return read.success ? read.data : NO_MEMORY;
      } catch {
        return NO_MEMORY;
      }
    },
    save(memory) {
      const folder = dirname(path);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const fresh = `${path}.new`;
      const file = openSync(fresh, 'w', 0o600);
      try {
        writeSync(file, `${JSON.stringify(memory)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(fresh, path);
      const entry = openSync(folder, 'r');
      try {
        fsyncSync(entry);
      } finally {
        closeSync(entry);
      }
    },
  };
}
