import type { Mutant } from './mutants.ts';

/** What became of one alteration. `broke`: the file could not be loaded, which proves nothing. */
export type Outcome =
  | 'killed'
  /** Not by a test that names the fact, but by another one of the same room. */
  | 'elsewhere'
  | 'survived'
  | 'broke'
  | 'hung';

/** What was found about one fact. */
export interface FactResult {
  readonly fact: string;
  readonly verdict: /** Every alteration that could be run was noticed. */
    | 'killed'
    /** Some were noticed by its own tests, the others by those of another fact. */
    | 'shared'
    /** Some were noticed, some not at all. */
    | 'partly'
    /** None was noticed: its tests do not hold it. */
    | 'survived'
    /** Nothing to alter near the citations. */
    | 'noMutant'
    /** Only integration tests name it; they are not run here. */
    | 'integrationOnly'
    /** No test ran, or they fail without any alteration. */
    | 'noTest'
    | 'red';
  readonly mutants: readonly (Pick<Mutant, 'path' | 'line' | 'what'> & { readonly outcome: Outcome })[];
}

/** The verdict over outcomes. */
export function verdictOf(outcomes: readonly Outcome[]): FactResult['verdict'] {
  const killed = outcomes.filter((outcome) => outcome === 'killed' || outcome === 'hung').length;
  const survived = outcomes.filter((outcome) => outcome === 'survived').length;
  const elsewhere = outcomes.filter((outcome) => outcome === 'elsewhere').length;
  if (killed + survived + elsewhere === 0) return 'noMutant';
  if (survived === 0 && killed > 0) return elsewhere === 0 ? 'killed' : 'shared';
  return killed === 0 ? 'survived' : 'partly';
}

/** Counts, and every fact that is not wholly held. */
export function renderReport(results: readonly FactResult[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of results) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const mutants = results.flatMap((result) => result.mutants);
  const killed = mutants.filter(({ outcome }) => outcome === 'killed' || outcome === 'hung').length;
  const survived = mutants.filter(({ outcome }) => outcome === 'survived').length;
  const elsewhere = mutants.filter(({ outcome }) => outcome === 'elsewhere').length;
  const weak = results.filter(({ verdict }) => verdict !== 'killed' && verdict !== 'shared');
  return [
    ...weak.flatMap((result) => [
      `${result.fact} ${result.verdict}`,
      ...result.mutants
        .filter(({ outcome }) => outcome !== 'killed')
        .map((one) => `  ${one.outcome} ${one.path}:${one.line} ${one.what}`),
    ]),
    `facts ${results.length}: ${[...counts].map(([verdict, count]) => `${verdict} ${count}`).join(', ')}`,
    `mutants ${mutants.length}: killed ${killed}, by the test of another fact ${elsewhere}, survived ${survived}`,
    '',
  ].join('\n');
}
