import { expect, test } from 'vitest';
import { writeRequest, writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import { Witness } from '../../../../scripts/drills/sip-witness.ts';

/** The caller is A, the callee B. */
interface Said {
  readonly by: 'A' | 'B';
  /** `INVITE`, or `200 INVITE` for an answer to one. */
  readonly what: string;
  readonly number?: number;
  readonly sdp?: string;
  readonly more?: readonly (readonly [string, string])[];
  /** It gets lost. */
  readonly lost?: boolean;
  /** Whose request it answers is whose Call-ID and From it has: the caller's, unless told. */
  readonly asker?: 'A' | 'B';
  readonly early?: boolean;
}

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n';
const OTHER = 'v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\n';

/** Lets the witness see a conversation; answers what it found. */
function watch(...conversation: readonly Said[]): string[] {
  const witness = new Witness();
  for (const [at, said] of conversation.entries()) {
    const bytes = write(said);
    witness.sent(bytes, said.by, at * 10);
    if (said.lost !== true) witness.came(bytes, said.by === 'A' ? 'B' : 'A', at * 10 + 5);
  }
  return witness.trouble();
}

function write({ by, what, number = 1, sdp, more = [], asker, early = false }: Said): Buffer {
  const [status, method = what] = /^\d/.test(what) ? what.split(' ') : [undefined];
  const from = status === undefined ? by : (asker ?? (by === 'A' ? 'B' : 'A'));
  const to = from === 'A' ? 'B' : 'A';
  const fresh = method === 'INVITE' && status === undefined && early;
  const headers = [
    ['Via', `SIP/2.0/UDP ${from}.example;branch=z9hG4bK${method}${number}${from}`],
    ['From', `<sip:${from}@example>;tag=${from}`],
    ['To', `<sip:${to}@example>${fresh ? '' : `;tag=${to}`}`],
    ['Call-ID', 'one'],
    ['CSeq', `${number} ${method}`],
    ['Contact', `<sip:${by}@${by}.example>`],
    ['Max-Forwards', '70'],
    ...(sdp === undefined ? [] : [['Content-Type', 'application/sdp'] as const]),
    ...more,
  ] as const;
  const rest = { headers, ...(sdp === undefined ? {} : { body: sdp }) };
  return status === undefined
    ? writeRequest({ method, requestUri: `sip:${to}@example`, ...rest })
    : writeResponse({ status: Number(status), phrase: 'x', ...rest });
}

const invite: Said = { by: 'A', what: 'INVITE', sdp: SDP, early: true };
const ringing: Said = { by: 'B', what: '180 INVITE' };
const answer: Said = { by: 'B', what: '200 INVITE', sdp: SDP };
const ack: Said = { by: 'A', what: 'ACK' };
const reliable = (rseq: number, more: Partial<Said> = {}): Said => ({
  by: 'B',
  what: '183 INVITE',
  sdp: SDP,
  more: [['RSeq', String(rseq)]],
  ...more,
});
const prack = (rseq: number, number: number): Said => ({
  by: 'A',
  what: 'PRACK',
  number,
  more: [['RAck', `${rseq} 1 INVITE`]],
});

test('a sound call is in order: early media, answer, hold, end', () => {
  const found = watch(
    ...[invite, ringing, reliable(7), prack(7, 2), answer, ack],
    { by: 'B', what: 'UPDATE', sdp: SDP },
    { by: 'A', what: '200 UPDATE', sdp: SDP },
    { by: 'A', what: 'BYE', number: 3 },
  );
  expect(found).toEqual([]);
});

test.each<readonly [string, readonly Said[], string]>([
  ['a BYE of the callee before the ACK', [invite, answer, { by: 'B', what: 'BYE' }, ack], 'before its ACK'],
  [
    'a BYE of a callee that has not answered',
    [invite, ringing, { by: 'B', what: 'BYE' }],
    'has not answered',
  ],
  ['a 2xx without ACK', [invite, answer], 'never acknowledged'],
  ['a 2xx that comes again and gets no ACK again', [invite, answer, ack, answer], '1 ACKs'],
  ['a CANCEL before any 1xx', [invite, { by: 'A', what: 'CANCEL' }], 'before any 1xx'],
  ['a CANCEL after the end', [invite, answer, ack, { by: 'A', what: 'CANCEL' }], 'after the final answer'],
  [
    'a re-INVITE that was taken over an own one',
    [
      ...[invite, answer, ack],
      { by: 'A', what: 'INVITE', number: 2, sdp: SDP, lost: true },
      { by: 'B', what: 'INVITE', sdp: SDP },
      { by: 'A', what: '200 INVITE', sdp: SDP },
      { by: 'B', what: 'ACK' },
    ],
    'was taken though an offer of its own was open',
  ],
  [
    'an offer while the other side waits for its answer',
    [
      ...[invite, answer, ack],
      { by: 'A', what: 'UPDATE', number: 2, sdp: SDP },
      { by: 'B', what: 'UPDATE', sdp: SDP },
    ],
    'was sent though an offer of the other side was open',
  ],
  [
    'an offer that was taken while the own 2xx had no ACK',
    [
      ...[invite, answer, { ...ack, lost: true }],
      { by: 'A', what: 'UPDATE', number: 2, sdp: SDP },
      { by: 'B', what: '200 UPDATE', number: 2, sdp: SDP },
    ],
    'was taken though a 2xx of its own had no ACK',
  ],
  [
    'a reliable response that is acknowledged twice',
    [invite, reliable(7), prack(7, 2), prack(7, 3)],
    'twice',
  ],
  ['a reliable response that nobody acknowledges', [invite, reliable(7), ringing], 'no PRACK for 7'],
  [
    'one that overtook another, acknowledged',
    [invite, reliable(7), prack(7, 2), reliable(9), prack(9, 3)],
    '9 was acknowledged out of order',
  ],
  ['two reliable responses at once', [invite, reliable(7), reliable(8)], 'did not wait for the PRACK of 7'],
  ['a 2xx before the PRACK of a description', [invite, reliable(7), answer, ack], 'the 2xx did not wait'],
  [
    'a 2xx that takes back a reliable description',
    [invite, reliable(7), prack(7, 2), { ...answer, sdp: OTHER }, ack],
    'says something else',
  ],
  [
    'early media without a description',
    [invite, { by: 'B', what: '183 INVITE' }],
    '183 without a description',
  ],
  [
    'a description that is left out when it is said again',
    [invite, reliable(7), { by: 'B', what: '183 INVITE', more: [['RSeq', '7']] }, prack(7, 2)],
    'with another body',
  ],
  [
    'requests that do not count up',
    [invite, answer, ack, { by: 'A', what: 'OPTIONS', number: 5 }, { by: 'A', what: 'BYE', number: 4 }],
    'BYE 4 after a request 5',
  ],
])('the witness finds %s', (_name, conversation, found) => {
  expect(watch(...conversation).join('\n')).toContain(found);
});
