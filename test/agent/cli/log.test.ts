import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEntry } from '../../../agent/cli/log/entry.ts';
import { isWanted, levelNumber } from '../../../agent/cli/log/filter.ts';
import { journalEntry } from '../../../agent/cli/log/log-journal.ts';
import { readSince } from '../../../agent/cli/log/since.ts';
import { entryLines } from '../../../agent/cli/screens/log.ts';
import { displayWidth } from '../../../agent/cli/text.ts';

/** 2026-11-22 14:00:00 in Japan. */
const NOW = Date.UTC(2026, 10, 22, 5);

function line(fields: object): string {
  return JSON.stringify({ level: 30, time: '2026-11-22T05:00:00.250Z', program: 'agent', ...fields });
}

describe('since when', () => {
  it.each([
    ['10m', NOW - 600_000],
    ['2h', NOW - 7_200_000],
    ['1d', NOW - 86_400_000],
    ['13:30', NOW - 1_800_000],
    ['14:30', NOW + 1_800_000 - 86_400_000],
    ['2026-11-22', NOW - 14 * 3_600_000],
    ['2026-11-22 13:59:30', NOW - 30_000],
  ])('%s', (text, at) => {
    expect(readSince(text, NOW)).toBe(at);
  });

  it.each(['yesterday', '10', 'm', '', '2026-13-45'])('is not "%s"', (text) => {
    expect(readSince(text, NOW)).toBeUndefined();
  });
});

describe('which lines', () => {
  const entry = readEntry(line({ room: 'calls', port: 2, call: 'mfxyz-1', msg: 'told' }), 'agent');

  it('by level, time, program, call, line', () => {
    expect(isWanted(entry, {})).toBe(true);
    expect(isWanted(entry, { level: levelNumber('warn') })).toBe(false);
    expect(isWanted(entry, { since: NOW + 1_000 })).toBe(false);
    expect(isWanted(entry, { program: 'media' })).toBe(false);
    expect(isWanted(entry, { call: ['mfxyz-1'], line: 2 })).toBe(true);
    expect(isWanted(entry, { line: 1 })).toBe(false);
    expect(isWanted(readEntry(line({ msg: 'line 1 is not registered' }), 'agent'), { line: 1 })).toBe(true);
  });

  it('by phone, however its address is written', () => {
    const phone = 'c074ad2bd859';
    expect(isWanted(readEntry(line({ mac: phone }), 'agent'), { phone })).toBe(true);
    expect(isWanted(readEntry(line({ msg: 'of C0:74:AD:2B:D8:59' }), 'agent'), { phone })).toBe(true);
    expect(isWanted(entry, { phone })).toBe(false);
  });

  it('and a crash, which is no line of ours, is not filtered away by level and time', () => {
    const crash = readEntry('TypeError: x is undefined', 'media');
    expect(isWanted(crash, { level: 50, since: NOW })).toBe(true);
    expect(isWanted(crash, { line: 1 })).toBe(false);
    expect(entryLines(crash, { colours: false, language: 'en' })).toEqual([
      'FAIL  --:--:--.--- media TypeError: x is undefined',
    ]);
  });
});

describe('a line', () => {
  it('is shown with its time in Japan, its room and its fields, 80 columns wide', () => {
    const entry = readEntry(
      line({ level: 40, room: 'sync', say: 'not now', n: 3, msg: '接続できません' }),
      'agent',
    );
    expect(entryLines(entry, { colours: false, language: 'ja' })).toEqual([
      'WARN  14:00:00.250 agent/sync 接続できません say="not now" n=3',
    ]);
  });

  it('of any text is read and shown without falling over, and moves no cursor', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(String)), (text) => {
        const shown = entryLines(readEntry(text, 'agent'), { colours: false, language: 'en' });
        for (const each of shown) {
          expect(displayWidth(each)).toBeLessThanOrEqual(80);
          expect(each).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });

  it('of the journal is one of a program of ours', () => {
    const told = { MESSAGE: line({ msg: 'x' }), _SYSTEMD_UNIT: 'engawa-media.service' };
    expect(journalEntry(JSON.stringify(told))).toMatchObject({ program: 'media', message: 'x', level: 30 });
    const bytes = { ...told, MESSAGE: [...Buffer.from('\u0000raw')] };
    expect(journalEntry(JSON.stringify(bytes))).toMatchObject({ message: '\u0000raw' });
    expect(journalEntry(JSON.stringify({ MESSAGE: 'x', _SYSTEMD_UNIT: 'ssh.service' }))).toBeUndefined();
    expect(journalEntry('no')).toBeUndefined();
  });
});
