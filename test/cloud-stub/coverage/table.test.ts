import { describe, expect, it } from 'vitest';
import { FACTS, ROWS } from '../../../cloud-stub/coverage/facts.ts';
import { renderCoverage } from '../../../cloud-stub/coverage/render.ts';
import { data, type FactRow, implemented } from '../../../cloud-stub/coverage/row.ts';
import { countsOf, coverageTable } from '../../../cloud-stub/coverage/table.ts';

const ID = ['S0', '001'].join('-');
const list = [implemented(ID, 'a price', 'cloud-stub/catalogue/')];
const rule = { path: 'cloud-stub/catalogue/prices.ts', text: `/** A price. [${ID}] */` };
const test = { path: 'test/cloud-stub/prices.test.ts', text: `it('costs 1 | 2 [${ID}]', () => {})` };

describe('the acceptance list', () => {
  it('has 371 facts and 66 readings, each once and in order', () => {
    expect(FACTS).toHaveLength(371);
    const sizes = { S0: 207, S1: 19, S2: 49, S3: 70, S4: 26 };
    const wanted = Object.entries(sizes).flatMap(([seed, size]) =>
      Array.from({ length: size }, (_, index) => `${seed}-${String(index + 1).padStart(3, '0')}`),
    );
    expect(FACTS.map((row) => row.id)).toEqual(wanted);
    expect(ROWS.slice(FACTS.length).map((row) => row.id)).toEqual(
      Array.from({ length: 66 }, (_, index) => `A-${String(index + 1).padStart(2, '0')}`),
    );
  });
});

describe('the coverage table', () => {
  it('joins a row with its rule and its test', () => {
    const { rows, problems } = coverageTable([rule, test], list);
    expect(problems).toEqual([]);
    expect(rows[0]?.places).toEqual([rule.path]);
    expect(rows[0]?.tests.map((named) => named.title)).toEqual([`costs 1 | 2 [${ID}]`]);
  });

  it('does not depend on the order of the files', () => {
    const other = { path: 'cloud-stub/billing/fees.ts', text: ID };
    const table = coverageTable([rule, other, test], list);
    expect(coverageTable([test, other, rule], list)).toEqual(table);
    expect(table.rows[0]?.places).toEqual([rule.path, other.path]);
  });

  it.each([
    ['the rule is gone', [test], `${ID} is not cited below cloud-stub/catalogue/`],
    ['the test is gone', [rule], `${ID} is implemented, and no test names it`],
    [
      'only a comment of a test names it',
      [rule, { ...test, text: `// ${ID}` }],
      `${ID} is implemented, and no test names it`,
    ],
    [
      'only this room names it',
      [{ ...rule, path: 'cloud-stub/coverage/x.ts' }, test],
      `${ID} is not cited below cloud-stub/catalogue/`,
    ],
  ])('complains when %s', (_, sources, problem) => {
    expect(coverageTable(sources, list).problems).toEqual([problem]);
  });

  it('complains about an id that the list does not have', () => {
    const stranger = { path: 'lib/base/x.ts', text: `[${['S0', '999'].join('-')}]` };
    expect(coverageTable([rule, test, stranger], list).problems).toEqual([
      `lib/base/x.ts cites ${['S0', '999'].join('-')}, which is not in the list`,
    ]);
  });

  it('complains about a row of another class without a reason', () => {
    const bare: FactRow = { ...data(ID, 'a text', 'cloud-stub/catalogue/', ''), why: null };
    expect(coverageTable([rule], [bare]).problems).toEqual([`${ID} is data without a reason`]);
    expect(coverageTable([rule], [{ ...bare, why: 'a text' }]).problems).toEqual([]);
  });

  it('is rendered with its counts, one line a row, bars escaped', () => {
    const table = coverageTable([rule, test], list);
    expect(countsOf(table.rows)).toEqual({ implemented: 1, later: 0, data: 0, history: 0, outOfReach: 0 });
    const text = renderCoverage(table);
    expect(text).toContain('| implemented | 1 | 0 |');
    expect(text).toContain(
      `| ${ID} | a price | implemented | \`catalogue/prices.ts\` | \`prices.test.ts\` costs 1 \\| 2 [${ID}] |`,
    );
  });
});
