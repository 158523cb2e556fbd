import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localCodes } from '../../../cloud-stub/numbering/bands.ts';
import { classify, originOf } from '../../../cloud-stub/numbering/index.ts';
import { japan } from '../../../cloud-stub/numbering/japan.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { FIRST_DIGITS } from './first-digits.ts';
import { KNOWN } from './known-area-codes.ts';

const NOW = japanMidnight(2026, 11, 21);
const whole = (prefix: string) => prefix.padEnd(10, '5');
/** First digits that no source gives to one of the two prefectures of their area code. */
const DEFAULTED: readonly string[] = ['0769', '0881'];

describe('the data of Japan', () => {
  it('has the 387 area codes, 561 charge areas, and the 47 prefectures [S2-021]', () => {
    expect(new Set(japan.bands.map((band) => band.areaCode)).size).toBe(387);
    expect(japan.chargeAreas.size).toBe(561);
    expect(japan.prefectures.size).toBe(47);
    expect([...japan.prefectures.values()].map((one) => one.code)).toEqual(
      Array.from({ length: 47 }, (_, index) => index + 1),
    );
  });

  it('resolves every band to its own area code, charge area and prefecture', () => {
    for (const band of japan.bands) {
      const prefecture = japan.chargeAreas.get(band.chargeArea)?.prefecture ?? 'none';
      for (const prefix of band.prefixes) {
        expect(originOf(whole(prefix), NOW), prefix).toMatchObject({
          areaCode: band.areaCode,
          chargeArea: band.chargeArea,
          prefecture,
          region: japan.prefectures.get(prefecture)?.region,
        });
      }
    }
  });

  it('gives every charge area one of the 47 prefectures and at least one band', () => {
    const used = new Set(japan.bands.map((band) => band.chargeArea));
    for (const area of japan.chargeAreas.values()) {
      expect(japan.prefectures.has(area.prefecture), area.name).toBe(true);
      expect(used.has(area.name), area.name).toBe(true);
    }
  });

  it('has a charge area in each prefecture', () => {
    const used = new Set([...japan.chargeAreas.values()].map((area) => area.prefecture));
    expect([...used].sort()).toEqual([...japan.prefectures.keys()].sort());
  });

  it('holds no number in two bands: every six digits are in one band or in none', () => {
    const owner = new Map<string, string>();
    for (const band of japan.bands) {
      for (const prefix of band.prefixes) {
        for (let rest = 0; rest < 10 ** (6 - prefix.length); rest++) {
          const six = prefix + (prefix.length === 6 ? '' : String(rest).padStart(6 - prefix.length, '0'));
          expect(owner.get(six), six).toBeUndefined();
          owner.set(six, band.chargeArea);
        }
      }
    }
    expect(owner.size).toBeGreaterThan(60_000);
  });

  it('is right where public data is wrong: six areas that were given to other prefectures', () => {
    const right = [
      ['0288211111', '0288', '今市', '栃木県'],
      ['0578821111', '0578', '神岡', '岐阜県'],
      ['0735233333', '0735', '新宮', '和歌山県'],
      ['0747520001', '0747', '下市', '奈良県'],
      ['0779661111', '0779', '大野', '福井県'],
      ['0846670250', '0846', '木江', '広島県'],
    ] as const;
    for (const [number, areaCode, chargeArea, prefecture] of right) {
      expect(originOf(number, NOW)).toMatchObject({ areaCode, chargeArea, prefecture });
    }
  });

  it('counts the Mie part of Shingu with Shingu, and Kumano on its own', () => {
    expect(originOf('0735321111', NOW)?.prefecture).toBe('和歌山県');
    expect(japan.chargeAreas.get('新宮')?.reaches).toEqual(['三重県']);
    expect(originOf('0597894111', NOW)).toMatchObject({ chargeArea: '熊野', prefecture: '三重県' });
    expect(originOf('0597921111', NOW)).toMatchObject({ areaCode: '05979', chargeArea: '熊野' });
  });

  it('keeps 042-7 Sagamihara in Kanagawa although Machida in Tokyo telephones there', () => {
    expect(originOf('0427221111', NOW)).toMatchObject({ chargeArea: '相模原', prefecture: '神奈川県' });
    expect(japan.chargeAreas.get('相模原')?.reaches).toEqual(['東京都']);
  });

  it.each(KNOWN)('%s is in %s (%s)', (number, prefecture) => {
    expect(originOf(number, NOW)?.prefecture).toBe(prefecture);
  });

  it('puts every band where its first digits say, by an independent table', () => {
    const table = FIRST_DIGITS.flatMap(([prefecture, text]) =>
      text.split(' ').map((first) => [first, prefecture] as const),
    ).sort(([one], [other]) => other.length - one.length);
    for (const band of japan.bands) {
      for (const prefix of band.prefixes.filter((one) => !DEFAULTED.includes(one))) {
        const wanted = table.find(([first]) => prefix.startsWith(first))?.[1];
        expect(originOf(whole(prefix), NOW)?.prefecture, prefix).toBe(wanted);
      }
    }
  });

  it('knows more than 80 area codes by an independent table, in all 47 prefectures', () => {
    const codes = new Set(KNOWN.map(([number]) => originOf(number, NOW)?.areaCode));
    expect(codes.size).toBeGreaterThan(80);
    expect(new Set(KNOWN.map(([, prefecture]) => prefecture)).size).toBe(47);
  });

  it.each([
    ['0154231111', '0154', '釧路'],
    ['0154821111', '015', '弟子屈'],
    ['0154721111', '01547', '白糠'],
    ['0155821111', '01558', '広尾'],
    ['0155721111', '015', '十勝池田'],
    ['0165231111', '0165', '士別'],
    ['0165431111', '01654', '名寄'],
    ['0422221111', '0422', '武蔵野三鷹'],
    ['0424811111', '042', '武蔵野三鷹'],
    ['0428781111', '0428', '青梅'],
    ['0428511111', '042', '相模原'],
    ['0429641111', '04', '所沢'],
    ['0429732111', '042', '飯能'],
    ['0470921111', '04', '鴨川'],
    ['0470221111', '0470', '館山'],
    ['0467231111', '0467', '藤沢'],
    ['0980221111', '09802', '南大東'],
    ['0980521111', '0980', '名護'],
    ['0980721111', '0980', '沖縄宮古'],
    ['0980821111', '0980', '八重山'],
    ['0837661111', '083', '下関'],
    ['0837521111', '0837', '美祢'],
    ['0863621111', '086', '岡山'],
    ['0863211111', '0863', '玉野'],
  ])('tells areas apart inside the same first digits: %s is %s %s', (number, areaCode, chargeArea) => {
    expect(originOf(number, NOW)).toMatchObject({ areaCode, chargeArea });
  });

  it('leaves 026-177, where the weather of Nagano was dialled, with 026: it is no number of 0261 Omachi', () => {
    expect(originOf('0261771111', NOW)).toMatchObject({ areaCode: '026', chargeArea: '長野' });
    expect(originOf('0261761111', NOW)).toMatchObject({ areaCode: '0261', chargeArea: '大町' });
    expect(originOf('0261781111', NOW)).toMatchObject({ areaCode: '0261', chargeArea: '大町' });
  });

  it.each([
    ['0836011111', '083', '山口'],
    ['0839721111', '083', '山口'],
    ['0863621111', '086', '岡山'],
    ['0867221111', '086', '岡山'],
    ['0867341111', '0867', '加茂川'],
    ['0869551111', '086', '赤磐'],
    ['0849327222', '084', '福山'],
    ['0849331111', '084', '尾道'],
    ['0851222111', '08512', '西郷'],
    ['0949621111', '0949', '直方'],
  ])(
    'holds what was changed against the names that the bands start from: %s is %s %s',
    (number, areaCode, chargeArea) => {
      expect(originOf(number, NOW)).toMatchObject({ areaCode, chargeArea });
    },
  );

  it.each([
    ['0123111111', '0123', '千歳'],
    ['0480111111', '0480', '久喜'],
    ['0421111111', '042', '国分寺'],
    ['0770821111', '0770', '敦賀'],
  ])(
    'gives a local code of which nothing is known the default of its area code: %s is %s %s',
    (number, areaCode, chargeArea) => {
      expect(originOf(number, NOW)).toMatchObject({ areaCode, chargeArea });
    },
  );

  it('resolves every number of an area code in two prefectures, where nothing tells them apart as in the first', () => {
    const [kanazawa, tokushima] = DEFAULTED.map((first) => originOf(whole(first), NOW));
    expect(kanazawa).toMatchObject({ areaCode: '076', chargeArea: '金沢' });
    expect(tokushima).toMatchObject({ areaCode: '088', chargeArea: '徳島' });
  });

  it('looks up more than 200,000 numbers a second even on a busy machine', () => {
    const numbers = KNOWN.map(([number]) => number);
    const before = process.cpuUsage();
    let found = 0;
    for (let turn = 0; turn < 1_000; turn++) {
      for (const number of numbers) if (originOf(number, NOW) !== undefined) found++;
    }
    const spent = process.cpuUsage(before);
    expect(found).toBe(numbers.length * 1_000);
    expect(found / ((spent.user + spent.system) / 1e6)).toBeGreaterThan(200_000);
  });
});

describe('properties of the geography', () => {
  const geographic = fc.stringMatching(/^0[1-9][0-9]{8}$/);

  it('every number of ten digits resolves, or is said to be unassigned, and none throws', () => {
    fc.assert(
      fc.property(geographic, (number) => {
        const found = classify(number, NOW);
        const origin = originOf(number, NOW);
        if (found.class === 'geographic') {
          expect(origin).toBeDefined();
          expect(number.startsWith(origin?.areaCode ?? 'none')).toBe(true);
        } else if (found.facts.includes('S0-046') && found.class === 'unknown') {
          expect(found).toMatchObject({ service: 'unassigned', complete: false });
          expect(found.say).toContain('no area code');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('six digits decide: what follows changes nothing', () => {
    fc.assert(
      fc.property(geographic, fc.stringMatching(/^[0-9]{4}$/), (number, line) => {
        expect(originOf(number.slice(0, 6) + line, NOW)).toEqual(originOf(number, NOW));
      }),
    );
  });

  it('answers any text at any time without throwing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.integer({ min: 0, max: 4e12 }),
        (text, ms) => {
          expect(() => originOf(text, instant(ms))).not.toThrow();
        },
      ),
    );
  });
});

describe('the data files', () => {
  it.each(['prefectures', 'charge-areas', 'number-bands'])(
    '%s.tsv ends with a line feed and has no blanks',
    (name) => {
      const url = new URL(`../../../cloud-stub/numbering/data/${name}.tsv`, import.meta.url);
      const text = readFileSync(url, 'utf8');
      expect(text.endsWith('\n')).toBe(true);
      expect(text).not.toMatch(/\r|[ \t]\n/);
    },
  );

  it('stand in the order of the area codes, so that a row is found where one looks for it', () => {
    const codes = japan.bands.map((band) => band.areaCode);
    expect(codes).toEqual([...codes].sort());
  });

  it('writes local codes as ranges', () => {
    expect(localCodes('1-3,6,90-92')).toEqual(['1', '2', '3', '6', '90', '91', '92']);
    for (const bad of ['', '0', '0-3', '3-1', '1-20', '1,,2', 'a', '1-', '12345']) {
      expect(typeof localCodes(bad), bad).toBe('string');
    }
  });
});
