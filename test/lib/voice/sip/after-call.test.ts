import { expect, test } from 'vitest';
import type { SipResponse } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { afterCall } from '../../../../lib/voice/sip/session/after-call.ts';
import { FakeFlow } from './fake-flow.ts';

function response(status: number, toTag: string): SipResponse {
  const text = [
    `SIP/2.0 ${status} X`,
    'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1',
    'From: <sip:11@10.0.0.1>;tag=ours',
    `To: <sip:21@10.0.0.1>;tag=${toTag}`,
    'Call-ID: c',
    'CSeq: 7 INVITE',
    ...['Content-Length: 0', '', ''],
  ].join('\r\n');
  const parsed = parseMessage(Buffer.from(text));
  if (parsed.kind !== 'ok' || parsed.message.kind !== 'response') throw new Error('not a response');
  return parsed.message;
}

test('after a call its answer, come again, gets its ACK again; that of another callee an end of its own', () => {
  const told: string[] = [];
  const endLate = (answer: SipResponse): void => void told.push(`end ${answer.toTag}`);
  const user = afterCall({ endLate }, 'winner', new FakeFlow(false), () => told.push('ACK'));
  for (const [status, tag] of [
    [200, 'winner'],
    [180, 'late'],
    [200, 'late'],
    [200, 'winner'],
    [486, 'other'],
  ] as const) {
    user.response(response(status, tag));
  }
  user.failed('timeout');
  expect(told).toEqual(['ACK', 'end late', 'ACK']);
});
