import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { SipAddress } from '../../../../lib/voice/sip/api.ts';
import type { SipRequest, SipResponse } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { parseAuthHeaders } from '../../../../lib/voice/sip/digest/auth-header.ts';
import { isStale, Signer } from '../../../../lib/voice/sip/digest/client.ts';
import { digestHa1, digestResponse } from '../../../../lib/voice/sip/digest/compute.ts';
import { Nonces } from '../../../../lib/voice/sip/digest/nonces.ts';
import { type AuthVerdict, DigestServer } from '../../../../lib/voice/sip/digest/server.ts';

const REALM = 'engawa.example';
const CREDENTIALS = { user: 'id-000001-1', password: 'ひみつ' };
const HERE: SipAddress = { transport: 'udp', host: '192.0.2.7', port: 5_060 };
const THERE: SipAddress = { ...HERE, host: '192.0.2.70' };

function setUp() {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const nonces = new Nonces(clock, random);
  /** What was told of whom. */
  const judged: [string, boolean][] = [];
  const port = {
    judged: (user: string, _source: SipAddress, right: boolean) => void judged.push([user, right]),
    ha1: async (user: string, realm: string, algorithm: 'MD5' | 'SHA-256') =>
      user === CREDENTIALS.user ? digestHa1(algorithm, user, realm, CREDENTIALS.password) : undefined,
    onBinding: () => undefined,
  };
  return { clock, random, nonces, judged, server: new DigestServer(REALM, port, nonces) };
}

function request(authorization: string, uri = 'sip:engawa.example'): SipRequest {
  const lines = [
    `REGISTER ${uri} SIP/2.0`,
    'Via: SIP/2.0/UDP h;branch=z9hG4bKa',
    'From: <sip:a@h>;tag=1',
    'To: <sip:a@h>',
    'Call-ID: c',
    'CSeq: 1 REGISTER',
    ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
  ];
  const result = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result));
  return result.message as SipRequest;
}

function challengeOf(verdict: AuthVerdict, only?: 'MD5' | 'SHA-256'): SipResponse {
  if (verdict.kind !== 'challenge') throw new Error(`not challenged: ${verdict.kind}`);
  const offers = verdict.headers.filter(
    ([, value]) => only === undefined || value.includes(`algorithm=${only}`),
  );
  const lines = [
    'SIP/2.0 401 Unauthorized',
    'Via: SIP/2.0/UDP h;branch=z9hG4bKa',
    'From: <sip:a@h>;tag=1',
    'To: <sip:a@h>;tag=2',
    'Call-ID: c',
    'CSeq: 1 REGISTER',
    ...offers.map(([name, value]) => `${name}: ${value}`),
  ];
  const result = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result));
  return result.message as SipResponse;
}

function sign(response: SipResponse, credentials = CREDENTIALS, uri = 'sip:engawa.example'): string {
  const signer = new Signer(credentials, seededRandom(2));
  return signer.answer(response, { method: 'REGISTER', uri })?.[0]?.[1] ?? '';
}

describe('digest', () => {
  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('%s gives the response of RFC 7616 §3.9.1', (algorithm, expected) => {
    const ha1 = digestHa1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    const quality = { nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' };
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
    const input = { algorithm, ha1, method: 'GET', uri: '/dir/index.html', nonce, quality };
    expect(digestResponse(input)).toBe(expected);
  });

  test.each(['MD5', 'SHA-256'] as const)('%s: the right password is let in', async (algorithm) => {
    const { server } = setUp();
    const signed = sign(challengeOf(await server.judge(request(''), 401), algorithm));
    expect(signed).toContain(`algorithm=${algorithm}`);
    expect(await server.judge(request(signed), 401)).toEqual({ kind: 'user', user: CREDENTIALS.user });
  });

  test('SHA-256 is preferred where both are offered', async () => {
    const { server } = setUp();
    expect(sign(challengeOf(await server.judge(request(''), 401)))).toContain('algorithm=SHA-256');
  });

  test('a wrong password and an unknown user get the same answer', async () => {
    const { server } = setUp();
    const challenge = challengeOf(await server.judge(request(''), 401));
    for (const credentials of [
      { ...CREDENTIALS, password: 'wrong' },
      { user: 'nobody', password: 'ひみつ' },
    ]) {
      const verdict = await server.judge(request(sign(challenge, credentials)), 401);
      expect(verdict).toMatchObject({ kind: 'challenge', status: 401 });
      expect(isStale(challengeOf(verdict))).toBe(false);
    }
  });

  test('a nonce that is too old is called stale, and the client may sign again', async () => {
    const { server, clock } = setUp();
    const signed = sign(challengeOf(await server.judge(request(''), 401)));
    clock.advance(301_000);
    const verdict = await server.judge(request(signed), 401);
    expect(isStale(challengeOf(verdict))).toBe(true);
    expect(await server.judge(request(sign(challengeOf(verdict))), 401)).toMatchObject({ kind: 'user' });
  });

  test('a replayed request is not let in', async () => {
    const { server } = setUp();
    const signed = sign(challengeOf(await server.judge(request(''), 401)));
    await server.judge(request(signed), 401);
    expect(await server.judge(request(signed), 401)).toMatchObject({ kind: 'challenge' });
  });

  test('a digest is told as right or wrong once: neither a replay nor one over an old nonce is either', async () => {
    const { server, clock, judged } = setUp();
    const mistaken = { ...CREDENTIALS, password: 'wrong' };
    const challenge = challengeOf(await server.judge(request(''), 401, HERE));
    const right = request(sign(challenge));
    expect(await server.judge(right, 401, HERE)).toMatchObject({ kind: 'user' });
    expect(judged.splice(0)).toEqual([[CREDENTIALS.user, true]]);
    for (let count = 0; count < 3; count++) await server.judge(right, 401, HERE);
    expect(judged).toEqual([]);
    await server.judge(request(sign(challenge, mistaken)), 401, HERE);
    expect(judged.splice(0)).toEqual([[CREDENTIALS.user, false]]);
    clock.advance(301_000);
    // The answer must not tell them apart: nobody counts these guesses.
    for (const credentials of [CREDENTIALS, mistaken]) {
      const verdict = await server.judge(request(sign(challenge, credentials)), 401, HERE);
      expect(isStale(challengeOf(verdict))).toBe(true);
    }
    expect(judged).toEqual([]);
  });

  test('a nonce serves the host that it was sent to: in the name of another nobody is judged', async () => {
    const { server, judged } = setUp();
    const challenge = challengeOf(await server.judge(request(''), 401, HERE));
    for (const credentials of [CREDENTIALS, { ...CREDENTIALS, password: 'wrong' }]) {
      const verdict = await server.judge(request(sign(challenge, credentials)), 401, THERE);
      expect(isStale(challengeOf(verdict))).toBe(true);
    }
    expect(judged).toEqual([]);
    const elsewhere = { ...HERE, transport: 'tcp', port: 50_000 } as const;
    expect(await server.judge(request(sign(challenge)), 401, elsewhere)).toMatchObject({ kind: 'user' });
  });

  test('a nonce that we did not make, and one made by another process, are refused', async () => {
    const { server } = setUp();
    const signed = sign(challengeOf(await server.judge(request(''), 401)));
    const nonce = parseAuthHeaders([signed])[0]?.params.get('nonce') ?? '';
    expect(
      await server.judge(request(signed.replace(nonce, `${nonce.slice(0, -8)}AAAAAAAA`)), 401),
    ).toMatchObject({
      kind: 'challenge',
    });
    const other = new Nonces(new VirtualClock(), seededRandom(9));
    expect(other.age(nonce)).toBe('forged');
  });

  test('a signature for another Request-URI is refused', async () => {
    const { server } = setUp();
    const signed = sign(
      challengeOf(await server.judge(request(''), 401)),
      CREDENTIALS,
      'sip:0355550123@engawa.example',
    );
    expect(await server.judge(request(signed), 401)).toMatchObject({ kind: 'bad', status: 400 });
  });

  test('counts may be lost or overtake each other, but not come twice', () => {
    const { nonces } = setUp();
    const take = (count: number): boolean => nonces.count('n', count);
    expect([1, 5, 3, 5, 3, 200, 137, 136, 199, 199].map(take)).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  test('several challenges on one line are told apart; garbage is left out', () => {
    const line = 'Digest realm="a, b", nonce="x", Basic realm=c, Digest realm = "d", ;;;, =';
    expect(parseAuthHeaders([line]).map(({ scheme, params }) => [scheme, params.get('realm')])).toEqual([
      ['digest', 'a, b'],
      ['basic', 'c'],
      ['digest', 'd'],
    ]);
    expect(parseAuthHeaders(['', ' ', '"', 'Digest', 'a=b'])).toEqual([]);
  });

  test('a later request of the same account is signed unasked, with the next count of the nonce', async () => {
    const { server } = setUp();
    const signer = new Signer(CREDENTIALS, seededRandom(2));
    const request1 = { method: 'REGISTER', uri: 'sip:engawa.example' };
    expect(signer.sign(request1)).toEqual([]);
    signer.answer(challengeOf(await server.judge(request(''), 401)), request1);
    for (const count of ['00000002', '00000003']) {
      const signed = signer.sign(request1)[0]?.[1] ?? '';
      expect(signed).toContain(`nc=${count}`);
      expect(await server.judge(request(signed), 401)).toEqual({ kind: 'user', user: CREDENTIALS.user });
    }
  });

  test('auth-int, where nothing else is offered, signs the body too (RFC 7616 §3.4.3)', () => {
    const offer = 'Digest realm="r", nonce="n", qop="auth-int", algorithm=MD5';
    const signer = new Signer(CREDENTIALS, seededRandom(2));
    const challenge = challengeOf({ kind: 'challenge', status: 401, headers: [['WWW-Authenticate', offer]] });
    const [, value = ''] =
      signer.answer(challenge, { method: 'INVITE', uri: 'sip:a', body: 'v=0' })?.[0] ?? [];
    const params = parseAuthHeaders([value])[0]?.params;
    const ha1 = digestHa1('MD5', CREDENTIALS.user, 'r', CREDENTIALS.password);
    const quality = { nc: '00000001', cnonce: params?.get('cnonce') ?? '', body: 'v=0' };
    const input = { algorithm: 'MD5', ha1, method: 'INVITE', uri: 'sip:a', nonce: 'n', quality } as const;
    expect(params?.get('qop')).toBe('auth-int');
    expect(params?.get('response')).toBe(digestResponse(input));
  });

  test('a challenge that offers only an unknown quality, or an unknown algorithm, is not answered', () => {
    const challenge = (value: string): SipResponse =>
      challengeOf({ kind: 'challenge', status: 401, headers: [['WWW-Authenticate', value]] });
    expect(sign(challenge('Digest realm="r", nonce="n", qop="auth-conf"'))).toBe('');
    expect(sign(challenge('Digest realm="r", nonce="n", algorithm=SHA-512'))).toBe('');
    expect(sign(challenge('Digest realm="r", nonce="n"'))).not.toContain('qop');
  });
});
