const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Never at once: a fraction of zero would make a loop of it. */
const SHORTEST_MS = 100;

/** Full jitter: anywhere between nothing and a ceiling that doubles from 1 s to 60 s. `fraction` is in [0, 1). */
export function backoffMs(failures: number, fraction: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.max(SHORTEST_MS, Math.round(ceiling * fraction));
}
