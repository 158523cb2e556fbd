import { describe, expect, it } from 'vitest';
import { mutantsOf } from '../../../scripts/mutation/mutants.ts';
import { renderReport, verdictOf } from '../../../scripts/mutation/report.ts';
import { sitesOf } from '../../../scripts/mutation/sites.ts';

/** Written in parts, so that this file names no fact itself. */
const FACT = ['S0', '001'].join('-');
const PATH = 'cloud-stub/x.ts';

function changes(text: string, most = 20): readonly string[] {
  const sources = new Map([[PATH, text]]);
  return mutantsOf(sitesOf(FACT, sources), sources, most).map((one) => one.what);
}

describe('alterations near a citation', () => {
  it('alter the price of a row, or take the row out', () => {
    const text = `const items = [\n  entry('a', ['${FACT}'], 'recurring', 1_280, 'id'),\n  entry('b', ['x'], 'once', 7),\n];`;
    expect(changes(text)).toEqual([
      '1_280 → 1281',
      `entry('a', ['${FACT}'], 'recurring', 1_280, 'id'), → nothing`,
    ]);
  });

  it('empty a list of words', () => {
    const text = `const sets = [{ id: 'a', facts: ['${FACT}'], members: ['b', 'c.d'] }, 2];`;
    expect(changes(text)[0]).toBe("['b', 'c.d'] → []");
  });

  it('alter the pattern of a number', () => {
    expect(changes(`const rows = [row(/^104$/, ['${FACT}']), row(/^177$/, [])];`)).toEqual([
      `row(/^104$/, ['${FACT}']), → nothing`,
      '4 → 5',
    ]);
  });

  it('negate the condition before a refusal, and take its branch out', () => {
    const text = `function f() {\n  if (a >= b) {\n    return refuse(['${FACT}'], 486);\n  }\n  return other + 1;\n}`;
    expect(changes(text)).toEqual([
      '486 → 487',
      '(a >= b) → (!(a >= b))',
      '>= → >',
      '(a >= b) → (false && (a >= b))',
    ]);
  });

  it('alter what stands below a comment, and leave types alone', () => {
    expect(changes(`/** At most so many. [${FACT}] */\nconst MOST = 2;\nconst OTHER = 9;`)).toEqual([
      '2 → 3',
    ]);
    expect(changes(`/** [${FACT}] */\nexport interface A {\n  readonly a: 1;\n}`)).toEqual([]);
  });

  it('follow the name of a rule to where it is used', () => {
    const text = `const RULES = { 'a.rule': { facts: ['${FACT}'], most: 5 } };\nfunction f() {\n  if (x) return no('a.rule');\n}`;
    expect(changes(text)).toEqual(['(x) → (!(x))', '(x) → (false && (x))']);
  });

  it('touch neither strings nor comments, and are no more than wanted', () => {
    const text = `/** [${FACT}] */\nconst f = () => {\n  // 1 && 2\n  return 'a && 3' && b > 4;\n};`;
    expect(changes(text)).toEqual(['4 → 5', '&& → ||', '> → >=']);
    expect(changes(`/** [${FACT}] */\nconst policy = { say: 'x', tax: 'exclusive' };`)).toEqual([
      "'exclusive' → 'altered'",
    ]);
    expect(changes(text, 1)).toHaveLength(1);
  });
});

describe('the verdict', () => {
  it.each([
    [['killed', 'hung'], 'killed'],
    [['killed', 'survived'], 'partly'],
    [['survived', 'broke'], 'survived'],
    [['broke'], 'noMutant'],
    [[], 'noMutant'],
  ] as const)('of %j is %s', (outcomes, verdict) => {
    expect(verdictOf(outcomes)).toBe(verdict);
  });

  it('is counted, with what no test noticed', () => {
    const mutants = [{ path: PATH, line: 3, what: '2 → 3', outcome: 'survived' as const }];
    expect(renderReport([{ fact: FACT, verdict: 'survived', mutants }])).toBe(
      `${FACT} survived\n  survived ${PATH}:3 2 → 3\nfacts 1: survived 1\nmutants 1: killed 0, by the test of another fact 0, survived 1\n`,
    );
  });
});
