import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stateTable } from '../../../agent/lines/table.ts';

it('the state table in the README is the one that the machine obeys', () => {
  const readme = readFileSync(new URL('../../../agent/lines/README.md', import.meta.url), 'utf8');
  expect(readme).toContain(stateTable());
});
