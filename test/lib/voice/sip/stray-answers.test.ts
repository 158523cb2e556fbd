import { expect, it } from 'vitest';
import type { RequestDraft, SipResponse } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { StrayAnswers } from '../../../../lib/voice/sip/session/stray-answers.ts';
import type { Flow } from '../../../../lib/voice/sip/transport/flow.ts';

function answer(callId: string): SipResponse {
  const text = [
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1',
    'From: <sip:11@10.0.0.1>;tag=ours',
    'To: <sip:21@10.0.0.1>;tag=theirs',
    `Call-ID: ${callId}`,
    'CSeq: 7 INVITE',
    'Contact: <sip:21@10.0.0.5:5062>',
    ...['Content-Length: 0', '', ''],
  ].join('\r\n');
  const parsed = parseMessage(Buffer.from(text));
  if (parsed.kind !== 'ok' || parsed.message.kind !== 'response') throw new Error('not a response');
  return parsed.message;
}

it('an answer to nobody gets an ACK each time it comes and one BYE, where its Contact says', () => {
  const sent: RequestDraft[] = [];
  const strays = new StrayAnswers({
    sendAck: (draft) => {
      sent.push(draft);
      return () => undefined;
    },
    request: (draft) => {
      sent.push(draft);
      return {} as never;
    },
  });
  for (let times = 0; times < 3; times++) strays.end(answer('a'), {} as Flow, undefined);
  strays.end(answer('b'), {} as Flow, undefined);
  expect(sent.map(({ method }) => method)).toEqual(['ACK', 'BYE', 'ACK', 'ACK', 'ACK', 'BYE']);
  expect(sent[1]?.requestUri).toBe('sip:21@10.0.0.5:5062');
  expect(sent[1]?.headers).toContainEqual(['CSeq', '8 BYE']);
  expect(sent[1]?.headers).toContainEqual(['To', '<sip:21@10.0.0.1>;tag=theirs']);
});
