import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import type { SipRequest } from '../../../../lib/voice/sip/codec/message.ts';
import { parseNameAddr, writeAddress } from '../../../../lib/voice/sip/codec/name-addr.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { parseReason, writeReason } from '../../../../lib/voice/sip/codec/reason.ts';
import { responseTo } from '../../../../lib/voice/sip/codec/respond.ts';
import { quote, unquote } from '../../../../lib/voice/sip/codec/text.ts';
import { parseUri } from '../../../../lib/voice/sip/codec/uri.ts';
import { parseVia, writeVia } from '../../../../lib/voice/sip/codec/via.ts';
import { writeRequest, writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import { SIP_LIMITS } from '../../../../lib/voice/sip/limits.ts';
import { mutate } from './mutate.ts';

const INVITE = [
  'INVITE sip:0355550123@engawa.example;user=phone SIP/2.0',
  'Via: SIP/2.0/UDP 127.51.0.1:5060;branch=z9hG4bKabc;rport',
  'Max-Forwards: 70',
  'From: "受付" <sip:id-000001-1@engawa.example>;tag=1',
  'To: <sip:0355550123@engawa.example>',
  'Call-ID: one',
  'CSeq: 1 INVITE',
  'Contact: <sip:id@127.51.0.1>',
];

function message(lines: readonly string[], body = ''): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'utf8');
}

function parsed(bytes: Buffer): SipRequest {
  const result = parseMessage(bytes);
  if (result.kind !== 'ok' || result.message.kind !== 'request') throw new Error(JSON.stringify(result));
  return result.message;
}

describe('SIP codec', () => {
  test('Japanese display names survive both ways', () => {
    const got = parsed(message(INVITE));
    expect(got.from.display).toBe('受付');
    const wire = writeResponse(responseTo(got, { host: '127.51.0.9', port: 9 }, 180, { toTag: 't' }));
    expect(wire.toString('utf8')).toContain('From: "受付" <sip:id-000001-1@engawa.example>;tag=1\r\n');
    expect(wire.toString('utf8')).toContain('branch=z9hG4bKabc;rport=9;received=127.51.0.9\r\n');
    expect(wire.toString('utf8')).toContain('To: <sip:0355550123@engawa.example>;tag=t\r\n');
  });

  test('Content-Length counts bytes, not characters', () => {
    const wire = writeRequest({ method: 'MESSAGE', requestUri: 'sip:a@b', headers: [], body: '受付' });
    expect(wire.toString('utf8')).toContain('Content-Length: 6\r\n');
  });

  test('a value from outside cannot start a header line of its own', () => {
    const wire = writeRequest({
      method: 'OPTIONS',
      requestUri: 'sip:a@b',
      headers: [['X-A', 'a\r\nVia: evil']],
    });
    expect(wire.toString()).toContain('X-A: a  Via: evil\r\n');
  });

  test('the bytes of the README are what is written', () => {
    const wire = writeRequest({ method: 'OPTIONS', requestUri: 'sip:a', headers: [] });
    const hex = '4f 50 54 49 4f 4e 53 20 73 69 70 3a 61 20 53 49 50 2f 32 2e 30 0d 0a';
    expect(wire.subarray(0, 23).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  test('compact forms are the same headers', () => {
    const compact = ['v', 'f', 't', 'i', 'm'];
    const names = ['Via', 'From', 'To', 'Call-ID', 'Contact'];
    const lines = INVITE.map((line) => {
      const at = names.findIndex((name) => line.startsWith(`${name}:`));
      return at < 0 ? line : `${compact[at]}${line.slice(names[at]?.length)}`;
    });
    expect(parsed(message([...lines, 'x: 1800', 'o: dialog'])).headers.get('Session-Expires')).toBe('1800');
  });

  test('unknown headers are kept in order, and names like __proto__ are only names', () => {
    const got = parsed(message([...INVITE, '__proto__: a', 'constructor: b', 'X-Last: c;__proto__']));
    expect(got.headers.entries.slice(-3).map(([name]) => name)).toEqual([
      '__proto__',
      'constructor',
      'X-Last',
    ]);
    expect(got.headers.get('__PROTO__')).toBe('a');
    expect(parseVia('SIP/2.0/UDP a;__proto__;branch=z9hG4bKx')?.params.get('__proto__')).toBe('');
    expect(got.headers.get('tostring')).toBeUndefined();
  });

  test.each([
    ['sip:a@[2001:db8::1]:5070;transport=tls', { host: '2001:db8::1', port: 5070, user: 'a' }],
    ['SIPS:Example.COM', { host: 'example.com', secure: true, user: '' }],
    ['sip:%61b@h', { user: 'ab' }],
    ['tel:+81-3-5555-0123;phone-context=x', { kind: 'tel', number: '+81355550123' }],
    ['urn:service:sos', { kind: 'other', scheme: 'urn' }],
  ])('reads %s', (text, expected) => expect(parseUri(text)).toMatchObject(expected));

  test.each([
    'sip:',
    'sip:@h',
    'sip:a@',
    'sip:a@[::1',
    'sip:a@h:99999',
    'sip:%zz@h',
    'sip:a b@h',
    ':x',
    'sip:a@h>',
  ])('refuses %s', (text) => expect(parseUri(text)).toBeUndefined());

  test.each([
    ['a datagram over 16 KB', message([...INVITE, `X: ${'a'.repeat(5_000)}`], 'b'.repeat(12_000)), 'drop'],
    ['more than 200 headers', message([...INVITE, ...Array.from({ length: 200 }, () => 'X: y')]), 'reject'],
    ['a line over 8 KB', message([...INVITE, `X: ${'a'.repeat(9_000)}`]), 'reject'],
    [
      'a folded line over 8 KB',
      message([...INVITE, 'X: a', ...Array.from({ length: 900 }, () => ` ${'b'.repeat(9)}`)]),
      'reject',
    ],
    [
      'more than 64 Vias',
      message([...INVITE, ...Array.from({ length: 64 }, () => 'Via: SIP/2.0/UDP h')]),
      'drop',
    ],
    ['a NUL in a header', message([...INVITE, 'X: a\0b']), 'reject'],
    ['a bare line feed', message([...INVITE, 'X: a\nVia: evil']), 'reject'],
    [
      'bytes that are no UTF-8',
      Buffer.concat([
        Buffer.from(`${INVITE.join('\r\n')}\r\nX: `),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('\r\n\r\n'),
      ]),
      'reject',
    ],
    [
      'an ACK that is broken',
      message(INVITE.map((line) => line.replaceAll('INVITE', 'ACK').replace('CSeq: 1', 'CSeq: x'))),
      'drop',
    ],
  ])('refuses %s', (_name, bytes, kind) => expect(parseMessage(bytes).kind).toBe(kind));

  test('Contact: * is told apart', () => {
    const lines = INVITE.map((line) => (line.startsWith('Contact') ? 'Contact: *' : line));
    expect(parsed(message(lines))).toMatchObject({ contactStar: true, contacts: [] });
  });

  test('Reason: Q.850 is preferred, both ways', () => {
    expect(parseReason(['SIP;cause=200;text="x, y", Q.850;cause=17;text="busy"'])).toEqual({
      cause: 17,
      text: 'busy',
    });
    expect(parseReason([writeReason({ cause: 200, text: 'Call completed "elsewhere"' })])).toEqual({
      protocol: 'SIP',
      cause: 200,
      text: 'Call completed "elsewhere"',
    });
    expect(parseReason(['nonsense', ';;;', 'Preemption;cause=1', 'Q.850;cause=99999'])).toBeUndefined();
  });
});

describe('SIP codec, properties', () => {
  test('a quoted string comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const clean = [...text].map((char) => (char < ' ' ? ' ' : char)).join('');
        expect(unquote(quote(text))).toBe(clean);
        expect(parseNameAddr(writeAddress(text, 'sip:a@b'))?.display ?? '').toBe(clean);
      }),
    );
  });

  test('a Via comes back as it was', () => {
    const value = fc.stringMatching(/^[a-zA-Z0-9.]{1,20}$/);
    fc.assert(
      fc.property(
        value,
        fc.integer({ min: 0, max: 65_535 }),
        fc.array(value, { maxLength: 8 }),
        (host, port, values) => {
          const params = new Map(values.map((one, at) => [`p${at}`, one]));
          const via = { transport: 'TLS', host: host.toLowerCase(), port, params };
          expect(parseVia(writeVia(via))).toEqual(via);
        },
      ),
    );
  });

  test('a Via with a quoted parameter comes back as it was', () => {
    const via = parseVia('SIP/2.0/UDP h;x="a; b, \\"c\\"";branch=z9hG4bKx');
    expect(via?.params.get('x')).toBe('a; b, "c"');
    expect(via === undefined ? undefined : parseVia(writeVia(via))).toEqual(via);
  });

  test('no bytes make the parser throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        parseMessage(Buffer.from(bytes));
      }),
    );
  });

  test('6,000 mutated messages: none throws, none takes 20 ms', () => {
    const folder = 'test/vectors/rfc4475';
    const seeds = readdirSync(folder).filter((name) => name.endsWith('.dat'));
    const corpus = [...seeds.map((name) => readFileSync(`${folder}/${name}`)), message(INVITE)];
    const random = seededRandom(4475);
    let slowest = 0;
    const seen = { ok: 0, reject: 0, drop: 0 };
    for (let round = 0; round < 6_000; round++) {
      const bytes = mutate(corpus[Math.floor(random.fraction() * corpus.length)] ?? Buffer.alloc(0), random);
      seen[parseMessage(bytes).kind]++;
      slowest = Math.max(slowest, costMs(bytes));
    }
    expect(slowest).toBeLessThan(20);
    expect(Math.min(seen.ok, seen.reject, seen.drop)).toBeGreaterThan(100);
  });

  test.each([
    ['blanks', ' '],
    ['line feeds', '\n'],
    ['CRLF and blank', '\r\n '],
    ['contacts', '<a>,'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['semicolons', ';'],
    ['percent signs', '%4'],
    ['brackets', '['],
    ['wide characters', '縁'],
  ])('16 KB of %s in each header cost less than 20 ms', (_name, piece) => {
    for (const at of INVITE.keys()) {
      const lines = [...INVITE];
      lines[at] = `${lines[at]}${piece.repeat(SIP_LIMITS.messageBytes / piece.length)}`;
      const bytes = message(lines).subarray(0, SIP_LIMITS.messageBytes - 4);
      const whole = Buffer.concat([bytes, Buffer.from('\r\n\r\n')]);
      expect(costMs(whole)).toBeLessThan(20);
    }
  });
});

/** Cheapest of a few runs: other programs may take the processor away in the midst of one, but not of each. */
function costMs(bytes: Buffer): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5 && best > 5; run++) {
    // Time of this thread's own: the machine may be busy with others.
    const before = process.threadCpuUsage();
    parseMessage(bytes);
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}
