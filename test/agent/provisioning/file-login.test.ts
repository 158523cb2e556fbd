import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileLogins } from '../../../agent/provisioning/file-login.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { authorizationFor } from './phone-login.ts';
import { PANASONIC, phoneOf } from './phones.ts';
import { DeskBench, MINE, SOURCE } from './world.ts';

const TARGET = `/p/cfg${MINE}.xml`;
const LOGIN = { user: MINE, password: 'of-this-phone-only' };

describe('the login of a phone that fetches (HTTP digest, RFC 7616)', () => {
  const clock = new VirtualClock();
  const logins = new FileLogins(clock, seededRandom(3));
  const judge = (authorization: string | null, target = TARGET): string =>
    logins.judge({ method: 'GET', target, authorization }, LOGIN);

  it('is right once for every count, and stale when it is used again or too late', () => {
    const challenge = logins.challenge(false);
    expect(challenge).toMatch(/^Digest realm="engawa files", nonce="[\w-]+", algorithm=MD5, qop="auth"$/);
    const answer = authorizationFor(challenge, LOGIN, TARGET);
    expect([judge(answer), judge(answer)]).toEqual(['right', 'stale']);
    const late = authorizationFor(logins.challenge(true), LOGIN, TARGET);
    clock.advance(600_000);
    expect(judge(late)).toBe('stale');
  });

  it.each<[string, (challenge: string) => string]>([
    ['another password', (challenge) => authorizationFor(challenge, { ...LOGIN, password: 'x' }, TARGET)],
    ['another user', (challenge) => authorizationFor(challenge, { ...LOGIN, user: 'x' }, TARGET)],
    ['another file', (challenge) => authorizationFor(challenge, LOGIN, '/p/phonebook.xml')],
    ['another method', (challenge) => authorizationFor(challenge, LOGIN, TARGET, 'HEAD')],
  ])('%s is wrong', (_what, answer) => expect(judge(answer(logins.challenge(false)))).toBe('wrong'));

  it('none, a Basic one, one without qop and one for a nonce of somebody else are none', () => {
    const forged = 'Digest realm="engawa files", nonce="AAAAAAAA"';
    const whole = authorizationFor(logins.challenge(false), LOGIN, TARGET);
    const others = [
      null,
      'Basic Zm9vOmJhcg==',
      whole.replace('qop=auth, ', ''),
      whole.replace('nc=00000001', 'nc=1'),
      authorizationFor(forged, LOGIN, TARGET),
    ];
    expect(others.map((header) => judge(header))).toEqual(others.map(() => 'none'));
  });

  it('never throws, whatever the header is', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2_000 }), (text) => void judge(text)));
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void judge(`Digest ${text}`)));
  });
});

describe('phones that were given a login', () => {
  let bench: DeskBench;
  beforeEach(() => {
    bench = new DeskBench();
    bench.configure();
  });
  afterEach(() => bench.remove());
  const statusOf = (authorization: string | null = null, target = TARGET): number =>
    bench.ask(target, SOURCE, null, authorization).status;

  it('get it with their password, and their later files with it only', () => {
    bench.desk.approve(MINE, 5);
    expect(bench.fetch(TARGET)).toContain('provisioning.config.username');
    const login = bench.logins.get(SOURCE);
    expect(login).toEqual({ user: MINE, password: expect.stringMatching(/^[a-z2-9]{24}$/) });
    const asked = bench.ask(TARGET);
    if (asked.status !== 401 || login === undefined) throw new Error('no challenge');
    expect(statusOf(authorizationFor(asked.challenge, login, TARGET))).toBe(200);
    expect(statusOf(null, '/p/phonebook.xml')).toBe(401);
    expect(bench.desk.why(MINE).map((line) => `${line.done} ${line.rule}`)).toEqual([
      'served fetch.approved',
      'asked fetch.login',
      'served fetch.own',
      'asked fetch.login',
    ]);
    // What is asked for is no refusal: the last file is still the one that was fetched.
    expect(bench.desk.list()[0]?.lastFetch?.refused).toBeNull();
  });

  it('with a wrong one are refused, said so, and shut out after ten', () => {
    bench.desk.approve(MINE, 5);
    bench.fetch(TARGET);
    for (let guess = 0; guess < 10; guess++) {
      const asked = bench.ask(TARGET);
      if (asked.status !== 401) throw new Error('no challenge');
      const wrong = authorizationFor(asked.challenge, { user: MINE, password: `guess-${guess}` }, TARGET);
      expect(statusOf(wrong)).toBe(401);
    }
    expect(bench.desk.list()[0]?.lastFetch?.refused?.rule).toBe('fetch.wrongLogin');
    expect([statusOf(), bench.warnings.get('phones.guessing')]).toEqual([
      404,
      expect.stringContaining('192.168.21.10'),
    ]);
  });

  it('that have lost it get it anew with the next approval, and the old one ends', () => {
    bench.desk.approve(MINE, 5);
    bench.fetch(TARGET);
    const before = bench.logins.get(SOURCE);
    bench.desk.approve(MINE, 5);
    expect(bench.fetch(TARGET)).toContain('provisioning.config.username');
    const asked = bench.ask(TARGET);
    if (asked.status !== 401 || before === undefined) throw new Error('no challenge');
    expect(bench.logins.get(SOURCE)).not.toEqual(before);
    expect(statusOf(authorizationFor(asked.challenge, before, TARGET))).toBe(401);
    expect(bench.fetch(TARGET)).toContain('<gs_provision');
  });

  it('keep it over a restart of the box', () => {
    bench.desk.approve(MINE, 5);
    bench.fetch(TARGET);
    bench.desk.keep();
    bench.open();
    bench.configure();
    expect(statusOf()).toBe(401);
    expect(bench.fetch(TARGET)).toContain('<gs_provision');
  });

  it('are not those whose makers tell nothing of it: a Panasonic is asked for none', () => {
    bench.configure([phoneOf({ ...PANASONIC, mac: MINE })]);
    const own = `/p/Config${MINE.toUpperCase()}.cfg`;
    bench.desk.approve(MINE, 5);
    expect(bench.fetch(own)).not.toContain('@');
    expect(statusOf(null, own)).toBe(200);
  });

  it('of GXP16xx fetch the phone book without: no public key tells them a login for it', () => {
    bench.configure([phoneOf({ model: 'GXP1628', keys: [] })]);
    bench.desk.approve(MINE, 5);
    bench.fetch(TARGET);
    expect([statusOf(), statusOf(null, '/p/phonebook.xml')]).toEqual([401, 200]);
  });
});
