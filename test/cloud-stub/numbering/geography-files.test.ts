import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Geography, type GeographyFiles } from '../../../cloud-stub/numbering/geography.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const FILES: GeographyFiles = {
  prefectures:
    'code\tname\tenglish\tregion\tside\n13\t東京都\tTokyo\t関東\teast\n14\t神奈川県\tKanagawa\t関東\teast\n',
  chargeAreas: 'chargeArea\tprefecture\treaches\n東京\t東京都\n相模原\t神奈川県\t東京都\n',
  bands: 'areaCode\tlocal\tchargeArea\tfrom\tuntil\n03\t1-9\t東京\n042\t7\t相模原\n',
};

function say(change: Partial<GeographyFiles>): string {
  const read = Geography.read({ ...FILES, ...change });
  return read.ok ? 'ok' : read.error.say;
}
const bands = (...rows: string[]) => say({ bands: `${FILES.bands}${rows.join('\n')}\n` });
const areas = (...rows: string[]) => say({ chargeAreas: `${FILES.chargeAreas}${rows.join('\n')}\n` });

describe('reading the data files', () => {
  it('reads good ones', () => expect(say({})).toBe('ok'));

  it('names the file, the line and the mistake', () => {
    expect(say({ bands: 'area\tlocal\n' })).toContain('number-bands.tsv, line 1: the header has to be');
    expect(bands('06\t1-9\t大阪')).toBe('number-bands.tsv, line 4: 大阪 is not in charge-areas.tsv');
    expect(bands('6\t1-9\t東京')).toContain('line 4: 6 is no area code');
    expect(bands('06\t0-9\t東京')).toContain('"0-9" is no local code');
    expect(bands('0422\t123\t東京')).toContain('longer than area code and local code');
    expect(bands('06\t1-9\t')).toContain('the charge area is missing');
    expect(bands('06\t1 \t東京')).toContain('blanks around a value');
    expect(bands('06\t1\t東京\t\t\tx')).toContain('too many columns');
    expect(bands('06\t1\t東京\t2026-7-1')).toContain('2026-7-1 is no day');
    expect(bands('06\t1\t東京\t2026-02-29')).toContain('2026-02-29 is on no calendar');
    expect(bands('06\t1\t東京\t2026-07-01\t2026-07-01')).toContain('ends before it begins');
    expect(areas('大阪\t大阪府')).toBe('charge-areas.tsv, line 4: 大阪府 is no prefecture');
    expect(areas('東京\t東京都')).toContain('東京 is missing or comes twice');
    expect(areas('川崎\t神奈川県\t神奈川県')).toContain('reaches into its own prefecture');
    expect(say({ prefectures: `${FILES.prefectures}15\t新潟県\tNiigata\t中部\tnorth\n` })).toContain(
      'incomplete',
    );
  });

  it('refuses two bands that hold one number, even with the same answer', () => {
    expect(bands('03\t5\t東京')).toBe('number-bands.tsv, line 4: 035 lies in 03 1-9 and in 03 5');
    expect(bands('042\t71\t東京')).toContain('04271 lies in 042 71 and in 042 7');
    expect(bands('0427\t1\t東京')).toContain('04271 lies in 0427 1 and in 042 7');
  });

  it('takes a change of numbering as a dated row: the answer goes by the day in Japan', () => {
    const text = `${FILES.bands.replace('042\t7\t相模原', '042\t7\t相模原\t\t2027-04-01')}042\t7\t東京\t2027-04-01\n`;
    const read = Geography.read({ ...FILES, bands: text });
    if (!read.ok) throw new Error(read.error.say);
    const day = japanMidnight(2027, 4, 1);
    expect(read.value.originOf('0427123456', instant(day - 1))?.chargeArea).toBe('相模原');
    expect(read.value.originOf('0427123456', day)?.chargeArea).toBe('東京');
  });

  it('has no answer before the first day and after the last', () => {
    const read = Geography.read({ ...FILES, bands: `${FILES.bands}06\t1-9\t東京\t2027-04-01\t2027-05-01\n` });
    if (!read.ok) throw new Error(read.error.say);
    const at = (month: number, dayOf: number) =>
      read.value.find('0612345678', japanMidnight(2027, month, dayOf)).found;
    expect([at(3, 31), at(4, 1), at(4, 30), at(5, 1)]).toEqual([
      'unassigned',
      'origin',
      'origin',
      'unassigned',
    ]);
  });

  it('never throws, whatever the files hold', () => {
    const cell = fc.constantFrom('03', '1-9', '東京', '', '2026-01-01', '-', '9', '\t', ' ', '042');
    const text = fc.array(
      fc.array(cell, { maxLength: 6 }).map((row) => row.join('\t')),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(text, fc.string({ maxLength: 30 }), (rows, noise) => {
        expect(() => bands(...rows, noise)).not.toThrow();
        expect(() => areas(...rows, noise)).not.toThrow();
      }),
    );
  });
});
