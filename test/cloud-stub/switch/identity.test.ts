import { describe, expect, it } from 'vitest';
import { absenceOf } from '../../../agent/calls/absence.ts';
import { callerOf, towardsMember, towardsNetwork, userOf } from '../../../cloud-stub/switch/identity.ts';
import type { CallId, ContractId, ServiceId } from '../../../lib/base/ids.ts';
import type { InviteFacts } from '../../../lib/voice/sip/api.ts';

const CARRIER = { host: '127.57.3.20', port: 5060 };
const plan = {
  verb: 'network',
  contract: 'c-000001' as ContractId,
  id: 'id-000001-1' as ServiceId,
  number: '0355550123',
  presents: '0355550100',
  withheld: false,
  destination: 'geographic',
  takesChannel: true,
  emergency: false,
} as const;

function invite(headers: Readonly<Record<string, string>>, fromUser: string, fromDisplay = ''): InviteFacts {
  return {
    callId: 'x',
    source: { transport: 'udp', host: '127.57.3.20', port: 5060 },
    requestUri: 'sip:0355550100@127.57.3.10',
    toUser: '0355550100',
    fromUser,
    fromDisplay,
    header: (name) => (headers[name] === undefined ? [] : [headers[name]]),
    sdp: undefined,
  };
}

describe('who calls', () => {
  it('is the asserted number before the one in From, in national form', () => {
    const pai = { 'P-Asserted-Identity': '"x" <sip:+819087654321@carrier>' };
    expect(callerOf(invite(pai, '0311112222'))).toMatchObject({ number: '09087654321', withheld: false });
    expect(callerOf(invite({}, '0311112222'))).toMatchObject({ number: '0311112222' });
  });

  it('is withheld by Privacy: id or an anonymous From, whose reason is kept', () => {
    expect(callerOf(invite({ Privacy: 'id' }, '0311112222')).withheld).toBe(true);
    const payphone = callerOf(invite({}, 'anonymous', 'Coin line/payphone'));
    expect(payphone).toEqual({
      number: '',
      withheld: true,
      payphone: true,
      display: 'Coin line/payphone',
    });
  });

  it('is not shown to the office when withheld, not even in an asserted identity', () => {
    const pai = { 'P-Asserted-Identity': '<sip:09087654321@carrier>', Privacy: 'id' };
    const out = towardsMember(
      'c' as CallId,
      'id-000001-1',
      '0355550100',
      callerOf(invite(pai, 'anonymous')),
      'd',
    );
    expect(JSON.stringify(out)).not.toContain('09087654321');
    expect(out.from.uri).toBe('sip:anonymous@anonymous.invalid');
  });
});

describe('what a box shows of a caller', () => {
  function shownBy(headers: Readonly<Record<string, string>>, fromUser: string, display = '') {
    const out = towardsMember(
      'c' as CallId,
      'id-000001-1',
      '0355550100',
      callerOf(invite(headers, fromUser, display)),
      'd',
    );
    const user = /^sip:([^@]*)@/.exec(out.from.uri)?.[1] ?? '';
    const all = [...out.headers, ['From', `"${out.from.display ?? ''}" <${out.from.uri}>;tag=1`] as const];
    const header = (name: string) => all.flatMap(([key, value]) => (key === name ? [value] : []));
    return { ...out, privacy: header('Privacy'), absence: absenceOf({ fromUser: user, header }) };
  }

  it('is the number', () => {
    expect(shownBy({}, '0311112222', '山田')).toMatchObject({
      from: { uri: 'sip:0311112222@d;user=phone', display: '山田' },
      privacy: [],
      absence: null,
    });
  });

  it.each([
    [{}, 'unavailable', 'Unavailable'],
    [{}, '', ''],
    [{}, 'anonymous', 'Unavailable'],
    [{}, 'taro', 'Taro'],
  ])('is O where no number came along and nobody hides: %j %s %s', (headers, user, display) => {
    expect(shownBy(headers, user, display)).toMatchObject({
      from: { uri: 'sip:unavailable@unknown.invalid', display: 'Unavailable' },
      privacy: [],
      absence: 'O',
    });
  });

  it.each(['anonymous', 'unavailable'])('is S where two services are at odds: %s', (user) => {
    expect(shownBy({}, user, 'Interaction with other service')).toMatchObject({
      from: { uri: 'sip:unavailable@unknown.invalid', display: 'Interaction with other service' },
      privacy: [],
      absence: 'S',
    });
  });

  it.each([
    [{ Privacy: 'id' }, '0311112222', 'Taro Yamada'],
    [{ Privacy: 'id', 'P-Asserted-Identity': '<sip:0311112222@c>' }, 'anonymous', 'Anonymous'],
    [{ Privacy: 'id' }, 'unavailable', 'Unavailable'],
    [{}, 'anonymous', ''],
  ])('is P, and neither number nor name, where the caller hides: %j %s %s', (headers, user, display) => {
    expect(shownBy(headers, user, display)).toMatchObject({
      from: { uri: 'sip:anonymous@anonymous.invalid', display: 'Anonymous' },
      privacy: ['id'],
      absence: 'P',
    });
  });

  it.each([
    [{ Privacy: 'id' }, 'anonymous', 'Coin line/payphone', 'sip:anonymous@anonymous.invalid;cpc=payphone'],
    [{}, 'unavailable', 'Coin line/payphone', 'sip:unavailable@unknown.invalid;cpc=payphone'],
    [
      { 'P-Asserted-Identity': '<tel:+81311112222;cpc=payphone>' },
      '0311112222',
      '',
      'sip:0311112222@d;cpc=payphone;user=phone',
    ],
    [
      { From: '<sip:0311112222@c;cpc=payphone>' },
      '0311112222',
      '',
      'sip:0311112222@d;cpc=payphone;user=phone',
    ],
    [{ 'X-Engawa-Origin': 'class=payphone' }, '0311112222', '', 'sip:0311112222@d;cpc=payphone;user=phone'],
  ])('is C for a public phone: %j %s %s [S0-051]', (headers, user, display, uri) => {
    expect(shownBy(headers, user, display)).toMatchObject({ from: { uri }, absence: 'C' });
  });
});

describe('towards the telephone network', () => {
  it('presents the number in From and P-Asserted-Identity, and tells nothing of the inside', () => {
    const out = towardsNetwork(plan, 'engawa.example', CARRIER);
    expect(out.from.uri).toBe('sip:0355550100@engawa.example;user=phone');
    expect(out.headers).toEqual([['P-Asserted-Identity', '<sip:0355550100@engawa.example;user=phone>']]);
    expect(JSON.stringify(out)).not.toContain('id-000001');
  });

  it('hides the number with 184 in From, and keeps it asserted on the trusted trunk', () => {
    const out = towardsNetwork({ ...plan, withheld: true }, 'engawa.example', CARRIER);
    expect(out.from).toEqual({ uri: 'sip:anonymous@anonymous.invalid', display: 'Anonymous' });
    expect(out.headers).toContainEqual(['Privacy', 'id']);
    expect(out.headers[0]?.[1]).toContain('0355550100');
  });
});

describe('the user of a URI', () => {
  it.each([
    ['sip:0355550123@x;user=phone', '0355550123'],
    ['sip:03-5555-0123;x=y@x', '0355550123'],
    ['tel:+81-3-5555-0123;phone-context=x', '0355550123'],
    ['sip:x.example', ''],
    ['nonsense', ''],
    [`sip:${'1'.repeat(600)}@x`, ''],
  ])('of %s is "%s"', (uri, user) => {
    expect(userOf(uri)).toBe(user);
  });
});
