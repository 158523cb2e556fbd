import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../../agent/cli/suggest.ts';
import {
  bothSides,
  clean,
  column,
  cut,
  displayWidth,
  duration,
  japanTime,
  stopwatch,
  wrap,
} from '../../../agent/cli/text.ts';

describe('text on a terminal', () => {
  it('counts kana and kanji as two columns', () => {
    expect(displayWidth('縁側商店 (Engawa)')).toBe(17);
    expect(displayWidth('ｶﾅ')).toBe(2);
    expect(displayWidth('アイ')).toBe(4);
    expect(displayWidth('が')).toBe(2);
  });

  it('is cut and filled by columns, never by letters', () => {
    expect(cut('事務所奥', 7)).toBe('事務..');
    expect(column('事務所', 8)).toBe('事務所  ');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 40 }), (text, columns) => {
        expect(displayWidth(column(text, columns))).toBe(columns);
      }),
    );
  });

  it('wraps within its columns and loses no word', () => {
    const text = fc.array(fc.constantFrom('縁側商店', 'a', 'service', '接続できません:', 'x'.repeat(70)));
    fc.assert(
      fc.property(text, fc.integer({ min: 10, max: 60 }), (words, columns) => {
        const lines = wrap(words.join(' '), columns);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      }),
    );
  });

  it('cannot move the cursor', () => {
    expect(clean('a\u001b[2Jb\u202ec\n')).toBe('a [2Jb c ');
  });

  it('puts two texts at the ends of one line of 80 columns', () => {
    expect(displayWidth(bothSides('縁'.repeat(60), '2026-11-21 14:02:31 JST'))).toBe(80);
  });

  it('says times and durations as a person does', () => {
    expect([duration(12_400), duration(2_460_000), duration(7_500_000), duration(273_600_000)]).toEqual([
      '12 s',
      '41 min',
      '2 h 5 min',
      '3 d 4 h',
    ]);
    expect([stopwatch(372_000), stopwatch(3_972_000), stopwatch(-5)]).toEqual(['06:12', '1:06:12', '00:00']);
    expect(japanTime(Date.UTC(2026, 10, 21, 15, 0, 0))).toBe('2026-11-22 00:00:00');
    expect(japanTime(Number.NaN)).toBe('-');
  });
});

describe('a mistyped verb', () => {
  const verbs = ['status', 'lines', 'calls', 'config', 'watch', 'doctor', 'help'];

  it.each([
    ['lin', 'lines'],
    ['lnies', 'lines'],
    ['stauts', 'status'],
    ['docter', 'doctor'],
    ['Call', 'calls'],
    ['conf', 'config'],
  ])('%s means %s', (typed, meant) => {
    expect(didYouMean(typed, verbs)).toBe(meant);
  });

  it('that is like none has no suggestion', () => {
    expect(didYouMean('xyzzy', verbs)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (word) => {
        const meant = didYouMean(word, verbs);
        expect(meant === undefined || verbs.includes(meant)).toBe(true);
      }),
    );
  });
});
