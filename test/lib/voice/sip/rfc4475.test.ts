import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SipMessage, SipRequest } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { userOf } from '../../../../lib/voice/sip/codec/uri.ts';
import { objectionTo } from '../../../../lib/voice/sip/uas-checks.ts';

const FOLDER = 'test/vectors/rfc4475';

/** What we do with one message: take it, refuse it (codec or user agent), or say nothing. */
type Expected =
  | { readonly takes: (message: SipMessage) => void }
  | { readonly codec: number }
  | { readonly agent: number }
  | 'drop';

const request = (check: (message: SipRequest) => void): Expected => ({
  takes(message) {
    if (message.kind !== 'request') throw new Error('not a request');
    check(message);
    expect(objectionTo(message)).toBeUndefined();
  },
});

/** One row for each message of RFC 4475, in the order of its sections. The README of the SIP core shows the same table. */
const TABLE: Readonly<Record<string, Expected>> = {
  // 3.1.1 valid
  wsinv: request((m) => {
    expect(m.requestUri).toMatchObject({ kind: 'sip', user: 'vivekg', host: 'chair-dnrc.example.com' });
    expect(m.toTag).toBe('1918181833n');
    expect(m.from.display).toBe('J Rosenberg \\"');
    expect(m.fromTag).toBe('98asjd8');
    expect(m.maxForwards).toBe(68);
    expect(m.cseq).toEqual({ number: 9, method: 'INVITE' });
    expect(m.vias.map((via) => [via.transport, via.host])).toEqual([
      ['UDP', '192.0.2.2'],
      ['TCP', 'spindle.example.com'],
      ['UDP', '192.168.255.111'],
    ]);
    expect(m.headers.get('NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(m.headers.get('UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
    expect(m.contacts[0]?.params.get('newparam')).toBe('newvalue');
    expect(m.body.length).toBe(150);
  }),
  intmeth: {
    takes(m) {
      expect(m).toMatchObject({
        method: "!interesting-Method0123456789_*+`.%indeed'~",
        fromTag: "_token~1'+`*%!-.",
      });
      expect(m.from.display.length).toBeGreaterThan(10);
    },
  },
  esc01: request((m) => {
    expect(userOf(m.requestUri)).toBe('sips:user@example.com');
    expect(m.contacts[0]?.uri).toMatchObject({ user: 'caller' });
  }),
  escnull: request((m) => {
    expect(userOf(m.to.uri)).toBe('null-\0-null');
    expect(m.contacts.map((contact) => userOf(contact.uri))).toEqual(['\0', '\0\0']);
  }),
  esc02: {
    takes(m) {
      expect(m).toMatchObject({ method: 'RE%47IST%45R' });
      expect(m.kind === 'request' && objectionTo(m)?.status).toBe(501);
    },
  },
  lwsdisp: request((m) => expect(m.from.display).toBe('caller')),
  longreq: request((m) => {
    expect(m.to.display.length).toBeGreaterThan(100);
    expect(m.vias.length).toBe(34);
    expect(m.contacts.length).toBe(1);
  }),
  dblreq: request((m) => {
    expect(m.method).toBe('REGISTER');
    expect(m.body.length).toBe(0);
  }),
  semiuri: request((m) => {
    expect(userOf(m.requestUri)).toBe('user;par=u@example.net');
    expect(m.requestUri).toMatchObject({ host: 'example.com' });
  }),
  transports: request((m) =>
    expect(m.vias.map((via) => via.transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']),
  ),
  mpart01: {
    takes(m) {
      expect(m.kind === 'request' && objectionTo(m)?.status).toBe(405);
      expect(m.body.length).toBe(553);
    },
  },
  unreason: {
    takes: (m) => expect(m).toMatchObject({ status: 200, phrase: expect.stringContaining('но сто') }),
  },
  noreason: { takes: (m) => expect(m).toMatchObject({ status: 100, phrase: '' }) },
  // 3.1.2 invalid
  badinv01: 'drop',
  clerr: { codec: 400 },
  ncl: { codec: 400 },
  scalar02: { codec: 400 },
  scalarlg: 'drop',
  quotbal: { codec: 400 },
  ltgtruri: { codec: 400 },
  lwsruri: { codec: 400 },
  lwsstart: { codec: 400 },
  trws: { codec: 400 },
  escruri: { codec: 400 },
  baddate: { codec: 400 },
  regbadct: { codec: 400 },
  badaspec: { codec: 400 },
  baddn: { codec: 400 },
  badvers: { codec: 505 },
  mismatch01: { codec: 400 },
  mismatch02: { codec: 400 },
  bigcode: 'drop',
  // 3.2 transaction layer
  badbranch: { codec: 400 },
  // 3.3 application layer
  insuf: { codec: 400 },
  unkscm: { agent: 416 },
  novelsc: { agent: 416 },
  unksm2: request((m) => expect(m.to.uri).toMatchObject({ kind: 'other', scheme: 'isbn' })),
  bext01: { agent: 420 },
  invut: { agent: 415 },
  regaut01: request((m) => expect(m.headers.get('authorization')).toMatch(/^NoOneKnowsThisScheme/)),
  multi01: { codec: 400 },
  mcl01: { codec: 400 },
  // Parses; the user agent drops it, because it answers no request of ours.
  bcast: { takes: (m) => expect(m).toMatchObject({ kind: 'response', status: 200 }) },
  zeromf: request((m) => expect(m.maxForwards).toBe(0)),
  cparam01: request((m) => expect(m.contacts[0]?.params.has('unknownparam')).toBe(true)),
  cparam02: request((m) => expect(m.contacts[0]?.uri).toMatchObject({ user: '+19725552222' })),
  regescrt: request((m) =>
    expect(m.contacts[0]?.uri).toMatchObject({ headers: 'Route=%3Csip:sip.example.com%3E' }),
  ),
  sdp01: { agent: 406 },
  inv2543: request((m) => {
    expect(m.fromTag).toBe('');
    expect(m.vias[0].params.get('branch')).toBeUndefined();
  }),
  // Not of RFC 4475, but shipped with its archive: a Request-Line without a version.
  test: 'drop',
};

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.dat'));

describe('RFC 4475 torture messages', () => {
  test('every message has a row', () => {
    expect(files.map((name) => name.slice(0, -4)).sort()).toEqual(Object.keys(TABLE).sort());
  });

  test.each(Object.entries(TABLE))('%s', (name, expected) => {
    const result = parseMessage(readFileSync(`${FOLDER}/${name}.dat`));
    if (expected === 'drop') expect(result.kind).toBe('drop');
    else if ('codec' in expected) expect(result).toMatchObject({ kind: 'reject', status: expected.codec });
    else if (result.kind !== 'ok') throw new Error(`${result.kind}: ${result.say}`);
    else if ('takes' in expected) expected.takes(result.message);
    else
      expect(result.message.kind === 'request' && objectionTo(result.message)?.status).toBe(expected.agent);
  });
});
