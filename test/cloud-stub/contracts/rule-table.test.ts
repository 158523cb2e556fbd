import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { orderRules } from '../../../cloud-stub/contracts/orders/rule-table.ts';
import { contractRules, type RuleRow } from '../../../cloud-stub/contracts/rule-table.ts';

const rules: readonly (readonly [string, RuleRow])[] = [
  ...Object.entries(contractRules),
  ...Object.entries(orderRules),
];
const room = new URL('../../../cloud-stub/contracts/', import.meta.url);
const tests = new URL('./', import.meta.url);

function textOf(folder: URL, ending: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        name.endsWith(ending) && !name.endsWith('rule-table.ts') && !name.endsWith('rule-table.test.ts'),
    )
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
}

describe('the table of rules', () => {
  it('stands in the README as it is', () => {
    const rows = readFileSync(new URL('README.md', room), 'utf8')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()));
    for (const [code, { facts, rule }] of rules) {
      const row = rows.find((cells) => cells.includes(`\`${code}\``));
      expect(row?.slice(1, 4), code).toEqual([rule, facts.join(', '), `\`${code}\``]);
    }
  });

  it('has a refusal and a test for every rule, and facts for every refusal', () => {
    const code = textOf(room, '.ts');
    const tested = textOf(tests, '.ts');
    for (const [name, { facts }] of rules) {
      expect(code, name).toContain(`'${name}'`);
      expect(tested.includes(name), `${name} has no test`).toBe(true);
      expect(facts.length, name).toBeGreaterThan(0);
    }
  });
});
