import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { UserAgentOptions } from '../../../../lib/voice/sip/api.ts';
import { registrar, sdpAt, startAgent, until } from './agents.ts';
import { mutate } from './mutate.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const US = '127.51.6.1';
const PEER = '127.51.6.2';

/** An exception anywhere behind the socket would end the test run: nothing is caught on the way. */
test.each([
  ['the telephone network’s side', {}],
  ['a registrar', { registrar: registrar() }],
] as [string, Partial<UserAgentOptions>][])(
  '%s: 4,000 mutated messages, inside and outside a call, do no harm, and nothing is left of them',
  async (_name, options) => {
    const clock = new VirtualClock();
    const rateLimit = { perSecond: 100_000, burst: 100_000 };
    const listeners = [{ transport: 'udp', host: US, port: 5060 }] as const;
    const admits = (): boolean => true;
    const us = await startAgent(US, { clock, listeners, rateLimit, admits, ...options }, (session) => {
      session.progress(180);
      session.answer(sdpAt(US));
    });
    const peer = new ScriptedPeer(PEER, US);
    await peer.start();
    peer.send(peer.compose({ method: 'INVITE', callId: 'call', sequence: 1, body: sdpAt(PEER) }));
    const toTag = (await peer.response(200, 'INVITE')).toTag;
    const seeds = readdirSync('test/vectors/rfc4475')
      .filter((name) => name.endsWith('.dat'))
      .map((name) => readFileSync(`test/vectors/rfc4475/${name}`));
    for (const method of ['ACK', 'INVITE', 'UPDATE', 'OPTIONS', 'CANCEL', 'BYE', 'REGISTER']) {
      const inside = peer.compose({ method, callId: 'call', sequence: 2, toTag, body: sdpAt(PEER) });
      for (let copy = 0; copy < 6; copy++) seeds.push(Buffer.from(inside));
    }
    const random = seededRandom(3261);
    for (let sent = 0; sent < 4_000; sent++) {
      const seed = seeds[Math.floor(random.fraction() * seeds.length)] ?? Buffer.alloc(0);
      // A fresh branch for each, or the second of a kind would only be a retransmission.
      const fresh = seed.toString('latin1').replace('branch=z9hG4bK', `branch=z9hG4bK${sent}`);
      peer.send(mutate(Buffer.from(fresh, 'latin1'), random));
      if (sent % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until('all seen', () => us.agent.counters.messagesReceived > 3_500);
    peer.send(peer.compose({ method: 'OPTIONS', callId: 'after', sequence: 1 }));
    await until('still answers', () => peer.received.some((one) => one.callId === 'after'));
    expect(us.agent.counters.rejected).toBeGreaterThan(100);
    expect(us.agent.counters.dropped).toBeGreaterThan(100);
    for (const { session } of us.calls) session.hangUp();
    for (let minute = 0; minute < 12; minute++) {
      clock.advance(60_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    clock.advance(3_600_000);
    expect(clock.names()).toEqual([]);
    peer.stop();
    await us.agent.stop();
  },
);

test('TCP: 3,000 mutated messages over 300 connections, cut anywhere, do no harm', async () => {
  const listeners = [{ transport: 'tcp', host: US, port: 5060 }] as const;
  const rateLimit = { perSecond: 100_000, burst: 100_000 };
  const us = await startAgent(US, { listeners, rateLimit, registrar: registrar() }, (session) =>
    session.reject(486),
  );
  const seeds = readdirSync('test/vectors/rfc4475')
    .filter((name) => name.endsWith('.dat'))
    .map((name) => readFileSync(`test/vectors/rfc4475/${name}`));
  const peer = new ScriptedPeer(PEER, US);
  for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'BYE'])
    for (let copy = 0; copy < 6; copy++)
      seeds.push(Buffer.from(peer.compose({ method, callId: `tcp${copy}`, sequence: 1, body: sdpAt(PEER) })));
  const random = seededRandom(5_626);
  const pick = (below: number): number => Math.floor(random.fraction() * below);
  for (let round = 0; round < 300; round++) {
    const socket = connect({ host: US, port: 5060 });
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    const messages = Array.from({ length: 10 }, () =>
      mutate(seeds[pick(seeds.length)] ?? Buffer.alloc(0), random),
    );
    const stream = Buffer.concat(messages);
    for (let at = 0; at < stream.length; ) {
      const end = at + 1 + pick(1_500);
      socket.write(stream.subarray(at, end));
      at = end;
    }
    if (pick(3) === 0) socket.destroy();
    else socket.end();
    if (round % 30 === 29) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const last = connect({ host: US, port: 5060 });
  let heard = '';
  last.on('data', (chunk) => {
    heard += chunk.toString();
  });
  last.write(peer.compose({ method: 'OPTIONS', callId: 'after', sequence: 1 }));
  await until('still answers', () => heard.includes('Call-ID: after'), 10_000);
  last.destroy();
  expect(us.agent.counters.rejected).toBeGreaterThan(50);
  await us.agent.stop();
});
