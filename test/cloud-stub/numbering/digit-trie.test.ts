import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigitTrie, MORE_DIGITS, NOTHING } from '../../../cloud-stub/numbering/digit-trie.ts';

describe('prefixes of digits', () => {
  it('lets the longest prefix decide, whatever the order they were given in', () => {
    for (const entries of [
      [['0', 1] as const, ['0154', 2] as const, ['01541', 3] as const],
      [['01541', 3] as const, ['0154', 2] as const, ['0', 1] as const],
    ]) {
      const trie = DigitTrie.of(entries);
      expect(trie.find('0154123')).toBe(3);
      expect(trie.find('0154923')).toBe(2);
      expect(trie.find('0312345')).toBe(1);
    }
  });

  it('tells digits that lead nowhere from digits that are too few', () => {
    const trie = DigitTrie.of([['0154', 7]]);
    expect([trie.find('9'), trie.find('0155'), trie.find('015x')]).toEqual([NOTHING, NOTHING, NOTHING]);
    expect([trie.find(''), trie.find('015')]).toEqual([MORE_DIGITS, MORE_DIGITS]);
    expect(trie.find('0154')).toBe(7);
  });

  it('refuses to keep what is no prefix of digits', () => {
    for (const bad of ['', '01a', '1'.repeat(21)]) expect(() => DigitTrie.of([[bad, 0]])).toThrow(RangeError);
  });

  it('answers as a search through all prefixes would', () => {
    const prefix = fc.stringMatching(/^[0-3]{1,5}$/);
    const number = fc.stringMatching(/^[0-3]{0,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(prefix, { maxLength: 30 }), number, (prefixes, digits) => {
        const trie = DigitTrie.of(prefixes.map((one, index) => [one, index] as const));
        const longest = prefixes
          .filter((one) => digits.startsWith(one))
          .sort((one, other) => other.length - one.length)[0];
        const more = prefixes.some((one) => one.startsWith(digits));
        const wanted =
          longest !== undefined ? prefixes.indexOf(longest) : more || digits === '' ? MORE_DIGITS : NOTHING;
        expect(trie.find(digits)).toBe(wanted);
      }),
    );
  });
});
