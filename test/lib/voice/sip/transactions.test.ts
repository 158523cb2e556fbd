import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { RequestDraft, SipRequest, SipResponse } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { responseTo } from '../../../../lib/voice/sip/codec/respond.ts';
import { writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import { TransactionLayer } from '../../../../lib/voice/sip/transaction/layer.ts';
import type { ServerTransaction } from '../../../../lib/voice/sip/transaction/server.ts';
import { FakeFlow } from './fake-flow.ts';

/** A layer over a fake flow under a virtual clock, with a log of when things happened. */
function setUp(reliable: boolean) {
  const clock = new VirtualClock();
  const flow = new FakeFlow(reliable);
  const counters = {
    messagesReceived: 0,
    messagesSent: 0,
    dropped: 0,
    rejected: 0,
    retransmitsSent: 0,
    rateLimited: 0,
    loops: 0,
    abandoned: 0,
    expired: 0,
    byesGivenUp: 0,
  };
  const incoming: ServerTransaction[] = [];
  const acks: SipRequest[] = [];
  const layer = new TransactionLayer(clock, seededRandom(1), counters, {
    request: (transaction) => incoming.push(transaction),
    ack: (request) => acks.push(request),
  });
  const told: string[] = [];
  const send = (method: string, noAnswerMs?: number) =>
    layer.request(
      draft(method),
      flow,
      {
        response: (response) => told.push(String(response.status)),
        failed: (cause) => told.push(cause),
        noAnswer: () => told.push('noAnswer'),
      },
      noAnswerMs,
    );
  /** The peer answers what we sent last with that start line. */
  const answer = (status: number, toTag = 't'): void => {
    const first = flow.sent.find((text) => !text.startsWith('ACK') && !text.startsWith('SIP'));
    const request = parsed<SipRequest>(first ?? '');
    const bytes = writeResponse(responseTo(request, { host: 'x', port: 1 }, status, { toTag }));
    layer.receiveResponse(parsed<SipResponse>(bytes.toString()));
  };
  const receive = (text: string): void => layer.receiveRequest(parsed<SipRequest>(text), flow, flow);
  /** Times at which the count of sent messages grew, in steps of 100 ms. */
  const timesUntil = (ms: number): number[] => {
    const times: number[] = [];
    const start = clock.monotonicMs();
    let count = flow.sent.length;
    while (clock.monotonicMs() - start < ms) {
      clock.advance(100);
      for (; count < flow.sent.length; count++) times.push(clock.monotonicMs() - start);
    }
    return times;
  };
  return { clock, flow, counters, incoming, acks, layer, told, send, answer, receive, timesUntil };
}

function draft(method: string): RequestDraft {
  return {
    method,
    requestUri: 'sip:b@h',
    headers: [
      ['Max-Forwards', '70'],
      ['Route', '<sip:proxy;lr>'],
      ['From', '<sip:a@h>;tag=f'],
      ['To', '<sip:b@h>'],
      ['Call-ID', 'c'],
      ['CSeq', `1 ${method}`],
    ],
  };
}

function parsed<Message>(text: string): Message {
  const result = parseMessage(Buffer.from(text));
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result));
  return result.message as Message;
}

function request(method: string, branch = 'z9hG4bKq'): string {
  return [
    `${method} sip:b@h SIP/2.0`,
    `Via: SIP/2.0/UDP h:5060;branch=${branch}`,
    'From: <sip:a@h>;tag=f',
    'To: <sip:b@h>',
    'Call-ID: c',
    `CSeq: 1 ${method}`,
    '\r\n',
  ].join('\r\n');
}

describe('INVITE client transaction (RFC 3261 §17.1.1, RFC 6026)', () => {
  test('over UDP it is sent at 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s and fails after 32 s', () => {
    const { send, timesUntil, told, layer, clock, flow } = setUp(false);
    send('INVITE');
    expect(timesUntil(40_000)).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(told).toEqual(['timeout']);
    expect([layer.size, flow.watchers, clock.names()]).toEqual([0, 0, []]);
  });

  test('over TLS it is sent once', () => {
    const { send, timesUntil, told } = setUp(true);
    send('INVITE');
    expect(timesUntil(40_000)).toEqual([]);
    expect(told).toEqual(['timeout']);
  });

  test('a provisional response stops the repeating; Timer C asks the user to give up', () => {
    const { send, answer, timesUntil, told } = setUp(false);
    send('INVITE', 60_000);
    answer(180);
    expect(timesUntil(70_000)).toEqual([]);
    expect(told).toEqual(['180', 'noAnswer']);
  });

  test('a peer that never ends a cancelled INVITE is left after 64·T1', () => {
    const { send, answer, told, layer, clock } = setUp(false);
    const transaction = send('INVITE');
    answer(180);
    layer.cancel(transaction, []);
    clock.advance(33_000);
    expect(told).toEqual(['180', 'timeout']);
    expect([layer.size, clock.names()]).toEqual([0, []]);
  });

  test('a refusal is acknowledged, each time, with the Route, branch and To of the response', () => {
    const { send, answer, flow, layer, clock } = setUp(false);
    const transaction = send('INVITE');
    answer(486);
    answer(486);
    const acks = flow.sent.filter((text) => text.startsWith('ACK'));
    expect(acks.length).toBe(2);
    expect(acks[0]).toContain(`branch=${transaction.branch}`);
    expect(acks[0]).toContain('Route: <sip:proxy;lr>\r\n');
    expect(acks[0]).toContain('To: <sip:b@h>;tag=t\r\n');
    expect(acks[0]).toContain('CSeq: 1 ACK\r\n');
    clock.advance(31_900);
    expect(layer.size).toBe(1);
    clock.advance(100);
    expect(layer.size).toBe(0);
  });

  test('Timer D is zero over TLS', () => {
    const { send, answer, layer, clock } = setUp(true);
    send('INVITE');
    answer(486);
    clock.advance(0);
    expect(layer.size).toBe(0);
  });

  test('every 2xx, repeated or forked, reaches the user until Timer M', () => {
    const { send, answer, told, layer, clock } = setUp(false);
    send('INVITE');
    answer(200, 'one');
    answer(200, 'one');
    answer(200, 'two');
    answer(486);
    clock.advance(32_000);
    expect(told).toEqual(['200', '200', '200']);
    expect(layer.size).toBe(0);
  });

  test('a dead connection fails it at once', () => {
    const { send, flow, told, layer } = setUp(true);
    send('INVITE');
    flow.die();
    expect(told).toEqual(['transport']);
    expect(layer.size).toBe(0);
  });

  test('a request that cannot be sent fails it at once', () => {
    const { send, flow, told, layer, clock } = setUp(false);
    flow.failing = true;
    send('INVITE');
    expect(told).toEqual(['transport']);
    expect([layer.size, clock.names(), flow.watchers]).toEqual([0, [], 0]);
  });
});

describe('other client transactions (RFC 3261 §17.1.2)', () => {
  test('repeats are capped at T2: 0.5, 1.5, 3.5, 7.5, 11.5 … and end after 32 s', () => {
    const { send, timesUntil, told, counters } = setUp(false);
    send('OPTIONS');
    expect(timesUntil(40_000)).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(told).toEqual(['timeout']);
    expect(counters.retransmitsSent).toBe(10);
  });

  test('after a 1xx it goes on every T2, and still ends after 32 s', () => {
    const { send, answer, told, layer, clock } = setUp(false);
    send('OPTIONS');
    answer(100);
    clock.advance(32_000);
    expect(told).toEqual(['100', 'timeout']);
    expect([layer.size, clock.names()]).toEqual([0, []]);
  });

  test.each([
    [false, 5_000],
    [true, 0],
  ])('reliable %s: repeated responses are absorbed for %i ms (Timer K)', (reliable, ms) => {
    const { send, answer, told, layer, clock } = setUp(reliable);
    send('OPTIONS');
    answer(200);
    if (ms > 0) answer(200);
    expect(told).toEqual(['200']);
    clock.advance(ms);
    expect(layer.size).toBe(0);
  });
});

describe('INVITE server transaction (RFC 3261 §17.2.1, RFC 6026)', () => {
  const respond = (transaction: ServerTransaction | undefined, status: number): void =>
    transaction?.respond(responseTo(transaction.request, { host: 'x', port: 1 }, status, { toTag: 't' }));

  test('a refusal is repeated at 0.5, 1.5, 3.5, 7.5, then every 4 s, until 32 s (Timers G and H)', () => {
    const { receive, incoming, timesUntil, layer } = setUp(false);
    receive(request('INVITE'));
    respond(incoming[0], 486);
    expect(timesUntil(40_000)).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(layer.size).toBe(0);
  });

  test('over TLS a refusal is not repeated, and the ACK ends it at once (Timer I is 0)', () => {
    const { receive, incoming, timesUntil, layer, clock, acks } = setUp(true);
    receive(request('INVITE'));
    respond(incoming[0], 486);
    expect(timesUntil(1_000)).toEqual([]);
    receive(request('ACK'));
    clock.advance(0);
    expect([layer.size, acks.length]).toEqual([0, 0]);
  });

  test('the same INVITE again gets the last response again and nobody is told twice', () => {
    const { receive, incoming, flow, clock } = setUp(false);
    receive(request('INVITE'));
    respond(incoming[0], 180);
    receive(request('INVITE'));
    expect([incoming.length, flow.sent.length]).toEqual([1, 2]);
    clock.advance(1);
  });

  test('100 Trying goes out when the user has said nothing for 200 ms, or when the INVITE comes again before', () => {
    const first = setUp(false);
    first.receive(request('INVITE'));
    first.clock.advance(199);
    expect(first.flow.sent).toEqual([]);
    first.clock.advance(1);
    expect(first.flow.sent[0]).toMatch(/^SIP\/2\.0 100 /);
    respond(first.incoming[0], 180);
    first.clock.advance(1_000);
    expect(first.flow.sent).toHaveLength(2);
    const again = setUp(false);
    again.receive(request('INVITE'));
    again.receive(request('INVITE'));
    expect(again.flow.sent).toHaveLength(1);
    again.clock.advance(1_000);
    expect(again.flow.sent).toHaveLength(1);
    const quick = setUp(false);
    quick.receive(request('INVITE'));
    respond(quick.incoming[0], 180);
    quick.clock.advance(1_000);
    expect(quick.flow.sent).toHaveLength(1);
  });

  test('after a 2xx repeated INVITEs are absorbed for 64·T1 and the 2xx is the user’s to repeat (Timer L)', () => {
    const { receive, incoming, flow, layer, clock } = setUp(false);
    receive(request('INVITE'));
    respond(incoming[0], 200);
    receive(request('INVITE'));
    expect(flow.sent.length).toBe(1);
    respond(incoming[0], 200);
    expect(flow.sent.length).toBe(2);
    clock.advance(32_000);
    expect(layer.size).toBe(0);
  });

  test('an INVITE that its user never answers is told so and forgotten', () => {
    const { receive, incoming, layer, clock } = setUp(false);
    receive(request('INVITE'));
    const told: string[] = [];
    incoming[0]?.onFailed((cause) => told.push(cause));
    clock.advance(600_000);
    expect([told, layer.size, clock.names()]).toEqual([['timeout'], 0, []]);
  });

  test('a peer of RFC 2543, whose branch means nothing, is matched by the rest', () => {
    const { receive, incoming } = setUp(false);
    receive(request('INVITE', 'old'));
    receive(request('INVITE', 'old'));
    expect(incoming.length).toBe(1);
    receive(request('INVITE', 'old').replace('Call-ID: c', 'Call-ID: d'));
    expect(incoming.length).toBe(2);
  });
});

describe('other server transactions (RFC 3261 §17.2.2)', () => {
  test.each([
    [false, 32_000],
    [true, 0],
  ])('reliable %s: the response is kept for %i ms (Timer J)', (reliable, ms) => {
    const { receive, incoming, flow, layer, clock } = setUp(reliable);
    receive(request('OPTIONS'));
    const [transaction] = incoming;
    transaction?.respond(responseTo(transaction.request, { host: 'x', port: 1 }, 200));
    if (ms > 0) receive(request('OPTIONS'));
    expect(flow.sent.length).toBe(ms > 0 ? 2 : 1);
    clock.advance(ms);
    expect([layer.size, clock.names()]).toEqual([0, []]);
  });

  test('one that nobody answers is forgotten when its client has given up', () => {
    const { receive, layer, clock } = setUp(false);
    receive(request('OPTIONS'));
    clock.advance(32_000);
    expect([layer.size, clock.names()]).toEqual([0, []]);
  });
});

test('whatever happens to transactions, and in which order: after a while nothing is left', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('send' as const), method: fc.constantFrom('INVITE', 'OPTIONS', 'BYE') }),
    fc.record({ do: fc.constant('answer' as const), status: fc.constantFrom(100, 180, 200, 302, 486, 699) }),
    fc.record({ do: fc.constant('receive' as const), method: fc.constantFrom('INVITE', 'ACK', 'OPTIONS') }),
    fc.record({ do: fc.constant('respond' as const), status: fc.constantFrom(100, 180, 200, 486) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 4_000, 32_000) }),
    fc.record({ do: fc.constant('break' as const), how: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 30 }), (reliable, steps) => {
      const { send, answer, receive, incoming, clock, flow, layer } = setUp(reliable);
      for (const [at, one] of steps.entries()) {
        if (one.do === 'send') send(one.method);
        else if (one.do === 'answer' && flow.sent.some((text) => !/^(ACK|SIP)/.test(text)))
          answer(one.status);
        else if (one.do === 'receive') receive(request(one.method, `z9hG4bKr${at % 3}`));
        else if (one.do === 'respond') {
          const transaction = incoming.at(-1);
          transaction?.respond(responseTo(transaction.request, { host: 'x', port: 1 }, one.status));
        } else if (one.do === 'wait') clock.advance(one.ms);
        else if (one.do === 'break') flow.failing = one.how;
      }
      clock.advance(1_000_000);
      expect([layer.size, flow.watchers, clock.names()]).toEqual([0, 0, []]);
    }),
    { numRuns: 300 },
  );
});

test('1,000 requests that nobody answers leave nothing behind', () => {
  const { send, layer, clock, flow } = setUp(true);
  for (let at = 0; at < 1_000; at++) send(at % 2 === 0 ? 'INVITE' : 'OPTIONS');
  flow.die();
  expect([layer.size, clock.names().length, flow.watchers]).toEqual([0, 0, 0]);
});
