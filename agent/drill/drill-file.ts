import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { DrillReport } from './types.ts';

/** Drills that are remembered. */
const REPORTS_KEPT = 20;

const check = z.object({ feature: z.string(), verdict: z.enum(['OK', 'FAIL', '--']), say: z.string() });
const report = z.object({
  startedAt: z.number(),
  endedAt: z.number(),
  seconds: z.number(),
  verdict: z.enum(['OK', 'FAIL', 'endedEarly']),
  say: z.string(),
  checks: z.array(check),
});
const file = z.object({
  v: z.literal(1),
  /** A drill that waits for its time, or that runs. */
  order: z.object({ beginsAt: z.number(), seconds: z.number(), running: z.boolean() }).nullable(),
  reports: z.array(report).max(REPORTS_KEPT),
});

/** What a drill leaves on disk. */
export interface DrillMemory {
  readonly order: { readonly beginsAt: number; readonly seconds: number; readonly running: boolean } | null;
  readonly reports: readonly DrillReport[];
}

/** Where drills are remembered. */
export interface DrillKeeper {
  load(): DrillMemory;
  /** Never throws: a drill that cannot be written down is still a drill. */
  save(memory: DrillMemory): void;
}

/** One JSON file, replaced whole. What cannot be read is nothing. */
export function drillFile(path: string, onTrouble: (say: string) => void): DrillKeeper {
  return {
    load() {
      try {
        if (!existsSync(path)) return { order: null, reports: [] };
        const read = file.parse(JSON.parse(readFileSync(path, 'utf8')));
        return { order: read.order, reports: read.reports as readonly DrillReport[] };
      } catch (error) {
        onTrouble(String(error));
        return { order: null, reports: [] };
      }
    },
    save({ order, reports }) {
      try {
        const fresh = `${path}.new`;
        const handle = openSync(fresh, 'w', 0o600);
        try {
          writeSync(handle, JSON.stringify({ v: 1, order, reports: reports.slice(0, REPORTS_KEPT) }));
          fsyncSync(handle);
        } finally {
          closeSync(handle);
        }
        renameSync(fresh, path);
      } catch (error) {
        onTrouble(String(error));
      }
    },
  };
}
