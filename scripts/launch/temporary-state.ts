import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh state folder that goes away again. */
export interface TemporaryState {
  readonly path: string;
  remove(): void;
}

/** Makes one that PostgreSQL's own user may pass through, so that the database lies inside it and goes with it. */
export function temporaryState(name: string): TemporaryState {
  const path = mkdtempSync(join(tmpdir(), `engawa-${name}-`));
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
