import type { LanReport } from '../../lib/contract/lan-facts.ts';

/** The report of a box without a LAN. */
export function emptyLanReport(changes: Partial<LanReport> = {}): LanReport {
  return { v: 1, at: 0, phones: [], omitted: 0, dhcp: null, warnings: [], ...changes };
}
