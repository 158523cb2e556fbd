import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { UserAgentOptions } from '../../../../lib/voice/sip/api.ts';
import { testAuthority } from '../../../support/tls-authority.ts';
import { address, Ear, sdpAt, startAgent, type TestAgent, until } from './agents.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const US = '127.66.2.1';
const PEER = '127.66.2.2';
const PLENTY = { perSecond: 100_000, burst: 100_000 };

const agents: TestAgent[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const { agent } of agents.splice(0)) await agent.stop();
});

async function start(options: Partial<UserAgentOptions> = {}, host = US): Promise<TestAgent> {
  const listeners = [{ transport: 'tcp', host, port: 5060 }] as const;
  const agent = await startAgent(host, { listeners, rateLimit: PLENTY, ...options });
  agents.push(agent);
  return agent;
}

/** A connection of a stranger, with what it hears and whether it was closed on. */
function dial(host = US) {
  const socket = connect({ host, port: 5060 });
  sockets.push(socket);
  const heard = { text: '', closed: false };
  socket.on('data', (chunk) => {
    heard.text += chunk.toString();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    heard.closed = true;
  });
  return { socket, heard };
}

const peer = new ScriptedPeer(PEER, US);
const options = (callId: string): string => peer.compose({ method: 'OPTIONS', callId, sequence: 1 });

describe('a stranger’s connection', () => {
  test('that says nothing at all is closed after half a minute', async () => {
    const clock = new VirtualClock();
    await start({ clock });
    const { heard } = dial();
    await until('accepted', () => clock.names().includes('SIP idle'));
    clock.advance(29_000);
    expect(heard.closed).toBe(false);
    clock.advance(1_000);
    await until('closed', () => heard.closed);
  });

  test('that trickles a message byte by byte is closed after twenty seconds', async () => {
    const clock = new VirtualClock();
    await start({ clock });
    const { socket, heard } = dial();
    for (const byte of Buffer.from(options('slow')).subarray(0, 40)) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await until('watched', () => clock.names().includes('SIP whole message'));
    clock.advance(20_000);
    await until('closed', () => heard.closed);
  });

  test('that sends its message in pieces, but in time, is answered', async () => {
    await start();
    const { socket, heard } = dial();
    const bytes = Buffer.from(options('pieces'));
    for (let at = 0; at < bytes.length; at += 7) {
      socket.write(bytes.subarray(at, at + 7));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('answer', () => heard.text.startsWith('SIP/2.0 200 '));
  });

  test('that pings ten thousand times at once gets a few pongs', async () => {
    await start();
    const { socket, heard } = dial();
    socket.write(Buffer.from('\r\n\r\n'.repeat(10_000)));
    socket.write(Buffer.from(options('after')));
    await until('answer', () => heard.text.includes('SIP/2.0 200 '));
    expect(heard.text.indexOf('SIP/2.0')).toBeLessThan(2_000);
  });

  test('that asks and asks and never reads is closed, and takes no memory beyond its limit', async () => {
    const { agent } = await start();
    const { socket, heard } = dial();
    socket.pause();
    const many = Buffer.from(Array.from({ length: 200 }, (_, at) => options(`a${at}`)).join(''));
    for (let round = 0; round < 400 && !heard.closed && !socket.destroyed; round++) {
      socket.write(many);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (agent.counters.messagesReceived > 60_000) break;
    }
    socket.resume();
    await until('closed', () => heard.closed, 10_000);
  });

  test.each([
    ['two lengths that differ', 'Content-Length: 5\r\nl: 6\r\n'],
    ['a negative length', 'Content-Length: -1\r\n'],
    ['a length beyond every limit', 'Content-Length: 99999999999999999999\r\n'],
    ['no length', ''],
  ])('that frames with %s is closed on', async (_name, length) => {
    await start();
    const { socket, heard } = dial();
    socket.write(options('x').replace('Content-Length: 0\r\n', length));
    await until('closed', () => heard.closed);
    expect(heard.text).toBe('');
  });

  test('is one of 256 of its source at the most', async () => {
    const server = await start();
    const all = Array.from({ length: 300 }, () => dial());
    await until('the rest are closed', () => all.filter(({ heard }) => heard.closed).length >= 44, 10_000);
    const last = all.find(({ heard }) => !heard.closed);
    last?.socket.write(options('still'));
    await until('the others are served', () => last?.heard.text.includes(' 200 ') === true);
    expect(server.agent.counters.messagesReceived).toBe(1);
  });
});

test('who is shunned is closed on before he has said a word', async () => {
  const { agent } = await start({ shuns: ({ host }) => host !== US });
  const { heard } = dial();
  await until('closed', () => heard.closed);
  expect(agent.counters).toMatchObject({ dropped: 1, messagesReceived: 0 });
});

test('who is on no list is closed on before the handshake, and his datagrams are not read', async () => {
  const { cert: certPem, key: keyPem } = testAuthority().issue('cloud.engawa.example');
  const listeners = [
    { transport: 'tls', host: US, port: 5061, certPem, keyPem },
    { transport: 'udp', host: US, port: 5060 },
  ] as const;
  const { agent } = await start({ listeners, access: { allow: ['127.66.9.0/24'] } });
  const stranger = connectTls({ host: US, port: 5061, rejectUnauthorized: false });
  sockets.push(stranger);
  let shook = false;
  stranger.on('error', () => undefined);
  stranger.on('secureConnect', () => {
    shook = true;
  });
  await new Promise((resolve) => stranger.once('close', resolve));
  expect(shook).toBe(false);
  const before = agent.counters.dropped;
  await peer.start();
  peer.send(options('stranger'));
  await until('dropped', () => agent.counters.dropped > before);
  expect(peer.received).toEqual([]);
  peer.stop();
});

test.each(['udp', 'tcp'] as const)('a call over IPv6 and %s, there and back', async (transport) => {
  const six = (port: number) =>
    startAgent('::1', { listeners: [{ transport, host: '::1', port }] }, (session) =>
      session.answer(sdpAt(US)),
    );
  const [caller, called] = [await six(25_060), await six(25_062)];
  agents.push(caller, called);
  const session = caller.agent.invite({
    to: address(transport, '::1', 25_062),
    requestUri: 'sip:a@[::1]:25062',
    from: { uri: 'sip:b@[::1]:25060' },
    toUri: 'sip:a@[::1]:25062',
    sdp: sdpAt(US),
  });
  const ear = new Ear(session);
  await ear.wait('answered');
  called.calls[0]?.session.hangUp();
  await ear.wait('ended');
});

describe('a request that is too large for a datagram', () => {
  const large = `${sdpAt(US)}${'a=x-padding:0123456789012345678901234567890123456789\r\n'.repeat(30)}`;

  async function callLarge(peerListens: readonly ('udp' | 'tcp')[]) {
    const us = await start({ listeners: [{ transport: 'udp', host: US, port: 5060 }] });
    const listeners = peerListens.map((transport) => ({ transport, host: PEER, port: 5060 }) as const);
    const called = await start({ listeners }, PEER);
    const session = us.agent.invite({
      to: address('udp', PEER, 5060),
      requestUri: `sip:a@${PEER}`,
      from: { uri: `sip:b@${US}` },
      toUri: `sip:a@${PEER}`,
      sdp: large,
    });
    return { us, called, session, ear: new Ear(session) };
  }

  test('goes over TCP, and the call with it (RFC 3261 §18.1.1)', async () => {
    const { called, session, ear } = await callLarge(['udp', 'tcp']);
    const taken = await called.call();
    expect(taken.session.invite.source.transport).toBe('tcp');
    expect(taken.session.invite.sdp).toBe(large);
    taken.session.answer(sdpAt(PEER));
    await ear.wait('answered');
    session.hangUp();
    await taken.ear.wait('ended');
  });

  test('goes as a datagram after all where nobody takes the connection, and the next one at once', async () => {
    const { us, called, ear } = await callLarge(['udp']);
    const taken = await called.call();
    expect(taken.session.invite.source.transport).toBe('udp');
    taken.session.answer(sdpAt(PEER));
    await ear.wait('answered');
    const again = us.agent.invite({
      to: address('udp', PEER, 5060),
      requestUri: `sip:a@${PEER}`,
      from: { uri: `sip:b@${US}` },
      toUri: `sip:a@${PEER}`,
      sdp: large,
    });
    const second = new Ear(again);
    (await called.call(2)).session.answer(sdpAt(PEER));
    await second.wait('answered');
  });
});

test('UDP: two empty lines are answered with one, to who may ask', async () => {
  await start({ listeners: [{ transport: 'udp', host: US, port: 5060 }] });
  const pinger = new ScriptedPeer('127.66.2.3', US);
  await pinger.start();
  const answers: number[] = [];
  pinger.raw((bytes) => answers.push(bytes.length));
  pinger.send('\r\n\r\n');
  pinger.send('\r\n');
  pinger.send('\0\0');
  await until('pong', () => answers.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(answers).toEqual([2]);
  pinger.stop();
});
