import { describe, expect, it } from 'vitest';
import { idsIn, testsIn } from '../../../cloud-stub/coverage/scan.ts';

const path = 'test/cloud-stub/some.test.ts';
/** Written in parts, so that this file names no fact itself. */
const [first, second] = ['S0', 'S1'].map((seed) => `${seed}-001`);
const named = (text: string) => testsIn({ path, text }).map((test) => [test.title, test.facts]);

describe('finding citations', () => {
  it('every id counts once, and nothing that only looks like one', () => {
    expect(idsIn(`[${first}] ${first} [A-${36}] SHA-256 S9-001 S0-12`)).toEqual([first, 'A-36']);
  });

  it('a test names what its title names', () => {
    expect(named(`it('rings [${first}]', () => { expect('${second}') })`)).toEqual([
      [`rings [${first}]`, [first]],
    ]);
    expect(named(`describe("${first} and ${second}", () => {})`)).toEqual([
      [`${first} and ${second}`, [first, second]],
    ]);
    expect(named(`it('says \\'yes\\' ${first}', () => {})`)).toEqual([[`says 'yes' ${first}`, [first]]]);
  });

  it('a title with a placeholder has the facts of the table in place', () => {
    expect(named(`it.each([['${first}', 1], ['(${second}', 2]])('%s costs %i', () => {})`)).toEqual([
      ['%s costs %i', [first, second]],
    ]);
    expect(named(`it.each<Row>([['${first}']])('%s', () => {})`)).toEqual([['%s', [first]]]);
    expect(named(`it.each([[1, '${first}']])('adds up', () => {})`)).toEqual([]);
  });

  it('or of the table above the first test, comments left out', () => {
    const head = `/** [${second}] */\nconst rows = [['${first}', 1]];\n// ${second}\n`;
    expect(named(`${head}it.each(rows)('%s', () => {})`)).toEqual([['%s', [first]]]);
    expect(named(`${head}it.each(rows)('plain', () => {})`)).toEqual([]);
    expect(named(`${head}for (const row of rows) it(\`\${row[0]} costs\`, () => {})`)).toEqual([
      [`$\{row[0]} costs`, [first]],
    ]);
  });

  it('what is skipped proves nothing', () => {
    expect(named(`it.skip('${first}', () => {})\nit.todo('${first}')`)).toEqual([]);
  });

  it('broken source is read to its end', () => {
    expect(named(`it.each([['${first}'`)).toEqual([]);
    expect(named(`it('${first}`)).toEqual([[first, [first]]]);
  });
});
