import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROWS } from '../../../cloud-stub/coverage/facts.ts';
import { coverageTable, readSources, renderCoverage } from '../../../cloud-stub/coverage/index.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const table = coverageTable(readSources(root));

describe('the tree', () => {
  it('holds what the list says: rules, tests, reasons, and no id that the list does not have', () => {
    expect(table.problems).toEqual([]);
  });

  it('has every place that the list names', () => {
    const places = new Set(ROWS.flatMap((row) => row.where ?? []));
    expect([...places].filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });

  it('is what COVERAGE.md shows; scripts/coverage.ts writes it anew', () => {
    expect(readFileSync(join(root, 'cloud-stub/COVERAGE.md'), 'utf8')).toBe(renderCoverage(table));
  });
});
