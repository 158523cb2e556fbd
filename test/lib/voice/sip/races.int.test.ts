import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { Session } from '../../../../lib/voice/sip/api.ts';
import { address, Ear, sdpAt, startAgent, type TestAgent, until } from './agents.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const US = '127.51.2.1';
const PEER = '127.51.2.2';

let clock: VirtualClock;
let us: TestAgent;
let peer: ScriptedPeer;

beforeEach(async () => {
  clock = new VirtualClock();
  us = await startAgent(US, { clock, listeners: [{ transport: 'udp', host: US, port: 5060 }] });
  peer = new ScriptedPeer(PEER, US);
  await peer.start();
});

afterEach(async () => {
  peer.stop();
  await us.agent.stop();
});

function callOut(): { session: Session; ear: Ear } {
  const session = us.agent.invite({
    to: address('udp', PEER, 5060),
    requestUri: `sip:peer@${PEER}`,
    from: { uri: `sip:us@${US}` },
    toUri: `sip:peer@${PEER}`,
    sdp: sdpAt(US),
  });
  return { session, ear: new Ear(session) };
}

/** The peer calls us; the call rings. */
async function callIn(callId: string, body = sdpAt(PEER)) {
  peer.send(peer.compose({ method: 'INVITE', callId, sequence: 1, body }));
  return us.call();
}

/** The peer calls us, we answer, and the ACK is through. */
async function talking(callId: string) {
  const call = await callIn(callId);
  call.session.answer(sdpAt(US));
  const toTag = (await peer.response(200, 'INVITE')).toTag;
  peer.send(peer.compose({ method: 'ACK', callId, sequence: 1, toTag }));
  await until('ACK', () => !clock.names().includes('SIP ACK limit'));
  return {
    ...call,
    toTag,
    inside: (method: string, sequence: number, body = '') =>
      peer.send(peer.compose({ method, callId, sequence, toTag, body })),
  };
}

/** Moves time on in steps, with real pauses in which datagrams travel. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    clock.advance(Math.min(500, left));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('calls that we make', () => {
  test('CANCEL waits for a provisional response', async () => {
    const { session, ear } = callOut();
    const invite = await peer.request('INVITE');
    session.hangUp();
    await pass(100);
    expect(peer.requests('CANCEL')).toEqual([]);
    peer.answer(invite, 180);
    const cancel = await peer.request('CANCEL');
    expect(cancel.vias[0].params.get('branch')).toBe(invite.vias[0].params.get('branch'));
    expect(cancel.cseq.number).toBe(invite.cseq.number);
    peer.answer(cancel, 200);
    peer.answer(invite, 487);
    await peer.request('ACK');
    expect(await ear.wait('failed')).toMatchObject({ status: 487 });
  });

  test('a 200 that crosses our CANCEL is acknowledged and ended', async () => {
    const { session, ear } = callOut();
    const invite = await peer.request('INVITE');
    peer.answer(invite, 180);
    await ear.wait('progress');
    session.hangUp({ cause: 16, text: 'gone' });
    await peer.request('CANCEL');
    peer.answer(invite, 200, 'peer', sdpAt(PEER));
    await peer.request('ACK');
    const bye = await peer.request('BYE');
    expect([bye.toTag, bye.cseq.number, bye.headers.get('reason')]).toEqual([
      'peer',
      2,
      'Q.850;cause=16;text="gone"',
    ]);
    peer.answer(bye, 200);
    expect(await ear.wait('failed')).toMatchObject({ status: 487 });
    expect(ear.types).toEqual(['progress', 'failed']);
  });

  test('a second 2xx of a forked INVITE is acknowledged and ended; the first call stays', async () => {
    const { ear, session } = callOut();
    const invite = await peer.request('INVITE');
    peer.answer(invite, 200, 'first', sdpAt(PEER));
    await ear.wait('answered');
    peer.answer(invite, 200, 'second', sdpAt(PEER));
    const bye = await peer.request('BYE');
    expect(bye.toTag).toBe('second');
    expect(peer.requests('ACK').map((ack) => ack.toTag)).toEqual(['first', 'second']);
    peer.answer(invite, 200, 'first', sdpAt(PEER));
    expect((await peer.request('ACK', 3)).toTag).toBe('first');
    expect(session.snapshot()).toBeDefined();
    session.hangUp();
    expect((await peer.request('BYE', 2)).toTag).toBe('first');
  });

  test('nobody there: 408 after 32 s; nothing is left', async () => {
    const { ear } = callOut();
    await peer.request('INVITE');
    await pass(32_000);
    expect(await ear.wait('failed')).toMatchObject({ status: 408 });
    expect(peer.requests('INVITE').length).toBe(7);
    expect(clock.names()).toEqual([]);
  });

  test('ringing for ever: CANCEL after 180 s (Timer C), and 408 even if that is not answered either', async () => {
    const { ear } = callOut();
    peer.answer(await peer.request('INVITE'), 180);
    await ear.wait('progress');
    await pass(180_000);
    await peer.request('CANCEL');
    await pass(64_000);
    expect(await ear.wait('failed')).toMatchObject({ status: 408 });
    expect(clock.names()).toEqual([]);
  });

  test('Record-Route becomes the route set, reversed, and the Contact the target', async () => {
    const { ear, session } = callOut();
    const invite = await peer.request('INVITE');
    const routes = [`<sip:${PEER};lr;n=1>`, '<sip:far.example;lr;n=2>'];
    const text = [
      'SIP/2.0 200 OK',
      ...invite.headers.all('via').map((via) => `Via: ${via}`),
      ...[...routes].reverse().map((route) => `Record-Route: ${route}`),
      `From: ${invite.headers.get('from')}`,
      `To: ${invite.headers.get('to')};tag=far`,
      `Call-ID: ${invite.callId}`,
      `CSeq: ${invite.cseq.number} INVITE`,
      'Contact: <sip:target@192.0.2.7:5099>',
      'Content-Length: 0',
    ];
    peer.send(`${text.join('\r\n')}\r\n\r\n`);
    await ear.wait('answered');
    session.hangUp();
    const bye = await peer.request('BYE');
    expect(bye.requestUri.text).toBe('sip:target@192.0.2.7:5099');
    expect(bye.headers.all('route')).toEqual(routes);
  });
});

describe('calls that come in', () => {
  test('get 100 when nobody has said anything for 200 ms', async () => {
    await callIn('auto');
    expect(peer.responses(100, 'INVITE')).toEqual([]);
    await pass(200);
    expect((await peer.response(100, 'INVITE')).toTag).toBe('');
  });

  test('the 200 is repeated at 0.5, 1.5, 3.5, 7.5 s … until its ACK', async () => {
    const call = await callIn('repeat');
    call.session.answer(sdpAt(US));
    const ok = await peer.response(200, 'INVITE');
    await pass(8_000);
    expect(peer.responses(200, 'INVITE').length).toBe(5);
    peer.send(peer.compose({ method: 'ACK', callId: 'repeat', sequence: 1, toTag: ok.toTag }));
    await until('ACK', () => !clock.names().includes('SIP ACK limit'));
    await pass(8_000);
    expect(peer.responses(200, 'INVITE').length).toBe(5);
    expect(call.ear.types).toEqual([]);
  });

  test('without an ACK for 32 s the call is lost, and a BYE says so', async () => {
    const call = await callIn('lost');
    call.session.answer(sdpAt(US));
    await pass(32_000);
    expect(await call.ear.wait('ended')).toMatchObject({ by: 'lost' });
    peer.answer(await peer.request('BYE'), 200);
    await pass(40_000);
    expect(clock.names()).toEqual([]);
  });

  test('a BYE of ours waits for the ACK of our 200', async () => {
    const call = await callIn('early-bye');
    call.session.answer(sdpAt(US));
    const ok = await peer.response(200, 'INVITE');
    call.session.hangUp({ cause: 16, text: '' });
    await pass(100);
    expect(peer.requests('BYE')).toEqual([]);
    peer.send(peer.compose({ method: 'ACK', callId: 'early-bye', sequence: 1, toTag: ok.toTag }));
    expect((await peer.request('BYE')).toTag).toBe('peer');
  });

  test('CANCEL: 200 to it, 487 to the INVITE, and the reason to the user; after the answer it does nothing', async () => {
    const branch = 'z9hG4bKcancel';
    peer.send(peer.compose({ method: 'INVITE', callId: 'cancel', sequence: 1, branch, body: sdpAt(PEER) }));
    const call = await us.call();
    const extra = ['Reason: SIP;cause=200;text="Call completed elsewhere"'];
    const cancel = peer.compose({ method: 'CANCEL', callId: 'cancel', sequence: 1, branch, extra });
    peer.send(cancel);
    await peer.response(200, 'CANCEL');
    await peer.response(487, 'INVITE');
    expect(await call.ear.wait('cancelled')).toMatchObject({ reason: { cause: 200 } });
    call.session.answer(sdpAt(US));
    expect(peer.responses(200, 'INVITE')).toEqual([]);
    peer.send(peer.compose({ method: 'CANCEL', callId: 'unknown', sequence: 1 }));
    await peer.response(481, 'CANCEL');
  });

  test('an INVITE without an offer: the 200 has ours, the ACK brings the answer', async () => {
    const call = await callIn('late', '');
    expect(call.session.invite.sdp).toBeUndefined();
    call.session.answer(sdpAt(US));
    const ok = await peer.response(200, 'INVITE');
    expect(ok.body.toString()).toBe(sdpAt(US));
    peer.send(
      peer.compose({ method: 'ACK', callId: 'late', sequence: 1, toTag: ok.toTag, body: sdpAt(PEER) }),
    );
    expect(await call.ear.wait('answered')).toMatchObject({ sdp: sdpAt(PEER) });
  });
});

describe('inside a call', () => {
  test('a re-INVITE is an offer to answer or refuse; an UPDATE too', async () => {
    const { ear, inside } = await talking('offers');
    inside('INVITE', 2, sdpAt(PEER, 31_000));
    const offer = await ear.wait('offer');
    expect(offer.sdp).toBe(sdpAt(PEER, 31_000));
    offer.answer(sdpAt(US, 32_000));
    expect((await peer.response(200, 'INVITE', 2)).body.toString()).toBe(sdpAt(US, 32_000));
    offer.refuse(488);
    // Our 200 is not acknowledged yet: an offer now is glare.
    inside('UPDATE', 3, sdpAt(PEER));
    await peer.response(491, 'UPDATE');
    inside('ACK', 2);
    await until('ACK', () => !clock.names().includes('SIP ACK limit'));
    inside('UPDATE', 4, sdpAt(PEER));
    await until('second offer', () => ear.heard.length === 2);
    inside('INVITE', 5, sdpAt(PEER));
    await peer.response(500, 'INVITE');
    const second = ear.heard[1];
    if (second?.type === 'offer') second.refuse(488);
    await peer.response(488, 'UPDATE');
    expect(peer.responses(488, 'INVITE')).toEqual([]);
  });

  test('an offer that nobody answers is refused after 10 s', async () => {
    const { inside } = await talking('silent');
    inside('INVITE', 2, sdpAt(PEER));
    await until('offer', () => clock.names().includes('SIP offer'));
    await pass(10_000);
    await peer.response(488, 'INVITE');
  });

  test('a refresh without an offer is answered with what we said last', async () => {
    const { inside, ear } = await talking('refresh');
    inside('INVITE', 2);
    expect((await peer.response(200, 'INVITE', 2)).body.toString()).toBe(sdpAt(US));
    inside('ACK', 2);
    inside('UPDATE', 3);
    expect((await peer.response(200, 'UPDATE')).body.length).toBe(0);
    inside('OPTIONS', 4);
    await peer.response(200, 'OPTIONS');
    inside('INFO', 5);
    await peer.response(405, 'INFO');
    expect(ear.types).toEqual([]);
  });

  test('a request out of order gets 500; BYE ends the call once; then there is no such call', async () => {
    const { inside, ear, session } = await talking('bye');
    inside('BYE', 1);
    await peer.response(500, 'BYE');
    inside('BYE', 7);
    await peer.response(200, 'BYE');
    expect(await ear.wait('ended')).toMatchObject({ by: 'peer' });
    session.hangUp();
    inside('UPDATE', 8, sdpAt(PEER));
    await peer.response(481, 'UPDATE');
    await pass(40_000);
    expect([peer.requests('BYE'), clock.names()]).toEqual([[], []]);
  });
});

describe('outside a call', () => {
  test.each([
    ['OPTIONS', 200, []],
    ['BYE', 481, []],
    ['MESSAGE', 405, []],
    ['FROBNICATE', 501, []],
    ['REGISTER', 405, []],
    ['INVITE', 420, ['Require: 100rel']],
  ] as const)('%s gets %i', async (method, status, extra) => {
    peer.send(peer.compose({ method, callId: `out-${method}`, sequence: 1, extra }));
    await peer.response(status, method);
    expect(us.calls).toEqual([]);
  });

  test('a broken request is answered, and counted', async () => {
    peer.send(
      peer.compose({ method: 'OPTIONS', callId: 'broken', sequence: 1, extra: ['Max-Forwards: 70'] }),
    );
    const refused = await peer.response(400, 'OPTIONS');
    expect(refused.headers.get('warning')?.toLowerCase()).toContain('more than one max-forwards');
    expect(us.agent.counters).toMatchObject({ rejected: 1 });
  });
});
