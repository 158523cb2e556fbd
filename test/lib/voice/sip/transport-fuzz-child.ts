// Runs apart from the test runner, whose wrapping of modules makes code like this ten times as dear.
import { readdirSync, readFileSync } from 'node:fs';
import { silentLog } from '../../../../lib/base/log.ts';
import { seededRandom } from '../../../../lib/base/random.ts';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { Session, SipAddress } from '../../../../lib/voice/sip/api.ts';
import type { MakeSockets } from '../../../../lib/voice/sip/core.ts';
import type { Flow } from '../../../../lib/voice/sip/transport/flow.ts';
import { createUserAgent } from '../../../../lib/voice/sip/user-agent.ts';
import { registrar, sdpAt } from './agents.ts';
import { mutate } from './mutate.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const MESSAGES = 100_000;
const LIMIT_MS = 20;
const SEED = Number(process.env['FUZZ_SEED'] ?? 5_060);
const US = '192.0.2.1';
const PEER: SipAddress = { transport: 'udp', host: '192.0.2.2', port: 5_060 };

const clock = new VirtualClock();
const sent: Buffer[] = [];
let hear: (bytes: Buffer, flow: Flow) => void = () => undefined;

const flow: Flow = {
  transport: 'udp',
  reliable: false,
  remote: PEER,
  outgoing: false,
  sentBy: `${US}:5060`,
  open: true,
  send: (bytes) => {
    sent.push(bytes);
  },
  onClose: () => () => undefined,
};

const sockets: MakeSockets = (_options, counters, message) => {
  hear = (bytes, from) => {
    counters.messagesReceived++;
    message(bytes, from);
  };
  return {
    start: async () => undefined,
    stop: async () => undefined,
    flowTo: () => flow,
    expectServerName: () => undefined,
  };
};

const calls: Session[] = [];
const agent = createUserAgent(
  {
    ...{
      clock,
      random: seededRandom(SEED),
      log: silentLog(),
      product: 'Engawa test',
      listeners: [],
      localHost: US,
    },
    registrar: registrar(),
    admits: () => true,
    reliable: 'supported',
    sessionTimer: { expiresS: 1_800 },
    replaces: 'matched',
    onRefer: (refer) => refer.refuse(603),
    onInvite: (session) => {
      session.listen((event) => {
        if (event.type === 'offer') event.answer(sdpAt(US));
      });
      session.progress(180);
      session.answer(sdpAt(US));
      if (calls.length < 50) calls.push(session);
      else session.hangUp();
    },
  },
  sockets,
);
await agent.start();

/** Messages inside and outside a call, whole ones of ours among them. */
function corpus(): Buffer[] {
  const seeds = readdirSync('test/vectors/rfc4475')
    .filter((name) => name.endsWith('.dat'))
    .map((name) => readFileSync(`test/vectors/rfc4475/${name}`));
  const peer = new ScriptedPeer(PEER.host, US);
  hear(
    Buffer.from(peer.compose({ method: 'INVITE', callId: 'call', sequence: 1, body: sdpAt(PEER.host) })),
    flow,
  );
  const answer =
    sent.map((bytes) => bytes.toString('latin1')).find((text) => text.startsWith('SIP/2.0 200')) ?? '';
  const toTag = /^To:.*;tag=(\S+)/im.exec(answer)?.[1] ?? '';
  for (const method of [
    'ACK',
    'INVITE',
    'UPDATE',
    'OPTIONS',
    'CANCEL',
    'BYE',
    'REGISTER',
    'REFER',
    'PRACK',
    'SUBSCRIBE',
  ]) {
    const inside = peer.compose({ method, callId: 'call', sequence: 2, toTag, body: sdpAt(PEER.host) });
    const outside = peer.compose({ method, callId: 'other', sequence: 1, body: sdpAt(PEER.host) });
    for (let copy = 0; copy < 4; copy++) seeds.push(Buffer.from(inside), Buffer.from(outside));
  }
  return [...seeds, ...sent.splice(0)];
}

const seeds = corpus();
const random = seededRandom(SEED);
/** Those that took over the limit, by their number. */
const slow: number[] = [];
for (let count = 0; count < MESSAGES; count++) {
  const seed = seeds[Math.floor(random.fraction() * seeds.length)] ?? Buffer.alloc(0);
  // A fresh branch for each, or the second of a kind would only be a retransmission.
  const fresh = seed.toString('latin1').replace('branch=z9hG4bK', `branch=z9hG4bK${count}`);
  const bytes = mutate(Buffer.from(fresh, 'latin1'), random);
  // Its own time, not that of whoever else has the machine.
  const before = process.cpuUsage();
  try {
    hear(bytes, flow);
  } catch (error) {
    throw new Error(`message ${count} of seed ${SEED}: ${bytes.toString('hex')}`, { cause: error });
  }
  const { user, system } = process.cpuUsage(before);
  if (user + system >= LIMIT_MS * 1_000) slow.push(count);
  clock.advance(20);
  sent.length = 0;
  if (count % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
}
for (const session of calls) session.hangUp();
for (let hour = 0; hour < 3; hour++) {
  clock.advance(3_600_000);
  await new Promise((resolve) => setImmediate(resolve));
}
const left = [...new Set(clock.names())];
const { messagesReceived: received, rejected, dropped } = agent.counters;
process.stdout.write(JSON.stringify({ received, rejected, dropped, slow, left, figures: agent.figures?.() }));
