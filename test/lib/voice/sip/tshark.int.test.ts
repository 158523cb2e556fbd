import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../../lib/base/clock.ts';
import { silentLog } from '../../../../lib/base/log.ts';
import { systemRandom } from '../../../../lib/base/random.ts';
import type { Session, UserAgentOptions } from '../../../../lib/voice/sip/api.ts';
import type { MakeSockets } from '../../../../lib/voice/sip/core.ts';
import type { Flow } from '../../../../lib/voice/sip/transport/flow.ts';
import { Transport } from '../../../../lib/voice/sip/transport/transport.ts';
import { createUserAgent } from '../../../../lib/voice/sip/user-agent.ts';
import { type Captured, pcapOf } from '../../../support/pcap.ts';
import { address, DOMAIN, Ear, PASSWORD, registrar, sdpAt, until } from './agents.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const BOX = '127.66.4.1';
const PHONE = '127.66.4.2';
const USER = 'id-000001-1';

/** Everything that our side puts on a wire, in its order. */
const sent: Captured[] = [];
const tapped = new WeakSet<Flow>();

/** Writes down what a flow sends, and what goes to other ports of the same peer. */
function tap(flow: Flow | undefined): Flow | undefined {
  if (flow === undefined || tapped.has(flow)) return flow;
  tapped.add(flow);
  const send = flow.send.bind(flow);
  const atPort = flow.atPort?.bind(flow);
  return Object.assign(flow, {
    send(bytes: Buffer, failed: (say: string) => void) {
      sent.push({ atMs: sent.length * 10, fromPort: 5_060, toPort: 5_060, payload: bytes });
      send(bytes, failed);
    },
    ...(atPort === undefined ? {} : { atPort: (port: number) => tap(atPort(port)) }),
  });
}

const tappedSockets: MakeSockets = (options, counters, message, idle) => {
  const sockets = new Transport(options, counters, {
    message: (bytes, flow) => message(bytes, tap(flow) ?? flow),
    idle,
  });
  return {
    start: () => sockets.start(),
    stop: () => sockets.stop(),
    flowTo: (to) => tap(sockets.flowTo(to)),
    expectServerName: (to, name) => sockets.expectServerName(to, name),
    distrust: (flow) => sockets.distrust(flow),
  };
};

const calls: Session[] = [];
let folder: string;
const options = (host: string, more: Partial<UserAgentOptions>): UserAgentOptions => ({
  ...{ clock: systemClock, random: systemRandom, log: silentLog(), product: 'Engawa test', localHost: host },
  listeners: [
    { transport: 'udp', host, port: 5060 },
    { transport: 'tcp', host, port: 5060 },
  ],
  onInvite: (session) => calls.push(session),
  reliable: 'supported',
  sessionTimer: { expiresS: 1_800 },
  ...more,
});
const box = createUserAgent(
  options(BOX, {
    registrar: { ...registrar(), algorithms: ['SHA-256', 'MD5'] },
    onRefer: (refer) => {
      refer.accept();
      refer.tell(100, false);
      refer.tell(200, true);
    },
    events: {
      permits: () => 200,
      stateOf: (_subscription, version) => ({
        contentType: 'application/dialog-info+xml',
        body: `<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="sip:受付@x"/>`,
      }),
    },
  }),
  tappedSockets,
);
const phone = createUserAgent(options(PHONE, {}), tappedSockets);
const guest = new ScriptedPeer('127.66.4.3', BOX);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-tshark-'));
  await box.start();
  await phone.start();
  await guest.start();
});

afterAll(async () => {
  guest.stop();
  await phone.stop();
  await box.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One call from the phone to the box, with a name in Japanese. */
function call(transport: 'udp' | 'tcp', sdp = sdpAt(PHONE)) {
  const session = phone.invite({
    to: address(transport, BOX, 5060),
    requestUri: `sip:0355550123@${BOX};user=phone`,
    from: { uri: `sip:${USER}@${DOMAIN}`, display: '受付 "一番" \\' },
    toUri: `sip:0355550123@${BOX}`,
    sdp,
    headers: [['P-Preferred-Identity', '"縁側商店" <sip:0355550100@engawa.example>']],
    credentials: { user: USER, password: PASSWORD },
  });
  return { session, ear: new Ear(session) };
}

async function everythingThatWeSay(): Promise<void> {
  for (const transport of ['udp', 'tcp'] as const) {
    const states: string[] = [];
    const registration = phone.register({
      registrar: address(transport, BOX, 5060),
      ...{ serverName: BOX, domain: DOMAIN, expiresS: 60 },
      credentials: { user: USER, password: PASSWORD },
      onState: (state) => states.push(state.at),
    });
    await until('registered', () => states.includes('registered'));
    // A call that is answered, changed from both sides, and ended with a reason.
    const { session, ear } = call(
      transport,
      transport === 'udp' ? sdpAt(PHONE) : `${sdpAt(PHONE)}a=x:受付\r\n`,
    );
    const taken = await until('call', () => calls.shift());
    const takenEar = new Ear(taken);
    taken.progress(183, sdpAt(BOX));
    await ear.wait('progress');
    taken.answer(sdpAt(BOX));
    await ear.wait('answered');
    const offers: boolean[] = [];
    session.reinvite(sdpAt(PHONE, 30_002), ({ ok }) => offers.push(ok));
    (await takenEar.wait('offer')).answer(sdpAt(BOX, 30_004));
    await until('offer settled', () => offers.length === 1);
    const told: number[] = [];
    session.refer?.({
      to: { uri: 'tel:+81-3-5555-0199' },
      referredBy: `sip:${USER}@${DOMAIN}`,
      onProgress: (status, final) => told.push(final ? -status : status),
    });
    await until('referred', () => told.some((status) => status < 0));
    taken.hangUp({ cause: 16, text: '通話終了' });
    await ear.wait('ended');
    // One that is refused, and one that is given up.
    const refused = call(transport);
    (await until('call', () => calls.shift())).reject(486, { cause: 17, text: '話中' }, [
      ['X-Engawa-Why', 'line.busy'],
    ]);
    await refused.ear.wait('failed');
    const given = call(transport);
    const ringing = await until('call', () => calls.shift());
    // Long enough for a 100 Trying.
    await new Promise((resolve) => setTimeout(resolve, 300));
    ringing.progress(180);
    await given.ear.wait('progress');
    given.session.hangUp({ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' });
    await given.ear.wait('failed');
    await box.request({
      to: { registration: USER },
      method: 'NOTIFY',
      from: { uri: `sip:box@${BOX}` },
      headers: [
        ['Event', 'check-sync'],
        ['Subscription-State', 'active'],
      ],
    });
    await registration.stop();
  }
}

/** What we say to a stranger: refusals of every kind, to whole and to broken requests. */
async function everythingThatWeRefuse(): Promise<void> {
  const ask = (method: string, extra: readonly string[] = []): string =>
    guest.compose({ method, callId: `${method}${extra.length}`, sequence: 1, extra });
  const broken = [
    ask('OPTIONS'),
    ask('UNHEARD'),
    ask('INVITE', ['Require: magic']),
    ask('SUBSCRIBE', ['Event: dialog']),
    ask('BYE'),
    ask('OPTIONS', ['Date: never']),
    ask('OPTIONS', ['X: a\0b', 'Y']).replaceAll('branch=', ';;branch='),
    ask('OPTIONS', ['a: 受']).replace('SIP/2.0\r\n', 'SIP/3.0\r\n'),
    ask('REGISTER').replace('CSeq: 1', 'CSeq: 99999999999'),
    ask('MESSAGE').replace('From: <', 'From: "open <'),
  ];
  for (const text of broken) guest.send(text);
  await until('answers', () => guest.received.length >= broken.length - 3);
}

test('tshark understands everything that we send, and finds no malformed packet and no error in it', async () => {
  await everythingThatWeSay();
  await everythingThatWeRefuse();
  const file = join(folder, 'sent.pcap');
  writeFileSync(file, pcapOf(sent));
  const fields = ['frame.protocols', 'sip.Method', 'sip.Status-Code', '_ws.malformed', '_ws.expert.message'];
  const text = execFileSync(
    'tshark',
    ['-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field]), '-E', 'separator=|'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const packets = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|'));
  const messages = sent.filter(({ payload }) => payload.length > 4).length;
  expect(packets.filter(([protocols]) => protocols?.includes('sip') === true).length).toBe(messages);
  expect(packets.filter(([, , , malformed]) => malformed !== '')).toEqual([]);
  const methods = new Set(packets.map(([, method]) => method));
  const all = ['ACK', 'BYE', 'CANCEL', 'INVITE', 'NOTIFY', 'PRACK', 'REFER', 'REGISTER'];
  expect(all.filter((method) => !methods.has(method))).toEqual([]);
  const statuses = new Set(packets.map(([, , status]) => status));
  const said = [
    '100',
    '180',
    '183',
    '200',
    '202',
    '400',
    '401',
    '407',
    '420',
    '481',
    '486',
    '487',
    '501',
    '505',
  ];
  expect(said.filter((status) => !statuses.has(status))).toEqual([]);
  expect(packets.filter(([protocols]) => protocols?.includes('sdp') === true).length).toBeGreaterThan(10);
  expect(
    packets.map(([, , , , expert]) => expert).filter((say) => say?.includes('alformed') === true),
  ).toEqual([]);
});
