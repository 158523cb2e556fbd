import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EchoDesk } from '../../../cloud-stub/echo/echo-desk.ts';
import { echoHostBeside } from '../../../cloud-stub/echo/index.ts';
import {
  decodeEchoAnswer,
  decodeEchoRequest,
  type EchoRequest,
  encodeEchoRequest,
} from '../../../lib/contract/echo-packet.ts';
import { decodeStun, encodeStunRequest } from '../../../lib/net/stun.ts';

const SOURCE = { host: '198.51.100.7', port: 41_000 };
const AT = { host: '203.0.113.11', port: 3_478 };
const OTHER = { host: '203.0.113.11', port: 3_479 };
const deskOf = () => new EchoDesk((at) => (at.port === AT.port ? OTHER : AT));
const came = (bytes: Buffer, monotonicMs = 1_000, source = SOURCE) => ({
  ...{ bytes, source, at: AT, monotonicMs, nowMs: 1_764_000_000_000 + monotonicMs },
});
const OPTIONS = Buffer.from(
  [
    'OPTIONS sip:echo@203.0.113.11 SIP/2.0',
    'Via: SIP/2.0/UDP 192.168.1.20:5060;rport;branch=z9hG4bK7',
    'From: <sip:box@192.168.1.20>;tag=1',
    'To: <sip:echo@203.0.113.11>',
    'Call-ID: 7@192.168.1.20',
    'CSeq: 1 OPTIONS',
    'Contact: <sip:box@192.168.1.20:5060>',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n'),
);

describe('the echo for boxes', () => {
  it('says where a STUN request came from, and answers from the other port when asked', () => {
    const desk = deskOf();
    const id = Buffer.alloc(12, 7);
    const plain = desk.answer(came(encodeStunRequest(id)));
    expect(plain?.fromOther).toBe(false);
    expect(decodeStun(plain?.bytes ?? Buffer.alloc(0))).toMatchObject({ mapped: SOURCE, other: OTHER });
    expect(desk.answer(came(encodeStunRequest(id, true)))?.fromOther).toBe(true);
  });

  it('counts the packets of a burst, and the jitter with which they came', () => {
    const desk = deskOf();
    const request: EchoRequest = { do: 'echo', counted: true, answerBytes: 172 };
    const answers = Array.from({ length: 50 }, (_, at) =>
      desk.answer(came(encodeEchoRequest({ sequence: at, ssrc: 9 }, request), at * 20 + (at % 2) * 8)),
    );
    const last = decodeEchoAnswer(answers.at(-1)?.bytes ?? Buffer.alloc(0));
    expect(last).toMatchObject({ sequence: 49, ssrc: 9, count: 50, bytes: 172 });
    expect(last?.jitterMs).toBeCloseTo(8, 0);
    const asked = encodeEchoRequest({ sequence: 50, ssrc: 9 }, { ...request, counted: false });
    expect(decodeEchoAnswer(desk.answer(came(asked))?.bytes ?? Buffer.alloc(0))?.count).toBe(50);
  });

  it('answers later when that is asked for, and never later than five minutes', () => {
    const desk = deskOf();
    const later = (delayS: number) =>
      desk.answer(came(encodeEchoRequest({ sequence: 1, ssrc: 1 }, { do: 'later', delayS })))?.delayMs;
    expect([later(20), later(4_000)]).toEqual([20_000, 300_000]);
  });

  it('gives a SIP request back as it came, stamped with where it came from', () => {
    const text = deskOf().answer(came(OPTIONS))?.bytes.toString('latin1') ?? '';
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toContain(
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.168.1.20:5060;rport=41000;branch=z9hG4bK7;received=198.51.100.7',
    );
    expect(Buffer.from(body, 'base64').equals(OPTIONS)).toBe(true);
  });

  it('never sends more than came, but for STUN and SIP, which are three times as large at most', () => {
    const desk = deskOf();
    const any = fc.uint8Array({ maxLength: 1_500 }).map((bytes) => Buffer.from(bytes));
    const echo = fc
      .record({
        name: fc.record({ sequence: fc.nat(65_535), ssrc: fc.nat() }),
        answerBytes: fc.nat(65_535),
        bytes: fc.nat(1_500),
      })
      .map(({ name, answerBytes, bytes }) =>
        encodeEchoRequest(name, { do: 'echo', counted: true, answerBytes }, bytes),
      );
    let atMs = 0;
    fc.assert(
      fc.property(fc.oneof(any, echo), (bytes) => {
        atMs += 1_000;
        const answer = desk.answer(came(bytes, atMs));
        const most = decodeEchoRequest(bytes) === undefined ? 3 * bytes.length : bytes.length;
        expect(answer?.bytes.length ?? 0).toBeLessThanOrEqual(most);
      }),
    );
    expect(desk.answer(came(OPTIONS, atMs + 1_000))?.bytes.length).toBeLessThan(3 * OPTIONS.length);
  });

  it('is silent to whoever sends too much, and to nobody else', () => {
    const desk = deskOf();
    const id = Buffer.alloc(12, 7);
    const answered = Array.from({ length: 1_000 }, () => desk.answer(came(encodeStunRequest(id))));
    expect(answered.filter((each) => each !== undefined)).toHaveLength(600);
    expect(desk.dropped.rate).toBe(400);
    expect(desk.answer(came(encodeStunRequest(id), 1_000, { host: '198.51.100.8', port: 1 }))).toBeDefined();
  });

  it('takes the address beside a loopback one, and no other by itself', () => {
    expect(['127.42.0.10', '203.0.113.10', '127.0.0.254', '::1'].map(echoHostBeside)).toEqual([
      '127.42.0.11',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
