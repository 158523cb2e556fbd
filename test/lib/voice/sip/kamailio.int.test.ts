import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { IncomingRefer, Session } from '../../../../lib/voice/sip/api.ts';
import { type Kamailio, startKamailio } from '../../../../scripts/benches/kamailio.part.ts';
import { address, Ear, sdpAt, startAgent, type TestAgent, until } from './agents.ts';

const [CALLER, PROXY, CALLEE] = ['127.67.2.1', '127.67.2.2', '127.67.2.3'] as const;

/** Refuses what is not sane, and every request inside a dialog that does not come by its Record-Route. */
let proxy: Kamailio;
let caller: TestAgent;
let callee: TestAgent;
let refers: IncomingRefer[];

beforeAll(async () => {
  proxy = await startKamailio({ host: PROXY, port: 5_060, next: `sip:${CALLEE}:5060`, strict: true });
});

afterAll(() => proxy.stop());

beforeEach(async () => {
  refers = [];
  const habits = {
    reliable: 'supported',
    sessionTimer: { expiresS: 1_800 },
    onRefer: (refer: IncomingRefer) => void refers.push(refer),
  } as const;
  const at = (host: string) => ({ listeners: [{ transport: 'udp', host, port: 5_060 }] }) as const;
  caller = await startAgent(CALLER, { ...habits, ...at(CALLER) });
  callee = await startAgent(CALLEE, { ...habits, ...at(CALLEE) });
});

afterEach(async () => {
  await caller.agent.stop();
  await callee.agent.stop();
});

function call(user = 'callee'): { session: Session; ear: Ear } {
  const session = caller.agent.invite({
    to: address('udp', PROXY, 5_060),
    requestUri: `sip:${user}@${PROXY}`,
    from: { uri: `sip:caller@${CALLER}`, display: '受付' },
    toUri: `sip:${user}@${PROXY}`,
    sdp: sdpAt(CALLER),
  });
  return { session, ear: new Ear(session) };
}

async function talking() {
  const out = call();
  const incoming = await callee.call();
  incoming.session.answer(sdpAt(CALLEE));
  await out.ear.wait('answered');
  return { out, incoming };
}

test('through a strict record-routing proxy: reliable ringing, answer, and BYE from the callee', async () => {
  const { session, ear } = call();
  const incoming = await callee.call();
  incoming.session.progress(183, sdpAt(CALLEE, 30_002));
  const early = await ear.wait('progress');
  expect(early).toMatchObject({ status: 183, reliable: true });
  incoming.session.answer(sdpAt(CALLEE, 30_002));
  await ear.wait('answered');
  expect(session.snapshot()?.routeSet).toHaveLength(1);
  expect(session.snapshot()?.timer?.expiresS).toBe(1_800);
  incoming.session.hangUp({ cause: 16, text: 'bye' });
  expect((await ear.wait('ended')).reason?.cause).toBe(16);
});

test('offers from either side, by re-INVITE and by UPDATE, follow the route', async () => {
  const { out, incoming } = await talking();
  for (const [from, to, by] of [
    [out, incoming, 'INVITE'],
    [incoming, out, 'INVITE'],
    [out, incoming, 'UPDATE'],
    [incoming, out, 'UPDATE'],
  ] as const) {
    const before = to.ear.heard.length;
    const settled = new Promise((resolve) =>
      from.session.reinvite(sdpAt(CALLER, 30_010), resolve, { by, retries: 3 }),
    );
    const offer = await until(`an offer by ${by}`, () =>
      to.ear.heard.slice(before).find(({ type }) => type === 'offer'),
    );
    if (offer.type === 'offer') offer.answer(sdpAt(CALLEE, 30_012));
    expect(await settled).toMatchObject({ ok: true });
  }
  out.session.hangUp();
  await incoming.ear.wait('ended');
});

test('a REFER and its NOTIFYs follow the route', async () => {
  const { out, incoming } = await talking();
  const told: [number, boolean][] = [];
  incoming.session.refer?.({
    to: { uri: 'sip:c@192.0.2.1' },
    onProgress: (...progress) => told.push(progress),
  });
  const refer = await until('a REFER', () => refers[0]);
  refer.accept();
  refer.tell(180, false);
  refer.tell(486, true);
  await until('the end of it', () => told.at(-1)?.[1] === true);
  expect(told.map(([status]) => status)).toContain(202);
  expect(told.at(-1)).toEqual([486, true]);
  out.session.hangUp();
});

test('CANCEL, a refusal, and a caller with too few hops', async () => {
  const given = call();
  const incoming = await callee.call();
  incoming.session.progress(180);
  await given.ear.wait('progress');
  given.session.hangUp({ protocol: 'SIP', cause: 200, text: 'elsewhere' });
  await incoming.ear.wait('cancelled');
  expect((await given.ear.wait('failed')).status).toBe(487);
  const busy = call();
  (await callee.call(2)).session.reject(486, { cause: 17, text: 'busy' });
  expect(await busy.ear.wait('failed')).toMatchObject({ status: 486, reason: { cause: 17 } });
});
