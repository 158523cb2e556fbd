import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallerClass, callerOrigin } from '../../../cloud-stub/numbering/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const NOW = japanMidnight(2026, 11, 21);
const open = { withheld: false };

describe('who calls and where from', () => {
  it.each<[string, CallerClass]>([
    ['0355550123', 'fixed'],
    ['+81355550123', 'fixed'],
    ['0120123456', 'fixed'],
    ['09012345678', 'mobile'],
    ['06012345678', 'mobile'],
    ['05012345678', 'ip050'],
    ['+12125551234', 'international'],
    ['01012125551234', 'international'],
    ['+870773123456', 'satellite'],
    ['+881612345678', 'satellite'],
    ['+8821612345678', 'satellite'],
    ['09030212345', 'satellite'],
    ['', 'withheld'],
    ['anonymous', 'withheld'],
    ['03555', 'withheld'],
    ['0149123456', 'withheld'],
  ])('[S0-051] [S2-026] the number %j makes a caller of class %s', (from, expected) => {
    expect(callerOrigin({ from, ...open }, NOW).class).toBe(expected);
  });

  it('a payphone is what the network calls one; its number says where it stands [S0-051]', () => {
    const caller = callerOrigin({ from: '0662088181', ...open, network: { callerClass: 'payphone' } }, NOW);
    expect(caller).toMatchObject({
      class: 'payphone',
      prefecture: '大阪府',
      chargeArea: '大阪',
      placeFrom: 'number',
    });
  });

  it('a fixed line is in the prefecture of its charge area [S2-021]', () => {
    expect(callerOrigin({ from: '0427221111', ...open }, NOW)).toMatchObject({
      areaCode: '042',
      chargeArea: '相模原',
      prefecture: '神奈川県',
      region: '関東',
      side: 'east',
      placeFrom: 'number',
    });
  });

  it('a mobile is where the network says, to the prefecture at best [S2-023] [A-32]', () => {
    const from = '09012345678';
    const told = callerOrigin({ from, ...open, network: { prefecture: '大阪府' } }, NOW);
    expect(told).toMatchObject({
      class: 'mobile',
      chargeArea: null,
      prefecture: '大阪府',
      side: 'west',
      placeFrom: 'network',
    });
    const silent = callerOrigin({ from, ...open }, NOW);
    expect(silent).toMatchObject({ class: 'mobile', prefecture: null, placeFrom: 'nothing' });
    expect(silent.facts).toContain('A-32');
  });

  it('184 hides the number from the callee and changes neither class nor place [A-33]', () => {
    for (const from of ['0427221111', '09012345678', '05012345678', '']) {
      const shown = callerOrigin({ from, withheld: false, network: { prefecture: '京都府' } }, NOW);
      const hidden = callerOrigin({ from, withheld: true, network: { prefecture: '京都府' } }, NOW);
      expect({ ...hidden, hidden: false, say: '', facts: [] }).toEqual({ ...shown, say: '', facts: [] });
      expect(hidden.hidden).toBe(true);
      if (from !== '') expect(hidden.say).not.toContain(from);
    }
  });

  it('a withheld caller without a number is placed by the network [A-33]', () => {
    const caller = callerOrigin(
      { from: '', withheld: true, network: { callerClass: 'fixed', chargeArea: '札幌' } },
      NOW,
    );
    expect(caller).toMatchObject({
      class: 'fixed',
      chargeArea: '札幌',
      prefecture: '北海道',
      placeFrom: 'network',
    });
  });

  it('the network outweighs the number, and the number refines the network', () => {
    const from = '0427221111';
    const elsewhere = callerOrigin({ from, ...open, network: { prefecture: '大阪府' } }, NOW);
    expect(elsewhere).toMatchObject({ prefecture: '大阪府', chargeArea: null, placeFrom: 'network' });
    const same = callerOrigin({ from, ...open, network: { prefecture: '神奈川県' } }, NOW);
    expect(same).toMatchObject({ prefecture: '神奈川県', chargeArea: '相模原', placeFrom: 'number' });
  });

  it('050, foreign and satellite callers have no place by their numbers [A-34] [A-61]', () => {
    expect(callerOrigin({ from: '05012345678', ...open }, NOW)).toMatchObject({ prefecture: null });
    for (const from of ['+12125551234', '09030212345']) {
      const caller = callerOrigin({ from, ...open, network: { prefecture: '東京都' } }, NOW);
      expect(caller).toMatchObject({ prefecture: null, placeFrom: 'nothing' });
    }
  });

  it('a place that the data does not know is as good as none', () => {
    const network = { prefecture: 'Atlantis', chargeArea: 'Atlantis' };
    expect(callerOrigin({ from: '09012345678', ...open, network }, NOW)).toMatchObject({ prefecture: null });
    expect(callerOrigin({ from: '0355550123', ...open, network }, NOW)).toMatchObject({ chargeArea: '東京' });
  });

  it('060 is a mobile caller from July 2026 only [A-35]', () => {
    const before = instant(japanMidnight(2026, 7, 1) - 1);
    expect(callerOrigin({ from: '06012345678', ...open }, before).class).toBe('withheld');
  });

  it('any attributes have an answer in one sentence', () => {
    const text = fc.oneof(fc.stringMatching(/^[0-9+]{0,14}$/), fc.string({ maxLength: 20, unit: 'binary' }));
    fc.assert(
      fc.property(text, fc.boolean(), text, text, (from, withheld, prefecture, chargeArea) => {
        const caller = callerOrigin({ from, withheld, network: { prefecture, chargeArea } }, NOW);
        expect(caller.say.endsWith('.')).toBe(true);
        expect(caller.hidden).toBe(withheld);
        expect(caller.facts.length).toBeGreaterThan(0);
        expect(caller.prefecture === null).toBe(caller.placeFrom === 'nothing');
      }),
    );
  });
});
