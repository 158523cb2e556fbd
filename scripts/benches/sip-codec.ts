import { cpus, loadavg } from 'node:os';
import { StreamFramer } from '../../lib/voice/sip/codec/framing.ts';
import type { SipRequest } from '../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';
import { responseTo } from '../../lib/voice/sip/codec/respond.ts';
import { writeRequest, writeResponse } from '../../lib/voice/sip/codec/write.ts';

export const describe =
  'SIP codec: CPU time of reading and writing one message, and of all messages of one relayed call';

const ROUNDS = 7;
const MESSAGES = 30_000;
/** Of all the CPU time of a relayed call at 1,500 a second and core, 667 µs, what reading and writing may take. */
const CALL_US_MAX = 200;

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 30000 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  '',
].join('\r\n');

const COMMON = [
  'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK0123456789abcdef01234567;rport',
  'From: "uketsuke" <sip:0355550100@192.0.2.1>;tag=0123456789abcdef',
  'To: <sip:0355550123@192.0.2.2>;tag=fedcba9876543210',
  'Call-ID: 0123456789abcdef0123456789abcdef',
];
const OFFERED = [
  'Contact: <sip:0355550100@192.0.2.1:5060>',
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE',
];

const message = (start: string, headers: readonly string[], body = ''): Buffer =>
  Buffer.from(
    [
      start,
      ...COMMON,
      ...headers,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
const request = (method: string, headers: readonly string[], body = ''): Buffer =>
  message(
    `${method} sip:0355550123@192.0.2.2;user=phone SIP/2.0`,
    ['Max-Forwards: 70', `CSeq: 1 ${method}`, ...headers],
    body,
  );
const response = (status: string, method: string, headers: readonly string[] = [], body = ''): Buffer =>
  message(`SIP/2.0 ${status}`, [`CSeq: 1 ${method}`, ...headers], body);

/** What a back-to-back user agent reads of one call: the caller's three requests, the callee's four answers. */
const READ = {
  INVITE: request('INVITE', [...OFFERED, 'Supported: timer, 100rel', 'User-Agent: bench'], SDP),
  ACK: request('ACK', []),
  BYE: request('BYE', []),
  '100': response('100 Trying', 'INVITE'),
  '180': response('180 Ringing', 'INVITE', OFFERED),
  '200 with SDP': response('200 OK', 'INVITE', OFFERED, SDP),
  '200 to BYE': response('200 OK', 'BYE'),
} as const;

export async function run(): Promise<void> {
  const lines: string[] = [];
  let callUs = 0;
  const row = (name: string, work: () => unknown): void => {
    const us = costUs(work);
    callUs += us;
    lines.push(`${name.padEnd(28)} ${us.toFixed(1).padStart(6)} µs`);
  };
  for (const [name, bytes] of Object.entries(READ)) row(`read ${name}`, () => parseMessage(bytes));
  const invite = requestOf(READ.INVITE);
  const bye = requestOf(READ.BYE);
  const draft = { method: 'INVITE', requestUri: invite.requestUri.text, headers: unsized(invite), body: SDP };
  const plain = { method: 'BYE', requestUri: bye.requestUri.text, headers: unsized(bye) };
  const source = { host: '192.0.2.1', port: 5060 };
  row('write INVITE', () => writeRequest(draft));
  row('write ACK', () => writeRequest({ ...plain, method: 'ACK' }));
  row('write BYE', () => writeRequest(plain));
  row('answer 100', () => writeResponse(responseTo(invite, source, 100)));
  row('answer 180', () => writeResponse(responseTo(invite, source, 180, { toTag: 'x' })));
  row('answer 200 with SDP', () => writeResponse(responseTo(invite, source, 200, { toTag: 'x', body: SDP })));
  row('answer 200 to BYE', () => writeResponse(responseTo(bye, source, 200)));
  lines.push(
    `${'all 14 of a relayed call'.padEnd(28)} ${callUs.toFixed(1).padStart(6)} µs, wanted under ${CALL_US_MAX}: ${callUs < CALL_US_MAX ? 'met' : 'MISSED'}`,
  );
  const framer = new StreamFramer();
  lines.push(
    `${'cut INVITE from a stream'.padEnd(28)} ${costUs(() => framer.push(READ.INVITE))
      .toFixed(1)
      .padStart(6)} µs`,
  );
  lines.push(
    `CPU time on one thread of ${cpus()[0]?.model ?? 'a processor'}, best of ${ROUNDS}, load ${loadavg()[0]?.toFixed(1)}`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Microseconds of the thread's CPU time for one piece of work: the best round, because neighbours only ever add. */
function costUs(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.threadCpuUsage();
    for (let count = 0; count < MESSAGES; count++) work();
    const { user, system } = process.threadCpuUsage(start);
    best = Math.min(best, (user + system) / MESSAGES);
  }
  return best;
}

function requestOf(bytes: Buffer): SipRequest {
  const result = parseMessage(bytes);
  if (result.kind !== 'ok' || result.message.kind !== 'request')
    throw new Error('the bench has a broken message');
  return result.message;
}

/** Headers of a message without its length, which is the writer's. */
function unsized(message: SipRequest): [string, string][] {
  return message.headers.entries.flatMap(([name, value]) =>
    name === 'Content-Length' ? [] : [[name, value]],
  );
}
