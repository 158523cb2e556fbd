import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { B2bua } from '../../../../lib/voice/sip/b2bua/b2bua.ts';
import { runSipp, SIPP_SDP, sippScenario, sippSend } from '../../../support/sipp.ts';
import { address, Ear, sdpAt, startAgent, type TestAgent, until } from './agents.ts';

const [US, CALLER, CALLEE, THIRD] = ['127.67.3.1', '127.67.3.2', '127.67.3.3', '127.67.3.4'] as const;

let us: TestAgent | undefined;

beforeEach(() => {
  us = undefined;
});

afterEach(() => us?.agent.stop());

const at = (host: string): readonly string[] => ['-i', host, '-mi', host, '-p', '5060'];

/** A request of sipp's own call; `tail` are further headers, or a body with its type. */
function request(method: string, sequence: number, inside: boolean, tail = ''): string {
  return `
${method} sip:b@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:a@[local_ip]>;tag=[call_number]
To: <sip:b@[remote_ip]>${inside ? '[peer_tag_param]' : ''}
Call-ID: [call_id]
CSeq: ${sequence} ${method}
Contact: <sip:a@[local_ip]:[local_port]>
Max-Forwards: 70
Allow: INVITE, ACK, BYE, CANCEL, UPDATE, NOTIFY
${tail === '' ? 'Content-Length: 0' : tail}`;
}

const WITH_SDP = `Content-Type: application/sdp\nContent-Length: [len]\n\n${SIPP_SDP}`;

/** A response of sipp's to the last request. */
function response(status: string, tail = 'Content-Length: 0'): string {
  return `
SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:b@[local_ip]:[local_port]>
${tail}`;
}

const INSIDE_200 = (tail?: string): string =>
  sippSend(response('200 OK', tail).replace('[last_To:];tag=[call_number]', '[last_To:]'));

describe('reliable provisional responses', () => {
  test('sipp calls, demands them, and acknowledges ours', async () => {
    us = await startAgent(
      US,
      { listeners: [{ transport: 'udp', host: US, port: 5_060 }], reliable: 'supported' },
      (session) => {
        session.progress(183, sdpAt(US));
        session.answer(sdpAt(US));
      },
    );
    const steps = [
      sippSend(request('INVITE', 1, false, `Require: 100rel\n${WITH_SDP}`), 'retrans="500"'),
      '<recv response="100" optional="true"/>',
      '<recv response="183"><action><ereg regexp=".*" search_in="hdr" header="RSeq:" assign_to="rseq"/></action></recv>',
      sippSend(request('PRACK', 2, true, 'RAck: [$rseq] 1 INVITE\nContent-Length: 0'), 'retrans="500"'),
      '<recv response="200"/>',
      '<recv response="200"/>',
      sippSend(request('ACK', 1, true)),
      sippSend(request('BYE', 3, true), 'retrans="500"'),
      '<recv response="200"/>',
    ];
    const sipp = await runSipp([...at(CALLER), `${US}:5060`], sippScenario('prack', steps));
    const { code, output } = await sipp.done;
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  });

  test('sipp is called, and repeats its 183 until our PRACK', async () => {
    us = await startAgent(US, {
      listeners: [{ transport: 'udp', host: US, port: 5_060 }],
      reliable: 'required',
    });
    const reliable = `Require: 100rel\nRSeq: 4711\n${WITH_SDP}`;
    const steps = [
      '<recv request="INVITE"><action><ereg regexp="100rel" search_in="hdr" header="Require:" check_it="true" assign_to="1"/></action></recv>',
      '<nop><action><log message="[$1]"/></action></nop>',
      sippSend(response('183 Session Progress', reliable)),
      '<recv request="PRACK"><action><ereg regexp="4711 1 INVITE" search_in="hdr" header="RAck:" check_it="true" assign_to="2"/></action></recv>',
      '<nop><action><log message="[$2]"/></action></nop>',
      INSIDE_200(),
    ];
    const sipp = await runSipp(at(CALLEE), sippScenario('prack-uas', steps));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const session = us.agent.invite({
      to: address('udp', CALLEE, 5_060),
      requestUri: `sip:b@${CALLEE}`,
      from: { uri: `sip:us@${US}` },
      toUri: `sip:b@${CALLEE}`,
      sdp: sdpAt(US),
    });
    const ear = new Ear(session);
    expect(await ear.wait('progress')).toMatchObject({ status: 183, reliable: true });
    const { code, output } = await sipp.done;
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    session.hangUp();
  });
});

test('session timers: sipp asks for too little, gets 422, asks again, and refreshes by UPDATE', async () => {
  us = await startAgent(
    US,
    {
      listeners: [{ transport: 'udp', host: US, port: 5_060 }],
      sessionTimer: { expiresS: 1_800, minS: 120 },
    },
    (session) => session.answer(sdpAt(US)),
  );
  const timer = (seconds: number): string => `Supported: timer\nSession-Expires: ${seconds};refresher=uac\n`;
  const check = (header: string, regexp: string, to: number): string =>
    `<action><ereg regexp="${regexp}" search_in="hdr" header="${header}" check_it="true" assign_to="${to}"/></action>`;
  const steps = [
    sippSend(request('INVITE', 1, false, `${timer(60)}${WITH_SDP}`), 'retrans="500"'),
    '<recv response="100" optional="true"/>',
    `<recv response="422">${check('Min-SE:', '120', 1)}</recv>`,
    `<nop><action><log message="[$1]"/></action></nop>`,
    sippSend(request('ACK', 1, true)),
    sippSend(request('INVITE', 2, false, `${timer(150)}${WITH_SDP}`), 'retrans="500"'),
    '<recv response="100" optional="true"/>',
    `<recv response="200">${check('Session-Expires:', '150;refresher=uac', 2)}</recv>`,
    `<nop><action><log message="[$2]"/></action></nop>`,
    sippSend(request('ACK', 2, true)),
    sippSend(request('UPDATE', 3, true, `${timer(150)}Content-Length: 0`), 'retrans="500"'),
    `<recv response="200">${check('Session-Expires:', '150;refresher=uac', 3)}</recv>`,
    `<nop><action><log message="[$3]"/></action></nop>`,
    sippSend(request('BYE', 4, true), 'retrans="500"'),
    '<recv response="200"/>',
  ];
  const sipp = await runSipp([...at(CALLER), `${US}:5060`], sippScenario('timer', steps));
  const { code, output } = await sipp.done;
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

test('blind transfer through the B2BUA: three sipps, and each hears what it should', async () => {
  const bridge: B2bua = new B2bua({
    route: () => plan(CALLEE),
    transfer: () => plan(THIRD),
  });
  const plan = (host: string) => ({
    agent: { invite: (options: Parameters<TestAgent['agent']['invite']>[0]) => agentOf().invite(options) },
    invite: {
      to: address('udp', host, 5_060),
      requestUri: `sip:b@${host}`,
      from: { uri: `sip:shown@${US}` },
      toUri: `sip:b@${host}`,
    },
  });
  us = await startAgent(
    US,
    { listeners: [{ transport: 'udp', host: US, port: 5_060 }], onRefer: bridge.onRefer },
    (session) => bridge.onInvite(session, undefined),
  );
  const agentOf = (): TestAgent['agent'] => (us ?? raise()).agent;
  const callee = [
    '<recv request="INVITE"/>',
    sippSend(response('180 Ringing')),
    sippSend(response('200 OK', WITH_SDP), 'retrans="500"'),
    '<recv request="ACK"/>',
    '<recv request="INVITE"/>',
    INSIDE_200(WITH_SDP),
    '<recv request="ACK"/>',
    '<recv request="BYE"/>',
    INSIDE_200(),
  ];
  const third = [
    '<recv request="INVITE"/>',
    sippSend(response('200 OK', WITH_SDP), 'retrans="500"'),
    '<recv request="ACK"/>',
  ];
  const notify = (fragment: string): string =>
    `<recv request="NOTIFY"><action><ereg regexp="${fragment}" search_in="body" check_it="true" assign_to="1"/></action></recv><nop><action><log message="[$1]"/></action></nop>`;
  const caller = [
    sippSend(request('INVITE', 1, false, WITH_SDP), 'retrans="500"'),
    '<recv response="100" optional="true"/>',
    '<recv response="180" optional="true"/>',
    '<recv response="200"/>',
    sippSend(request('ACK', 1, true)),
    sippSend(
      request(
        'REFER',
        2,
        true,
        `Refer-To: <sip:c@${US}>\nReferred-By: <sip:a@[local_ip]>\nContent-Length: 0`,
      ),
    ),
    '<recv response="202"/>',
    notify('SIP/2.0 100'),
    INSIDE_200(),
    notify('SIP/2.0 200'),
    INSIDE_200(),
    '<recv request="BYE"/>',
    INSIDE_200(),
  ];
  const runs = [
    await runSipp(at(CALLEE), sippScenario('callee', callee)),
    await runSipp([...at(THIRD), `${US}:5060`], sippScenario('third', third)),
  ];
  await new Promise((resolve) => setTimeout(resolve, 300));
  runs.push(await runSipp([...at(CALLER), `${US}:5060`], sippScenario('caller', caller)));
  const [, thirdRun, callerRun] = runs;
  for (const run of [callerRun, thirdRun]) {
    const { code, output } = (await run?.done) ?? { code: null, output: '' };
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  }
  await until('the joined call', () => bridge.size === 1);
  bridge.stop();
  expect((await runs[0]?.done)?.code).toBe(0);
});

function raise(): never {
  throw new Error('not started');
}
