import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNotify, subscribe } from '../../../hal/phones/net/pnp.ts';
import { ringOf } from '../../../hal/phones/sip/agent.ts';
import { lampOf, readMessages, readSipfrag, ringingOf, watch } from '../../../hal/phones/sip/bodies.ts';
import {
  agreed,
  answerAudio,
  type OwnAudio,
  offerAudio,
  readAudio,
} from '../../../hal/phones/sip/description.ts';
import { authorised, Doorkeeper } from '../../../hal/phones/sip/digest.ts';
import {
  displayOf,
  fromWire,
  quotedName,
  readSip,
  type SipRequest,
  type SipResponse,
  sipBytes,
  toWire,
  userOf,
} from '../../../hal/phones/sip/message.ts';
import { readSessionExpires } from '../../../hal/phones/sip/session-timer.ts';
import { seededRandom } from '../../../lib/base/random.ts';

const OWN: OwnAudio = {
  ...{ host: '10.0.0.5', port: 16_000, version: 1, codecs: ['PCMU', 'PCMA'], dtmf: 101, srtp: 'off' },
  keySalt: Buffer.alloc(30, 7),
};
const PEER: OwnAudio = { ...OWN, host: '10.0.0.6', port: 18_000, keySalt: Buffer.alloc(30, 9) };

describe('sound is agreed on', () => {
  const between = (
    offerer: OwnAudio,
    answerer: OwnAudio,
    direction: 'sendrecv' | 'sendonly' = 'sendrecv',
  ) => {
    const offer = readAudio(offerAudio(offerer, direction));
    const answer = offer === undefined ? undefined : answerAudio(offer, answerer, 'sendrecv');
    const back = answer === undefined ? undefined : readAudio(answer.sdp);
    return {
      answer: answer?.agreement,
      offerer: back === undefined ? undefined : agreed(back, offerer, direction),
    };
  };

  it('in the offerer’s order, both ways, with key presses', () => {
    const { answer, offerer } = between(OWN, PEER);
    expect(answer).toMatchObject({
      host: '10.0.0.5',
      port: 16_000,
      payloadType: 0,
      dtmf: 101,
      sends: true,
      receives: true,
    });
    expect(offerer).toMatchObject({ host: '10.0.0.6', port: 18_000, payloadType: 0, srtp: undefined });
    expect(between({ ...OWN, codecs: ['PCMA', 'PCMU'] }, PEER).answer?.payloadType).toBe(8);
  });

  it('on hold one side is silent', () => {
    const { answer, offerer } = between(OWN, PEER, 'sendonly');
    expect(answer).toMatchObject({ sends: false, receives: true });
    expect(offerer).toMatchObject({ sends: true, receives: false });
  });

  it('nothing in common is no answer', () => {
    expect(between({ ...OWN, codecs: ['G729'] }, PEER).answer).toBeUndefined();
  });

  it('SRTP: asked for it is used, required of one who has none there is no call', () => {
    const optional = between({ ...OWN, srtp: 'optional' }, { ...PEER, srtp: 'optional' });
    expect(optional.offerer?.srtp?.theirs.keySalt).toEqual(PEER.keySalt);
    expect(optional.answer?.srtp?.theirs.keySalt).toEqual(OWN.keySalt);
    expect(between({ ...OWN, srtp: 'optional' }, PEER).answer?.srtp).toBeUndefined();
    expect(between({ ...OWN, srtp: 'required' }, { ...PEER, srtp: 'required' }).answer?.srtp).toBeDefined();
    expect(between(OWN, { ...PEER, srtp: 'required' }).answer).toBeUndefined();
    const plain = readAudio(offerAudio(PEER, 'sendrecv'));
    expect(plain && agreed(plain, { ...OWN, srtp: 'required' }, 'sendrecv')).toBeUndefined();
  });

  it('no description makes it throw', () => {
    const lines = offerAudio({ ...OWN, srtp: 'optional' }, 'sendrecv').split('\r\n');
    const noise = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 40 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(noise, (all) => {
        const audio = readAudio(all.join('\r\n'));
        if (audio !== undefined) answerAudio(audio, OWN, 'sendrecv');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('lamps', () => {
  const body = (version: number, dialogs: string, state = 'full'): string =>
    `<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${state}" entity="sip:22@x">${dialogs}</dialog-info>`;
  const dialog = (id: string, state: string, direction = 'recipient'): string =>
    `<dialog id="${id}" call-id="c" local-tag="l" remote-tag="r" direction="${direction}"><state>${state}</state></dialog>`;

  it('idle, rings, talks', () => {
    const idle = watch(undefined, body(0, ''));
    expect([
      lampOf(undefined, 'grandstream'),
      lampOf(idle, 'grandstream'),
      lampOf(idle, 'panasonic'),
    ]).toEqual(['off', 'green', 'off']);
    const rings = watch(idle, body(1, dialog('a', 'early')));
    expect(lampOf(rings, 'panasonic')).toBe('blinkingRed');
    expect(ringingOf(rings)).toMatchObject({ callId: 'c', localTag: 'l', remoteTag: 'r' });
    expect(lampOf(watch(rings, body(2, dialog('a', 'confirmed'))), 'grandstream')).toBe('red');
  });

  it('who calls out does not blink', () => {
    expect(lampOf(watch(undefined, body(1, dialog('a', 'early', 'initiator'))), 'grandstream')).toBe('red');
  });

  it('an older state, a broken one and a part of nothing change nothing', () => {
    const now = watch(undefined, body(5, dialog('a', 'confirmed')));
    expect(watch(now, body(4, ''))).toBe(now);
    expect(watch(now, body(6, '').slice(0, -5))).toBe(now);
    expect(watch(now, '<html/>')).toBe(now);
    expect(watch(undefined, body(1, dialog('a', 'early'), 'partial'))).toBeUndefined();
    expect(watch(now, body(6, dialog('a', 'terminated'), 'partial'))?.dialogs.size).toBe(0);
  });

  it('messages that wait, and how a transfer goes', () => {
    expect(readMessages('Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n')).toEqual({
      waiting: true,
      fresh: 2,
      old: 8,
    });
    expect(readMessages('nothing')).toBeUndefined();
    expect(readSipfrag('SIP/2.0 603 Declined\r\n')).toBe(603);
    expect(readSipfrag('HTTP/1.1 200 OK')).toBeUndefined();
  });
});

describe('rings', () => {
  const account = {
    ignoresAlertInfo: false,
    ring: 'default',
    rings: new Map([
      ['ring2', '2'],
      ['Bellcore-dr3', '3'],
    ]),
  };
  const ring = (alertInfo: string, more = {}): string => ringOf({ ...account, ...more }, alertInfo);

  it('the word after info=, a name of Bellcore, anything else the usual one', () => {
    expect(ring('<http://127.0.0.1>;info=ring2')).toBe('2');
    expect(ring('<Bellcore-dr3>')).toBe('3');
    expect(ring('<http://127.0.0.1>;info=ring9')).toBe('default');
    expect(ring('')).toBe('default');
    expect(ring('<Bellcore-dr3>', { ignoresAlertInfo: true })).toBe('default');
  });
});

describe('messages', () => {
  const text = [
    'INVITE sip:21@10.0.0.5 SIP/2.0',
    'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx;rport',
    'f: "受付 \\"1\\"" <sip:22@x>;tag=a',
    't: <sip:21@x>',
    'i: call-1',
    'CSeq: 1 INVITE',
    'o: dialog',
    'x: 1800;refresher=uas',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');

  it('compact names, names in UTF-8', () => {
    const message = readSip(Buffer.from(text));
    expect(displayOf(message?.headers.from)).toBe('受付 "1"');
    expect(message?.headers['event']).toBe('dialog');
    expect(readSessionExpires(message?.headers ?? {})).toEqual({ seconds: 1_800, refresher: 'uas' });
    expect(fromWire(toWire('佐藤'))).toBe('佐藤');
    expect(
      sipBytes({ method: 'OPTIONS', uri: 'sip:x', headers: { 'x-name': quotedName('佐"藤') } }).toString(
        'utf8',
      ),
    ).toContain('"佐\\"藤"');
    expect([userOf('sip:%2A71@x'), userOf('tel:0355550123;a=b'), userOf('nonsense')]).toEqual([
      '*71',
      '0355550123',
      '',
    ]);
  });

  it('what kills the package, or keeps it busy for seconds, does not reach it', () => {
    expect(readSip(Buffer.from(text.replace('branch', '__proto__')))).toBeUndefined();
    expect(readSip(Buffer.from(text.replace('t: <', `t: ${' '.repeat(20_000)}<`)))).toBeUndefined();
    expect(readSip(Buffer.from('x'.repeat(70_000)))).toBeUndefined();
    const before = performance.now();
    readSip(Buffer.from(`SIP/2.0 200 OK${'\n'.repeat(16_000)}`));
    expect(performance.now() - before).toBeLessThan(500);
  });

  it('5,000 damaged messages are read or not, without a throw', () => {
    const change = fc.tuple(fc.nat(text.length), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        const bytes = Buffer.from(text);
        for (const [at, byte] of changes) bytes[at] = byte;
        readSip(bytes);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('logins', () => {
  const random = seededRandom(1);
  const request = (): SipRequest => ({
    method: 'NOTIFY',
    uri: 'sip:21@x',
    headers: { cseq: { seq: 1, method: 'NOTIFY' } },
  });
  const login = { user: '21', password: 'secret' };
  const asked = (keeper: Doorkeeper): SipResponse => ({
    status: 401,
    headers: { 'www-authenticate': [keeper.challenge('x')] },
  });

  it('who knows the password is let in, once for each challenge', () => {
    const keeper = new Doorkeeper(random);
    const again = authorised(request(), asked(keeper), login, random);
    expect(again?.headers.cseq?.seq).toBe(2);
    expect(again && keeper.admits(again, login)).toBe(true);
    expect(again && keeper.admits(again, login)).toBe(false);
  });

  it('another password, another user, a challenge of somebody else, none', () => {
    const keeper = new Doorkeeper(random);
    const as = (who: typeof login) => authorised(request(), asked(keeper), who, random) ?? request();
    expect(keeper.admits(as({ ...login, password: 'guess' }), login)).toBe(false);
    expect(keeper.admits(as({ ...login, user: '22' }), login)).toBe(false);
    expect(
      keeper.admits(authorised(request(), asked(new Doorkeeper(random)), login, random) ?? request(), login),
    ).toBe(false);
    expect(keeper.admits(request(), login)).toBe(false);
  });

  it('a challenge in SHA-256 alone cannot be answered, as on phones of this age', () => {
    const challenge = { scheme: 'Digest', realm: '"x"', nonce: '"n"', algorithm: 'SHA-256' };
    expect(
      authorised(request(), { status: 401, headers: { 'www-authenticate': [challenge] } }, login, random),
    ).toBeUndefined();
  });
});

describe('SIP PnP', () => {
  const notify = (callId: string, type = 'application/url', body = 'http://10.0.0.1/p/'): Buffer =>
    Buffer.from(`NOTIFY sip:10.0.0.5 SIP/2.0\r\nCall-ID: ${callId}\r\nContent-Type: ${type}\r\n\r\n${body}`);

  it('asks for itself by its hardware address, maker, model and version', () => {
    const who = {
      maker: 'grandstream',
      model: 'GRP2612',
      firmware: '1.0.5.48',
      mac: 'c074ad630001',
      address: '10.0.0.5',
      userAgent: 'UA',
    } as const;
    const text = subscribe({ ...who } as Parameters<typeof subscribe>[0], 'id', 'tag', 'z9hG4bK1');
    expect(text).toMatch(/^SUBSCRIBE sip:MAC%3Ac074ad630001@224\.0\.1\.75 SIP\/2\.0\r\n/);
    expect(text).toContain(
      'Event: ua-profile;profile-type="device";vendor="Grandstream";model="GRP2612";version="1.0.5.48"',
    );
  });

  it('takes the address out of an answer to its own question alone', () => {
    expect(readNotify(notify('id'), 'id')).toBe('http://10.0.0.1/p/');
    expect(readNotify(notify('other'), 'id')).toBeUndefined();
    expect(readNotify(notify('id', 'text/plain'), 'id')).toBeUndefined();
    expect(readNotify(notify('id', 'application/url', 'a b'), 'id')).toBeUndefined();
    expect(readNotify(Buffer.from('SIP/2.0 200 OK\r\n\r\n'), 'id')).toBeUndefined();
  });
});
