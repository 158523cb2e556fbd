import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyParts } from '../../../../lib/voice/sip/codec/body.ts';
import { AUTHORIZATION, WWW_AUTHENTICATE } from '../../../../lib/voice/sip/codec/fields/auth.ts';
import { ACCEPT, CONTENT_DISPOSITION } from '../../../../lib/voice/sip/codec/fields/content.ts';
import { DATE } from '../../../../lib/voice/sip/codec/fields/date.ts';
import {
  EVENT,
  SUBSCRIPTION_STATE,
  writeSubscriptionState,
} from '../../../../lib/voice/sip/codec/fields/events.ts';
import {
  ALERT_INFO,
  RETRY_AFTER,
  WARNING,
  writeWarning,
} from '../../../../lib/voice/sip/codec/fields/guidance.ts';
import { P_ASSERTED_IDENTITY, PRIVACY } from '../../../../lib/voice/sip/codec/fields/identity.ts';
import { REQUIRE, ROUTE } from '../../../../lib/voice/sip/codec/fields/lists.ts';
import { RACK, RSEQ } from '../../../../lib/voice/sip/codec/fields/provisional.ts';
import { REASON } from '../../../../lib/voice/sip/codec/fields/reasons.ts';
import {
  parseReplaces,
  REFER_SUB,
  REFER_TO,
  REFERRED_BY,
  REPLACES,
  writeReplaces,
} from '../../../../lib/voice/sip/codec/fields/refer.ts';
import {
  MIN_SE,
  SESSION_EXPIRES,
  writeSessionExpires,
} from '../../../../lib/voice/sip/codec/fields/session-timer.ts';
import { Headers } from '../../../../lib/voice/sip/codec/headers.ts';
import { sdpOf } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { writeDate } from '../../../../lib/voice/sip/codec/sip-date.ts';
import { objectionTo } from '../../../../lib/voice/sip/uas-checks.ts';
import { FIELDS } from './whole-message.ts';

const read = (text: string): Headers =>
  Headers.of(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );

describe('fields', () => {
  test('a header that is not there is undefined, one that is broken says so', () => {
    expect(read('X-A: y').read(SESSION_EXPIRES)).toBeUndefined();
    expect(read('x: soon').read(SESSION_EXPIRES)).toBe('malformed');
  });

  test.each([
    ['x: 1800;refresher=UAC', SESSION_EXPIRES, { deltaS: 1_800, refresher: 'uac' }],
    ['Session-Expires: 90', SESSION_EXPIRES, { deltaS: 90, refresher: undefined }],
    ['Min-SE: 90;x', MIN_SE, 90],
    ['RSeq: 4294967295', RSEQ, 4_294_967_295],
    ['RAck: 776656 1 INVITE', RACK, { rseq: 776_656, sequence: 1, method: 'INVITE' }],
    ['r: <tel:110>', REFER_TO, { uri: { kind: 'tel', number: '110' } }],
    ['b: "受付" <sip:a@b>;cid="1@x"', REFERRED_BY, { display: '受付', uri: { user: 'a' } }],
    ['Refer-Sub: FALSE;x', REFER_SUB, { wanted: false }],
    [
      'Replaces: 98732@sip.example.com;from-tag=r33;to-tag=ff8;early-only',
      REPLACES,
      { callId: '98732@sip.example.com', toTag: 'ff8', fromTag: 'r33', earlyOnly: true },
    ],
    ['o: Dialog;id=7;call-id="x y"', EVENT, { event: 'dialog', id: '7' }],
    [
      'Subscription-State: terminated;reason=Timeout;retry-after=9',
      SUBSCRIPTION_STATE,
      { state: 'terminated', reason: 'timeout', retryAfterS: 9, expiresS: undefined },
    ],
    [
      'Reason: Q.850 ;cause=16 ;text="x, y", SIP;cause=200',
      REASON,
      [
        { protocol: 'q.850', cause: 16, text: 'x, y' },
        { protocol: 'sip', cause: 200 },
      ],
    ],
    ['Privacy: id; Critical', PRIVACY, new Set(['id', 'critical'])],
    [
      'P-Asserted-Identity: "A, B" <sip:+81355550100@x>, <tel:+81-3-5555-0100>',
      P_ASSERTED_IDENTITY,
      [{ display: 'A, B' }, { uri: { kind: 'tel', number: '+81355550100' } }],
    ],
    ['Retry-After: 18000 (in (a) meeting);duration=3600', RETRY_AFTER, { afterS: 18_000, durationS: 3_600 }],
    ['Warning: 399 x "a \\"b\\""', WARNING, [{ code: 399, agent: 'x', text: 'a "b"' }]],
    [
      'Alert-Info: <urn:alert:source:internal>;x, <http://a/b,c>',
      ALERT_INFO,
      [{ params: new Map([['x', '']]) }, {}],
    ],
    ['Require: timer,,100rel\nRequire: x', REQUIRE, ['timer', '100rel', 'x']],
    ['Route: <sip:a;lr>, <sip:b;lr>\nRoute: <sip:c>', ROUTE, [{}, {}, { uri: { host: 'c' } }]],
    ['Date: Sat, 13 Nov 2010 23:29:00 GMT', DATE, Date.UTC(2010, 10, 13, 23, 29)],
    ['Accept:', ACCEPT, []],
    [
      'Content-Disposition: session;handling=Optional',
      CONTENT_DISPOSITION,
      { kind: 'session', handling: 'optional' },
    ],
    [
      'Authorization: Digest username="a, b", realm="r", nc=00000001',
      AUTHORIZATION,
      [
        {
          scheme: 'digest',
          params: new Map([
            ['username', 'a, b'],
            ['realm', 'r'],
            ['nc', '00000001'],
          ]),
        },
      ],
    ],
    [
      'WWW-Authenticate: Digest realm="a", nonce="1", Digest realm = "b" , nonce="2"\nWWW-Authenticate: Basic x==',
      WWW_AUTHENTICATE,
      [
        {
          params: new Map([
            ['realm', 'a'],
            ['nonce', '1'],
          ]),
        },
        {
          params: new Map([
            ['realm', 'b'],
            ['nonce', '2'],
          ]),
        },
        { scheme: 'basic', text: 'x==' },
      ],
    ],
  ] as const)('%s', (text, field, expected) => {
    const value = read(text).read<unknown>(field);
    if (typeof expected === 'object') expect(value).toMatchObject(expected);
    else expect(value).toBe(expected);
  });

  test.each([
    ['Session-Expires: 1800;refresher=me', SESSION_EXPIRES],
    ['Session-Expires: 1\nx: 2', SESSION_EXPIRES],
    ['RSeq: 0', RSEQ],
    ['RSeq: 4294967296', RSEQ],
    ['RAck: 1 INVITE', RACK],
    ['Refer-To: <sip:a@b>, <sip:c@d>', REFER_TO],
    ['Replaces: a;to-tag=b', REPLACES],
    ['Replaces: a;to-tag=b;from-tag=c;to-tag=d', REPLACES],
    ['Event: ;id=1', EVENT],
    ['Privacy: id;', PRIVACY],
    ['Retry-After: 5 (open', RETRY_AFTER],
    ['Retry-After: 5;duration=x', RETRY_AFTER],
    ['Warning: 1399 x "y"', WARNING],
    ['Warning: 399 x y', WARNING],
    ['Alert-Info: ring', ALERT_INFO],
    ['Date: Sat, 31 Feb 2010 23:29:00 GMT', DATE],
    ['Date: Sat, 13 Nov 2010 24:00:00 GMT', DATE],
    ['Date: Sat, 13 Nov 2010 23:29:00 EST', DATE],
    ['Authorization: Digest nonce="1", nonce="2"', AUTHORIZATION],
    ['Reason: Q.850;cause=x', REASON],
  ] as const)('%s is malformed', (text, field) => expect(read(text).read<unknown>(field)).toBe('malformed'));

  test('what is written comes back', () => {
    const dialog = { callId: 'a@b', toTag: 't', fromTag: 'f', earlyOnly: true };
    expect(parseReplaces(writeReplaces(dialog))).toMatchObject(dialog);
    const timer = { deltaS: 600, refresher: 'uas' } as const;
    expect(SESSION_EXPIRES.parse([writeSessionExpires(timer)])).toMatchObject(timer);
    expect(writeSessionExpires({ deltaS: 600, refresher: undefined })).toBe('600');
    const state = { state: 'active', expiresS: 60, reason: 'x', retryAfterS: 5 };
    expect(SUBSCRIPTION_STATE.parse([writeSubscriptionState(state)])).toMatchObject(state);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
        expect(DATE.parse([writeDate(seconds * 1_000)])).toBe(seconds * 1_000);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 80 }), (text) => {
        const warning = { code: 399, agent: 'x', text };
        expect(WARNING.parse([writeWarning(warning)])).toEqual([warning]);
      }),
    );
  });

  test('no text makes any field throw', () => {
    const spice = fc.constantFrom(...'<>;,="\\()@: ', '%41', '縁', 'tag', 'Digest ', '1', '\t', '[::1]');
    const text = fc
      .array(fc.oneof(spice, fc.string({ maxLength: 4 })), { maxLength: 30 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (values) => {
        for (const field of FIELDS) field.parse(values);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an INVITE with more than a description', () => {
  const invite = (type: string, body: string): number | undefined => {
    const lines = [
      'INVITE sip:a@b SIP/2.0',
      'Via: SIP/2.0/UDP h;branch=z9hG4bKx',
      'From: <sip:c@d>;tag=1',
      'To: <sip:a@b>',
      'Call-ID: x',
      'CSeq: 1 INVITE',
      `Content-Type: ${type}`,
    ];
    const result = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`));
    if (result.kind !== 'ok' || result.message.kind !== 'request') throw new Error(JSON.stringify(result));
    const objection = objectionTo(result.message, 'INVITE', '');
    expect(sdpOf(result.message) === undefined).toBe(
      objection !== undefined && type !== 'multipart/mixed;boundary=b',
    );
    return objection?.status;
  };
  const SDP = '--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n';
  const part = (disposition: string): string => `--b\r\nContent-Type: a/b\r\n${disposition}\r\nx\r\n--b--`;

  test('is taken when the rest may be left unread, and refused with 415 when it may not (RFC 5621 §8.3)', () => {
    const mixed = 'multipart/mixed;boundary=b';
    expect(invite(mixed, SDP + part('Content-Disposition: render;handling=optional\r\n'))).toBeUndefined();
    expect(invite(mixed, SDP + part(''))).toBe(415);
    expect(invite('application/sdp', 'v=0\r\n')).toBeUndefined();
    expect(invite('Application/SDP;charset=x', 'v=0\r\n')).toBeUndefined();
    expect(invite('text/plain', 'v=0\r\n')).toBe(415);
  });
});

describe('bodies', () => {
  const multipart = (body: string, type = 'multipart/mixed;boundary="b b"') => ({
    headers: read(`Content-Type: ${type}`),
    body: Buffer.from(body),
  });
  const names = (message: ReturnType<typeof multipart>) => {
    const parts = bodyParts(message);
    return parts === 'malformed' ? parts : parts.map(({ type, bytes }) => [type.type, bytes.toString()]);
  };

  test('parts come in their order, those of a multipart within too; preamble and epilogue are left out', () => {
    const inner = '--i\r\nContent-Type: a/b\r\n\r\nx\r\n--i\r\n\r\ny\r\n--i--\r\n';
    const body = `before\r\n--b b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b b \r\nContent-Type: multipart/alternative;\r\n boundary=i\r\n\r\n${inner}\r\n--b b--\r\nafter`;
    expect(names(multipart(body))).toEqual([
      ['application/sdp', 'v=0\r\n'],
      ['a/b', 'x'],
      ['text/plain', 'y'],
    ]);
  });

  test('an empty part is a part; a body without a type is text; no body is none', () => {
    expect(names(multipart('--b b\r\n\r\n\r\n--b b--'))).toEqual([['text/plain', '']]);
    expect(names({ headers: read('X: y'), body: Buffer.from('hi') })).toEqual([['text/plain', 'hi']]);
    expect(names(multipart(''))).toEqual([]);
  });

  test.each([
    ['no end', '--b b\r\n\r\nx'],
    ['no boundary in it', 'x'],
    ['a broken header', '--b b\r\nno colon\r\n\r\nx\r\n--b b--'],
    ['more parts than there may be', `${'--b b\r\n\r\n\r\n'.repeat(20)}--b b--`],
  ])('%s is malformed', (_name, body) => expect(names(multipart(body))).toBe('malformed'));

  test('multiparts in multiparts beyond three levels are malformed', () => {
    let body = 'x';
    for (let level = 0; level < 4; level++)
      body = `--b\r\nContent-Type: ${level === 0 ? 'a/b' : 'multipart/mixed;boundary=b'}\r\n\r\n${body}\r\n--b--`;
    expect(names(multipart(body, 'multipart/mixed;boundary=b'))).toBe('malformed');
  });

  test('no bytes make it throw', () => {
    const piece = fc.constantFrom(
      '--b',
      '\r\n',
      '--',
      ':',
      'a/b',
      'Content-Type',
      ';boundary=b',
      'multipart/x',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        bodyParts(multipart(pieces.join(''), 'multipart/mixed;boundary=b'));
      }),
      { numRuns: 500 },
    );
  });
});
