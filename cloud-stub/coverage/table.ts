import { ROWS } from './facts.ts';
import type { FactClass, FactRow } from './row.ts';
import { idsIn, type NamedTest, type SourceText, testsIn } from './scan.ts';

/** A row with what the tree says about it. */
export interface CoveredRow {
  readonly row: FactRow;
  /** Files of the product that cite it, those below `row.where` first. */
  readonly places: readonly string[];
  readonly tests: readonly NamedTest[];
}

/** Everything about the list and the tree. */
export interface CoverageTable {
  readonly rows: readonly CoveredRow[];
  /** Sentences about what does not hold; empty when the list is true. */
  readonly problems: readonly string[];
}

/** This room mentions every id, and proves nothing by it. */
const OWN = /(^|\/)cloud-stub\/coverage\//;
const TEST = /^test\/.*\.test\.ts$/;
const PRODUCT = /^(lib|hal|agent|cloud-stub)\//;

/** Joins the list with the files of the repository. Pure; the order of `sources` does not matter. */
export function coverageTable(
  sources: readonly SourceText[],
  list: readonly FactRow[] = ROWS,
): CoverageTable {
  const files = sources
    .filter((file) => !OWN.test(file.path))
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const places = new Map<string, string[]>();
  const tests = new Map<string, NamedTest[]>();
  for (const file of files) {
    if (PRODUCT.test(file.path)) for (const id of idsIn(file.text)) push(places, id, file.path);
    if (TEST.test(file.path))
      for (const test of testsIn(file)) for (const id of test.facts) push(tests, id, test);
  }
  const rows = list.map((row) => ({
    row,
    places: nearestFirst(places.get(row.id) ?? [], row.where),
    tests: tests.get(row.id) ?? [],
  }));
  return { rows, problems: [...strangers(files, list), ...rows.flatMap(problemsOf)] };
}

/** How many rows each class has. */
export function countsOf(rows: readonly CoveredRow[]): Readonly<Record<FactClass, number>> {
  const counts = { implemented: 0, later: 0, data: 0, history: 0, outOfReach: 0 };
  for (const { row } of rows) counts[row.class] += 1;
  return counts;
}

function problemsOf(covered: CoveredRow): readonly string[] {
  const { row, places, tests } = covered;
  const found: string[] = [];
  if (row.where !== null && !places.some((path) => path.startsWith(row.where ?? '')))
    found.push(`${row.id} is not cited below ${row.where}`);
  if (row.class === 'implemented') {
    if (row.where === null) found.push(`${row.id} is implemented nowhere`);
    if (tests.length === 0) found.push(`${row.id} is implemented, and no test names it`);
  } else if (row.why === null || row.why.trim() === '')
    found.push(`${row.id} is ${row.class} without a reason`);
  return found;
}

/** Ids that are cited and that the list does not know. */
function strangers(files: readonly SourceText[], list: readonly FactRow[]): readonly string[] {
  const known = new Set(list.map((row) => row.id));
  return files.flatMap((file) =>
    idsIn(file.text)
      .filter((id) => !known.has(id))
      .map((id) => `${file.path} cites ${id}, which is not in the list`),
  );
}

function nearestFirst(paths: readonly string[], where: string | null): readonly string[] {
  const near = paths.filter((path) => where !== null && path.startsWith(where));
  return [...near, ...paths.filter((path) => !near.includes(path))];
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, [value]);
  else held.push(value);
}
