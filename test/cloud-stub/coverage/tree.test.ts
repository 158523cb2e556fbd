import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROWS } from '../../../cloud-stub/coverage/facts.ts';
import {
  coverageTable,
  policyProblems,
  readSources,
  renderCoverage,
} from '../../../cloud-stub/coverage/index.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const sources = readSources(root);
const table = coverageTable(sources);

describe('the tree', () => {
  it('holds what the list says: rules, tests, reasons, and no id that the list does not have', () => {
    expect(table.problems).toEqual([]);
  });

  it('names a policy for every reading, and has a test for each one that is offered', () => {
    expect(policyProblems(ROWS, sources)).toEqual([]);
    const other = {
      reading: 'A-07',
      name: 'rating/policy.ts#tenMinutes',
      offered: ['excess', 'never'],
    } as const;
    expect(policyProblems([], sources, [other])).toEqual([
      'A-07: rating/policy.ts#tenMinutes offers excess, wholeCall',
      'A-07: no test chooses never',
    ]);
  });

  it('has every place that the list names', () => {
    const places = new Set(ROWS.flatMap((row) => row.where ?? []));
    expect([...places].filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });

  it('is what COVERAGE.md shows; scripts/coverage.ts writes it anew', () => {
    expect(readFileSync(join(root, 'cloud-stub/COVERAGE.md'), 'utf8')).toBe(renderCoverage(table));
  });
});
