import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { RegistrationState } from '../../../../lib/voice/sip/api.ts';
import { testAuthority } from '../../../support/tls-authority.ts';
import { address, Ear, sdpAt, startAgent, until } from './agents.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const US = '127.51.4.1';
const PEER = '127.51.4.2';

test('a call over TCP, both ways over one connection', async () => {
  const server = await startAgent(
    PEER,
    { listeners: [{ transport: 'tcp', host: PEER, port: 5060 }] },
    (session) => session.answer(sdpAt(PEER)),
  );
  const client = await startAgent(US, {});
  const session = client.agent.invite({
    to: address('tcp', PEER, 5060),
    requestUri: `sip:a@${PEER}`,
    from: { uri: `sip:b@${US}` },
    toUri: `sip:a@${PEER}`,
    sdp: sdpAt(US),
  });
  const ear = new Ear(session);
  await ear.wait('answered');
  server.calls[0]?.session.hangUp();
  await ear.wait('ended');
  await client.agent.stop();
  await server.agent.stop();
});

test('a connection whose peer has vanished is found out by its missing pong, and made anew', async () => {
  const clock = new VirtualClock();
  const sockets: Socket[] = [];
  const received: string[] = [];
  // Accepts, answers nothing: what a peer behind a broken path looks like.
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (chunk) => received.push(chunk.toString()));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen({ host: PEER, port: 5060 }, () => resolve()));
  const client = await startAgent(US, { clock });
  const states: RegistrationState[] = [];
  client.agent.register({
    registrar: address('tcp', PEER, 5060),
    serverName: PEER,
    domain: PEER,
    credentials: { user: 'a', password: 'b' },
    expiresS: 60,
    onState: (state) => states.push(state),
  });
  await until('REGISTER', () => received.join('').includes('REGISTER'));
  clock.advance(20_000);
  await until('ping', () => received.join('').endsWith('\r\n\r\n\r\n\r\n'));
  clock.advance(10_000);
  expect(await until('failure', () => states.find((state) => state.at === 'failed'))).toMatchObject({
    status: 503,
  });
  clock.advance(2_000);
  await until('a second connection', () => sockets.length === 2);
  await client.agent.stop();
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test('an accepted connection that says nothing for a quarter of an hour is closed', async () => {
  const clock = new VirtualClock();
  const server = await startAgent(PEER, { clock, listeners: [{ transport: 'tcp', host: PEER, port: 5060 }] });
  const socket = connect({ host: PEER, port: 5060 });
  await until('accepted', () => clock.names().includes('SIP idle'));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  clock.advance(900_000);
  await closed;
  await server.agent.stop();
});

test('a request from a source that is not admitted is dropped before it is parsed; answers pass', async () => {
  const us = await startAgent(US, {
    listeners: [{ transport: 'udp', host: US, port: 5060 }],
    admits: () => false,
  });
  const peer = new ScriptedPeer(PEER, US);
  await peer.start();
  peer.send(peer.compose({ method: 'OPTIONS', callId: 'x', sequence: 1 }));
  await until('drop', () => us.agent.counters.dropped === 1);
  const session = us.agent.invite({
    to: address('udp', PEER, 5060),
    requestUri: `sip:a@${PEER}`,
    from: { uri: `sip:b@${US}` },
    toUri: `sip:a@${PEER}`,
    sdp: sdpAt(US),
  });
  const ear = new Ear(session);
  peer.answer(await peer.request('INVITE'), 603);
  expect(await ear.wait('failed')).toMatchObject({ status: 603 });
  expect(peer.responses(200, 'OPTIONS')).toEqual([]);
  peer.stop();
  await us.agent.stop();
});

test('a source above its rate is limited and counted', async () => {
  const us = await startAgent(US, {
    listeners: [{ transport: 'udp', host: US, port: 5060 }],
    rateLimit: { perSecond: 1, burst: 5 },
  });
  const peer = new ScriptedPeer(PEER, US);
  await peer.start();
  for (let at = 0; at < 20; at++)
    peer.send(peer.compose({ method: 'OPTIONS', callId: `r${at}`, sequence: 1 }));
  await until('limit', () => us.agent.counters.rateLimited >= 14);
  expect(peer.responses(200, 'OPTIONS').length).toBeLessThanOrEqual(6);
  peer.stop();
  await us.agent.stop();
});

test.each(['tcp', 'tls'] as const)(
  'connections over %s above the rate are closed before they cost anything',
  async (transport) => {
    const { cert, key } = testAuthority().issue('cloud.engawa.example');
    const place = { host: PEER, port: 5061 };
    const listener =
      transport === 'tls'
        ? ({ transport, ...place, certPem: cert, keyPem: key } as const)
        : ({ transport, ...place } as const);
    const server = await startAgent(PEER, { listeners: [listener], rateLimit: { perSecond: 1, burst: 2 } });
    const sockets = Array.from({ length: 8 }, () => connect(place));
    const closed: Socket[] = [];
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => closed.push(socket));
    }
    await until('limit', () => server.agent.counters.rateLimited >= 5 && closed.length >= 5);
    for (const socket of sockets) socket.destroy();
    await server.agent.stop();
  },
);
