import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type CoveredRow, coverageTable, readSources } from '../cloud-stub/coverage/index.ts';
import { MutationBench } from './mutation/bench.ts';
import { type Mutant, mutantsOf } from './mutation/mutants.ts';
import { type FactResult, type Outcome, renderReport, verdictOf } from './mutation/report.ts';
import { sitesOf } from './mutation/sites.ts';
import type { JobResult } from './mutation/worker.ts';

/**
 * Alters the rule or price of each implemented fact and runs the tests that name it. `--facts S0-059,A-36` takes these
 * alone, `--seconds N` ends in time, `--most N` limits the alterations of a fact, and after `--enough N` that were
 * noticed the next fact is taken. A run goes on where the one before ended: `--redo partly,survived` tries those
 * verdicts again, `--again` everything. Writes results.json in `--folder` and says what no test noticed; `--report`
 * does this alone.
 */
const { values } = parseArgs({
  options: {
    facts: { type: 'string' },
    seconds: { type: 'string', default: '3600' },
    most: { type: 'string', default: '4' },
    folder: { type: 'string', default: join(tmpdir(), 'engawa-mutate') },
    enough: { type: 'string', default: 'Infinity' },
    redo: { type: 'string', default: '' },
    again: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const resultsPath = join(values.folder, 'results.json');
const endsAt = Date.now() + Number(values.seconds) * 1_000;
const redo = values.redo.split(',');
const most = Number(values.most);
const enough = Number(values.enough);

mkdirSync(values.folder, { recursive: true });
const results = new Map<string, FactResult>(
  existsSync(resultsPath)
    ? (JSON.parse(readFileSync(resultsPath, 'utf8')) as FactResult[]).map((one) => [one.fact, one])
    : [],
);

/** Whether a fact is to be tried in this run. */
function isOpen(verdict: FactResult['verdict'] | undefined): boolean {
  return verdict === undefined || values.again || redo.includes(verdict);
}

function wantedRows(rows: readonly CoveredRow[]): readonly CoveredRow[] {
  const named = values.facts?.split(',');
  return rows.filter(({ row, tests }) =>
    named === undefined
      ? row.class === 'implemented' && tests.length > 0 && isOpen(results.get(row.id)?.verdict)
      : named.includes(row.id),
  );
}

/** Where the row says, what code cites before what comments do; the first of these that can be altered. */
function nearest({ row }: CoveredRow, sources: ReadonlyMap<string, string>): readonly Mutant[] {
  const sites = sitesOf(row.id, sources);
  const near = sites.filter((site) => row.where !== null && site.path.startsWith(row.where));
  const tiers = [near.filter((site) => site.cited === 'code'), near, sites];
  return tiers.map((tier) => mutantsOf(tier, sources, most)).find((found) => found.length > 0) ?? [];
}

function unitTestsOf({ tests }: CoveredRow): readonly string[] {
  return [...new Set(tests.map(({ path }) => path))].filter((path) => !path.endsWith('.int.test.ts'));
}

/** Unit tests of a room that are green without any alteration. */
const greenTests = new Map<string, readonly string[]>();

async function testsOfRoom(room: string, bench: MutationBench): Promise<readonly string[]> {
  const known = greenTests.get(room);
  if (known !== undefined) return known;
  const folder = join(values.folder, 'tree', 'test', room);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.endsWith('.int.test.ts'))
    .map((name) => `test/${room}/${name}`);
  const clean = await bench.run({ facts: [], files, change: null });
  const green = clean === null || clean.failed + clean.broke > 0 ? [] : files;
  greenTests.set(room, green);
  return green;
}

/** Whether a test of the room that was altered notices what the tests of the fact did not: some rule stands under two. */
async function noticedInRoom(
  change: Mutant,
  sources: ReadonlyMap<string, string>,
  bench: MutationBench,
): Promise<boolean> {
  const files = await testsOfRoom(change.path.split('/').slice(0, 2).join('/'), bench);
  if (files.length === 0) return false;
  const result = await bench.run({ facts: [], files, change });
  // A run that took too long proves nothing here: a whole room is slow by itself.
  if (result === null) bench.restore(change.path, sources.get(change.path) ?? '');
  return result !== null && result.failed > 0;
}

async function tryFact(
  covered: CoveredRow,
  sources: ReadonlyMap<string, string>,
  clean: JobResult['names'],
  bench: MutationBench,
): Promise<FactResult> {
  const fact = covered.row.id;
  const files = unitTestsOf(covered);
  if (files.length === 0)
    return { fact, verdict: covered.tests.length > 0 ? 'integrationOnly' : 'noTest', mutants: [] };
  const named = clean.filter(({ name }) => name.includes(fact));
  if (named.length === 0) return { fact, verdict: 'noTest', mutants: [] };
  if (named.some(({ passed }) => !passed)) return { fact, verdict: 'red', mutants: [] };
  const tried: FactResult['mutants'][number][] = [];
  for (const change of nearest(covered, sources)) {
    const result = await bench.run({ facts: [fact], files, change });
    if (result === null) bench.restore(change.path, sources.get(change.path) ?? '');
    const own: Outcome =
      result === null ? 'hung' : result.failed > 0 ? 'killed' : result.broke > 0 ? 'broke' : 'survived';
    const outcome = own === 'survived' && (await noticedInRoom(change, sources, bench)) ? 'elsewhere' : own;
    tried.push({ path: change.path, line: change.line, what: change.what, outcome });
    if (tried.filter((one) => one.outcome === 'killed').length >= enough) break;
  }
  return { fact, verdict: verdictOf(tried.map((one) => one.outcome)), mutants: tried };
}

if (!values.report) {
  const bench = new MutationBench(root, join(values.folder, 'tree'), 40_000);
  bench.copy();
  const files = readSources(join(values.folder, 'tree'));
  const product = files.filter(({ path }) => !/^test\/|^cloud-stub\/(coverage|notices)\//.test(path));
  const sources = new Map(product.map(({ path, text }) => [path, text]));
  const wanted = wantedRows(coverageTable(files).rows);
  const clean = await bench.run({
    facts: wanted.map(({ row }) => row.id),
    files: [...new Set(wanted.flatMap(unitTestsOf))],
    change: null,
  });
  if (clean === null) throw new Error('the tests take too long without any alteration');
  for (const covered of wanted) {
    if (Date.now() > endsAt) break;
    const result = await tryFact(covered, sources, clean.names, bench);
    results.set(result.fact, result);
    writeFileSync(resultsPath, `${JSON.stringify([...results.values()], null, 1)}\n`);
    process.stderr.write(`${result.fact} ${result.verdict} (${result.mutants.length})\n`);
  }
  bench.stop();
}
process.stdout.write(renderReport([...results.values()]));
