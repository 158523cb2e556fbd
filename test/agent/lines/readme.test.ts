import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stateTable } from '../../../agent/lines/table.ts';

/** The formatter aligns the columns of tables; what they say is compared. */
function squeeze(markdown: string): string {
  return markdown.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
}

it('the state table in the README is the one that the machine obeys', () => {
  const readme = readFileSync(new URL('../../../agent/lines/README.md', import.meta.url), 'utf8');
  expect(squeeze(readme)).toContain(squeeze(stateTable()));
});
