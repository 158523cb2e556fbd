import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { GatewayId } from '../../lib/base/ids.ts';
import { CONFIG_FILE, PREVIOUS_CONFIG_FILE, type ReadConfig, readConfigFile } from './config-files.ts';

/** What looking at the store from outside gave. Nothing is changed by looking. */
export type InspectedStore =
  | { readonly kind: 'none' }
  /** A running agent has it. */
  | { readonly kind: 'held' }
  | {
      readonly kind: 'good';
      readonly records: number;
      readonly openLegs: number;
      readonly aside: readonly string[];
    }
  | { readonly kind: 'damaged'; readonly say: string };

/** Looks at the SQLite file without an agent. Never throws. */
export function inspectStore(path: string): InspectedStore {
  try {
    if (!existsSync(path) || statSync(path).size === 0) return { kind: 'none' };
    const db = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    try {
      const check = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
      if (check !== 'ok') return { kind: 'damaged', say: String(check) };
      const count = (table: 'outbox' | 'leg'): number =>
        Number(db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows']);
      return { kind: 'good', records: count('outbox'), openLegs: count('leg'), aside: setAsideFiles(path) };
    } finally {
      db.close();
    }
  } catch (error) {
    const say = error instanceof Error ? error.message : String(error);
    return /locked|busy/i.test(say) ? { kind: 'held' } : { kind: 'damaged', say };
  }
}

function setAsideFiles(path: string): readonly string[] {
  return readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.damaged-`));
}

/** The last good configuration and the spare as they lie in `folder`. Never throws. */
export function inspectConfig(
  folder: string,
  gateway: GatewayId | undefined,
): { readonly current: ReadConfig; readonly previous: ReadConfig } {
  return {
    current: readConfigFile(join(folder, CONFIG_FILE), gateway),
    previous: readConfigFile(join(folder, PREVIOUS_CONFIG_FILE), gateway),
  };
}
