import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, originOf } from '../../../cloud-stub/numbering/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const NOW = japanMidnight(2026, 11, 21);
const beforeMidnightOf = (year: number, month: number, day: number) =>
  instant(japanMidnight(year, month, day) - 1);

describe('the numbering plan', () => {
  it.each([
    ['0355550123', 'geographic'],
    ['0612345678', 'geographic'],
    ['0422123456', 'geographic'],
    ['0250123456', 'geographic'],
    ['05012345678', 'ip050'],
    ['06012345678', 'mobile'],
    ['07012345678', 'mobile'],
    ['08012345678', 'mobile'],
    ['09012345678', 'mobile'],
    ['02012345678', 'm2m'],
    ['02045678901', 'm2m'],
    ['02001234567890', 'm2m'],
    ['0120123456', 'tollFree'],
    ['08001234567', 'tollFree'],
    ['0570012345', 'naviDial'],
    ['0990123456', 'premium'],
    ['0170123456', 'premium'],
    ['0180123456', 'premium'],
    ['110', 'emergency'],
    ['118', 'emergency'],
    ['119', 'emergency'],
    ['117', 'special1xy'],
    ['171', 'special1xy'],
    ['188', 'special1xy'],
    ['01012125551234', 'international'],
  ])('%s is %s, complete, in use', (number, expected) => {
    const found = classify(number, NOW);
    expect(found.class).toBe(expected);
    expect(found.national).toBe(number);
    expect([found.complete, found.service]).toEqual([true, 'open']);
  });

  it.each([
    '035555012',
    '03555501234',
    '0501234567',
    '090123456789',
    '0120',
    '080012345678',
    '0204567890',
    '0101',
    '1100',
    '11',
  ])('%s has the wrong length', (number) => {
    expect(classify(number, NOW).complete).toBe(false);
    expect(classify(number, NOW).class).not.toBe('emergency');
  });

  it('never takes an emergency number for complete when more digits follow', () => {
    expect(classify('1105', NOW)).toMatchObject({ complete: false, class: 'special1xy' });
    expect(classify('119', NOW)).toMatchObject({ complete: true, class: 'emergency' });
  });

  it.each([
    '0600123456',
    '05001234567',
    '07001234567',
    '09001234567',
    '0300123456',
    '0000',
    '0910123456',
    '030',
  ])('%s is given to nobody', (number) => {
    expect(classify(number, NOW)).toMatchObject({ class: 'unknown', service: 'unassigned' });
  });

  it.each([
    '',
    '#7119',
    '*1',
    '184',
    '186',
    'anonymous',
    '+',
    '+0312345678',
    '+810312345678',
    '5550123',
    '03-5555-0123',
  ])('%j is no number that can be called', (text) => {
    expect(classify(text, NOW)).toMatchObject({ class: 'unknown', complete: false });
  });

  it('[A-35] makes 060-1 to 060-9 mobiles from 2026-07-01, and never 0600', () => {
    expect(classify('06012345678', beforeMidnightOf(2026, 7, 1))).toMatchObject({
      class: 'unknown',
      service: 'notYet',
    });
    expect(classify('06012345678', japanMidnight(2026, 7, 1))).toMatchObject({
      class: 'mobile',
      service: 'open',
    });
    expect(classify('06001234567', japanMidnight(2026, 7, 1)).class).toBe('unknown');
  });

  it('[A-11] ends 104 after 2026-03-31 and 177 after 2025-03-31', () => {
    expect(classify('104', beforeMidnightOf(2026, 4, 1)).service).toBe('open');
    expect(classify('104', japanMidnight(2026, 4, 1))).toMatchObject({
      class: 'special1xy',
      service: 'ended',
    });
    expect(classify('104', NOW).say).toContain('2026-03-31');
    expect(classify('177', beforeMidnightOf(2025, 4, 1)).service).toBe('open');
    expect(classify('177', japanMidnight(2025, 4, 1)).service).toBe('ended');
  });

  it('[A-11] says in a sentence that 177 is over, and since when', () => {
    expect(classify('177', NOW).say).toContain('2025-03-31');
  });

  it.each(['0149123456', '0130123456', '0189023456', '0513123456', '0941123456', '0110123456'])(
    '%s begins with no area code and exchange in use',
    (number) => {
      expect(classify(number, NOW)).toMatchObject({
        class: 'unknown',
        service: 'unassigned',
        complete: false,
      });
    },
  );

  it('says so as soon as the digits show it, and not before', () => {
    expect(classify('0149', NOW)).toMatchObject({ class: 'unknown', service: 'unassigned' });
    expect(classify('0149', NOW).say).toContain('no area code and exchange in use');
    expect(classify('014', NOW)).toMatchObject({ class: 'geographic', complete: false, service: 'open' });
  });

  it.each(['0355550123', '0312340001', '0312340002', '0355550404', '0355550100', '0356781234'])(
    '%s stays a number of Tokyo',
    (number) => {
      expect(classify(number, NOW)).toMatchObject({ class: 'geographic', complete: true, service: 'open' });
      expect(originOf(number, NOW)).toMatchObject({ areaCode: '03', prefecture: '東京都' });
    },
  );

  it("[S3-005] knows docomo's remote-control numbers by their ten digits; eleven make an ordinary mobile", () => {
    for (const number of ['0903101400', '0903101499', '0903101655']) {
      expect(classify(number, NOW)).toMatchObject({
        class: 'mobile',
        complete: true,
        special: 'docomoRemote',
      });
    }
    for (const number of ['09031014000', '09031016550', '09031015000']) {
      expect(classify(number, NOW)).toMatchObject({ class: 'mobile', complete: true });
      expect(classify(number, NOW).special).toBeUndefined();
    }
    expect(classify('0903101500', NOW)).toMatchObject({ complete: false });
    expect(classify('1840903101400', NOW).special).toBe('docomoRemote');
  });

  it("[S3-006] knows SoftBank's numbers for forwarding, voicemail and call notice", () => {
    for (const number of ['0906651400', '0906651417', '0906651499'])
      expect(classify(number, NOW)).toMatchObject({ complete: true, special: 'softbankService' });
    expect(classify('09066514170', NOW).special).toBeUndefined();
    expect(classify('0906651517', NOW).complete).toBe(false);
  });

  it('[S3-013] marks ship telephones and satellite telephones', () => {
    expect(classify('09030212345', NOW)).toMatchObject({ class: 'mobile', complete: true, special: 'ship' });
    expect(classify('09031212345', NOW).special).toBeUndefined();
    for (const number of ['010870773123456', '+881612345678', '+8821612345678', '0033010870773123456']) {
      expect(classify(number, NOW), number).toMatchObject({ class: 'international', special: 'satellite' });
    }
    expect(classify('+8829912345678', NOW).special).toBeUndefined();
    expect(classify('+12125551234', NOW).special).toBeUndefined();
  });

  it('[S3-013] ends the four old codes of Inmarsat with 2008', () => {
    expect(classify('+871123456789', NOW).service).toBe('ended');
    expect(classify('+874123456789', beforeMidnightOf(2009, 1, 1)).service).toBe('open');
    expect(classify('+870123456789', NOW).service).toBe('open');
  });

  it('[S0-048] [S0-145] [S3-004] [S3-007] holds each service range apart from its neighbours', () => {
    const classes = [
      '0570',
      '0571',
      '0120',
      '0121',
      '0800',
      '0801',
      '0990',
      '0991',
      '0204',
      '0170',
      '0180',
    ].map((first) => classify(first.padEnd(first === '0800' || first === '0204' ? 11 : 10, '2'), NOW).class);
    expect(classes).toEqual([
      'naviDial',
      'unknown',
      'tollFree',
      'unknown',
      'tollFree',
      'mobile',
      'premium',
      'geographic',
      'm2m',
      'premium',
      'premium',
    ]);
  });

  it('takes 184 and 186 off first', () => {
    expect(classify('1840355550123', NOW)).toMatchObject({
      class: 'geographic',
      national: '0355550123',
      privacy: 'withhold',
    });
    expect(classify('18609012345678', NOW)).toMatchObject({ class: 'mobile', privacy: 'present' });
    expect(classify('184110', NOW)).toMatchObject({
      class: 'emergency',
      privacy: 'withhold',
      complete: true,
    });
    expect(classify('0355550123', NOW).privacy).toBe('asSet');
  });

  it.each([
    ['1861840355550123', 'withhold'],
    ['1841860355550123', 'present'],
    ['1841841840355550123', 'withhold'],
    ['1861861840355550123', 'withhold'],
    ['1841841860355550123', 'present'],
  ])('of several 184 and 186 in %s the last one counts', (number, privacy) => {
    expect(classify(number, NOW)).toMatchObject({ national: '0355550123', complete: true, privacy });
  });

  it.each(['186184', '184186', '184184', '186186186'])('takes %s for no number', (number) => {
    expect(classify(number, NOW)).toMatchObject({ class: 'unknown', complete: false });
    expect(classify(number, NOW).say).toContain('a number has to follow');
  });

  it.each([
    ['00330355550123', '0033'],
    ['00770355550123', '0077'],
    ['0091230355550123', '009123'],
    ['002120355550123', '00212'],
    ['12200330355550123', '1220033'],
  ])('[A-59] [S3-015] drops the carrier prefix of %s', (number, prefix) => {
    const found = classify(number, NOW);
    expect(found).toMatchObject({ class: 'geographic', national: '0355550123', droppedPrefix: prefix });
    expect(found.facts).toContain('A-59');
  });

  it('[A-59] [S3-015] a carrier prefix does not bring into use what is not: 060 before July 2026', () => {
    const begins = japanMidnight(2026, 7, 1);
    const dialled = '003306012345678';
    const number = { national: '06012345678', droppedPrefix: '0033' };
    expect(classify(dialled, beforeMidnightOf(2026, 7, 1))).toMatchObject({
      ...number,
      class: 'unknown',
      service: 'notYet',
    });
    expect(classify(dialled, begins)).toMatchObject({ ...number, class: 'mobile', service: 'open' });
  });

  it('drops a carrier prefix behind 184 and in front of an international number', () => {
    expect(classify('18400330355550123', NOW)).toMatchObject({ national: '0355550123', privacy: 'withhold' });
    expect(classify('00101012125551234', NOW)).toMatchObject({
      class: 'international',
      droppedPrefix: '001',
    });
    expect(classify('003301012125551234', NOW)).toMatchObject({
      class: 'international',
      droppedPrefix: '0033',
    });
  });

  it('reads the international form of numbers', () => {
    expect(classify('+81355550123', NOW)).toMatchObject({ class: 'geographic', national: '0355550123' });
    expect(classify('+819012345678', NOW)).toMatchObject({ class: 'mobile', national: '09012345678' });
    expect(classify('+12125551234', NOW)).toMatchObject({
      class: 'international',
      national: '01012125551234',
    });
  });

  it('never lets a prefix hide what is behind it: 0990 stays premium', () => {
    for (const number of [
      '0990123456',
      '1840990123456',
      '00330990123456',
      '+81990123456',
      '18600330990123456',
    ]) {
      expect(classify(number, NOW).class, number).toBe('premium');
    }
  });
});

describe('properties of the numbering plan', () => {
  const digits = fc.stringMatching(/^[0-9]{0,24}$/);

  it('gives every digit string a class and a sentence, at any time', () => {
    const anyTime = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(digits, anyTime, (number, ms) => {
        const found = classify(number, instant(ms));
        return found.class.length > 0 && found.say.length > 0 && found.facts.length > 0;
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80, unit: 'binary' }), (text) => {
        expect(() => classify(text, NOW)).not.toThrow();
      }),
    );
  });

  it('classifies a national number as it classifies itself', () => {
    fc.assert(
      fc.property(digits, (number) => {
        const once = classify(number, NOW);
        fc.pre(once.complete);
        const again = classify(once.national, NOW);
        expect([again.class, again.national, again.privacy]).toEqual([once.class, once.national, 'asSet']);
      }),
    );
  });

  it('is complete only at one length of a class that is not international', () => {
    fc.assert(
      fc.property(digits, fc.stringMatching(/^[0-9]{1,3}$/), (number, more) => {
        const found = classify(number, NOW);
        fc.pre(found.complete && found.class !== 'international' && found.special === undefined);
        expect(classify(found.national + more, NOW).complete).toBe(false);
      }),
    );
  });
});
