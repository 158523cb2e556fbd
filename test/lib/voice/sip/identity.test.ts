import { describe, expect, test } from 'vitest';
import type { InviteFacts } from '../../../../lib/voice/sip/api.ts';
import { absenceOf, REASON_NAMES, reasonNamed } from '../../../../lib/voice/sip/identity/absence.ts';
import {
  OPEN_TRUNK,
  TRUSTED_TRUNK,
  type TrunkCall,
  towardsTrunk,
} from '../../../../lib/voice/sip/identity/trunk-profile.ts';

const CALL: TrunkCall = {
  called: '0355550123',
  presents: '0355550100',
  withheld: false,
  emergency: false,
  domain: 'engawa.example',
  to: { host: '192.0.2.1', port: 5_060 },
};

describe('a call as a trunk wants it', () => {
  test.each([
    ['trusted', TRUSTED_TRUNK, 'P-Asserted-Identity', 'sip:0355550100@engawa.example;user=phone'],
    ['open', OPEN_TRUNK, 'P-Preferred-Identity', 'sip:+81355550100@engawa.example'],
  ] as const)('%s: shown, and withheld', (_name, profile, header, own) => {
    const shown = towardsTrunk(profile, CALL);
    expect(shown.from.uri).toBe(own);
    expect(shown.headers).toEqual([[header, `<${own}>`]]);
    const hidden = towardsTrunk(profile, { ...CALL, withheld: true });
    expect(hidden.from.uri).toBe('sip:anonymous@anonymous.invalid');
    expect(hidden.from.display).toBe(profile.reasons ? 'Anonymous' : undefined);
    expect(hidden.headers).toEqual([
      [header, `<${own}>`],
      ['Privacy', 'id'],
    ]);
  });

  test('where the carrier reads From alone, From keeps the number and Privacy hides it', () => {
    const hidden = towardsTrunk({ ...OPEN_TRUNK, identity: 'from' }, { ...CALL, withheld: true });
    expect(hidden.from.uri).toBe('sip:+81355550100@engawa.example');
    expect(hidden.headers).toEqual([['Privacy', 'id']]);
  });

  test.each(['110', '118', '119'])('%s shows the number, 184 or not, on every trunk', (called) => {
    for (const profile of [TRUSTED_TRUNK, OPEN_TRUNK]) {
      const out = towardsTrunk(profile, { ...CALL, called, withheld: true, emergency: true });
      expect(out.from.uri).toContain('55550100');
      expect(out.headers.some(([name]) => name === 'Privacy')).toBe(false);
      expect(out.requestUri).toContain(`sip:${called}@192.0.2.1:5060`);
    }
  });

  test('tel: URIs and short numbers', () => {
    const tel = { ...OPEN_TRUNK, numbers: 'tel' } as const;
    expect(towardsTrunk(tel, CALL)).toMatchObject({
      requestUri: 'tel:+81355550123',
      toUri: 'tel:+81355550123',
    });
    expect(towardsTrunk(tel, { ...CALL, called: '0570000000' }).requestUri).toBe(
      'sip:0570000000@192.0.2.1:5060',
    );
    expect(towardsTrunk(tel, { ...CALL, presents: '' }).headers).toEqual([]);
  });
});

describe('why a number is missing', () => {
  const of = (fromUser: string, fromDisplay: string, privacy?: string) => {
    const header: InviteFacts['header'] = (name) =>
      name === 'Privacy' && privacy !== undefined
        ? [privacy]
        : name === 'From'
          ? [`"${fromDisplay}" <sip:x@y>`]
          : [];
    return [absenceOf({ fromUser, fromDisplay, header }), absenceOf({ fromUser, header })];
  };

  test.each([
    ['P', 'anonymous', 'Anonymous', 'id'],
    ['O', 'anonymous', 'Unavailable', undefined],
    ['S', 'anonymous', 'Interaction with other service', undefined],
    ['C', 'anonymous', 'Coin line/payphone', 'id'],
    ['P', 'anonymous', 'Taro', undefined],
    ['P', '0311112222', 'Unavailable', 'id'],
    ['O', 'unavailable', '', undefined],
    [null, '0311112222', 'Taro', undefined],
    [null, '0311112222', 'Taro', 'none'],
  ] as const)('%s: %s "%s" %s', (reason, user, display, privacy) => {
    expect(of(user, display, privacy)).toEqual([reason, reason]);
  });

  test('the four names are read as they are written, in any case', () => {
    for (const reason of ['P', 'O', 'S', 'C'] as const) {
      expect(reasonNamed(REASON_NAMES[reason].toUpperCase())).toBe(reason);
    }
    expect(reasonNamed('Anonymous Taro')).toBeUndefined();
  });
});
