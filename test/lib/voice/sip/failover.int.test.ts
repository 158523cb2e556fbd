import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { RegistrationState, UserAgentOptions } from '../../../../lib/voice/sip/api.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { responseTo } from '../../../../lib/voice/sip/codec/respond.ts';
import { writeResponse } from '../../../../lib/voice/sip/codec/write.ts';
import type { Resolver } from '../../../../lib/voice/sip/transport/resolver.ts';
import { type TestAuthority, testAuthority } from '../../../support/tls-authority.ts';
import {
  DOMAIN,
  Ear,
  PASSWORD,
  registrar,
  SERVER_NAME,
  sdpAt,
  startAgent,
  type TestAgent,
  until,
} from './agents.ts';

const FIRST = '127.66.1.1';
const SECOND = '127.66.1.2';
const BOX = '127.66.1.30';
const USER = 'id-000001-1';
const TRUNK = { transport: 'tls', host: SERVER_NAME, port: 5061, srv: true } as const;

/** Two places of one service: the first is wanted, the second is for when it is gone. */
const places: Resolver = {
  srv: async () => [
    { name: 'first.example', port: 5061, priority: 10, weight: 0 },
    { name: 'second.example', port: 5061, priority: 20, weight: 0 },
  ],
  addresses: async (name) => (name === 'first.example' ? [FIRST] : [SECOND]),
};

let authority: TestAuthority;
let certificate: { readonly cert: string; readonly key: string };
const agents: TestAgent[] = [];

beforeAll(() => {
  authority = testAuthority();
  certificate = authority.issue(SERVER_NAME);
});

afterEach(async () => {
  for (const { agent } of agents.splice(0)) await agent.stop();
});

async function startPlace(host: string, options: Partial<UserAgentOptions> = {}) {
  const { cert: certPem, key: keyPem } = certificate;
  const port = registrar();
  const listeners = [{ transport: 'tls', host, port: 5061, certPem, keyPem }] as const;
  const place = await startAgent(host, { listeners, registrar: port, ...options });
  agents.push(place);
  return { place, port };
}

async function startBox() {
  const clock = new VirtualClock();
  const { caPem } = authority;
  const box = await startAgent(BOX, { clock, caPem, tlsServerName: SERVER_NAME, resolver: places });
  agents.push(box);
  const states: RegistrationState[] = [];
  box.agent.register({
    ...{ registrar: TRUNK, serverName: SERVER_NAME, domain: DOMAIN, expiresS: 600 },
    credentials: { user: USER, password: PASSWORD },
    onState: (state) => states.push(state),
  });
  /** Lets time pass in small steps until `check` holds, so that timers and sockets both have their turn. */
  const pass = (what: string, stepMs: number, check: () => boolean): Promise<unknown> =>
    until(what, () => {
      if (check()) return true;
      clock.advance(stepMs);
      return false;
    });
  return { box, clock, states, pass };
}

describe('the trunk, where the service has two places', () => {
  test('goes to the first by SRV; when that dies, to the second; back to the first when it is there again', async () => {
    const first = await startPlace(FIRST);
    const second = await startPlace(SECOND);
    const { pass } = await startBox();
    await pass('registered at the first', 0, () => first.port.bound.get(USER) === true);
    expect(second.port.bound.size).toBe(0);
    await first.place.agent.stop();
    await pass('registered at the second', 50, () => second.port.bound.get(USER) === true);
    const again = await startPlace(FIRST);
    await pass('back at the first', 1_000, () => again.port.bound.get(USER) === true);
    await pass('the old way is closed', 1_000, () => second.port.bound.get(USER) === false);
    await again.place.agent.stop();
    await pass('and at the second once more', 50, () => second.port.bound.get(USER) === true);
  });

  test('a place that is down from the start, or takes a connection and says nothing, is passed over', async () => {
    const sockets: Socket[] = [];
    const dumb = createServer((socket) => {
      socket.on('error', () => undefined);
      sockets.push(socket);
    });
    await new Promise<void>((resolve) => dumb.listen({ host: FIRST, port: 5061 }, () => resolve()));
    const second = await startPlace(SECOND);
    const { pass } = await startBox();
    await until('a connection to the dumb one', () => sockets.length === 1);
    await pass('registered at the second', 500, () => second.port.bound.get(USER) === true);
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => dumb.close(() => resolve()));
  });

  test('a place that answers 503 is left for the other (RFC 3263 §4.3)', async () => {
    const sockets: Socket[] = [];
    const { cert, key } = certificate;
    const busy = createTlsServer({ cert, key }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => {
        const result = parseMessage(bytes);
        if (result.kind !== 'ok' || result.message.kind !== 'request') return;
        socket.write(writeResponse(responseTo(result.message, { host: BOX, port: 1 }, 503, { toTag: 'x' })));
      });
    });
    await new Promise<void>((resolve) => busy.listen({ host: FIRST, port: 5061 }, () => resolve()));
    const second = await startPlace(SECOND);
    const { pass, states } = await startBox();
    await until('refused', () => states.some((state) => state.at === 'failed' && state.status === 503));
    await pass('registered at the second', 100, () => second.port.bound.get(USER) === true);
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => busy.close(() => resolve()));
  });

  test('over UDP: a place that never answers is left for the other', async () => {
    const clock = new VirtualClock();
    const port = registrar();
    const listeners = [{ transport: 'udp', host: SECOND, port: 5061 }] as const;
    agents.push(await startAgent(SECOND, { listeners, registrar: port }));
    const silent = createSocket('udp4');
    let asked = 0;
    silent.on('message', () => asked++);
    await new Promise<void>((resolve) => silent.bind(5061, FIRST, () => resolve()));
    const box = await startAgent(BOX, {
      ...{ clock, resolver: places, listeners: [{ transport: 'udp', host: BOX, port: 5060 }] },
    });
    agents.push(box);
    box.agent.register({
      ...{
        registrar: { ...TRUNK, transport: 'udp' },
        serverName: SERVER_NAME,
        domain: DOMAIN,
        expiresS: 600,
      },
      credentials: { user: USER, password: PASSWORD },
      onState: () => undefined,
    });
    await until('registered at the second', () => {
      clock.advance(500);
      return port.bound.get(USER) === true;
    });
    expect(asked).toBeGreaterThan(3);
    silent.close();
  });

  test('while a call is up nothing moves', async () => {
    const second = await startPlace(SECOND);
    const { box, clock, pass } = await startBox();
    await pass('registered at the second', 50, () => second.port.bound.get(USER) === true);
    const session = box.agent.invite({
      ...{ to: TRUNK, requestUri: `sip:1@${DOMAIN}`, toUri: `sip:1@${DOMAIN}`, sdp: sdpAt(BOX) },
      from: { uri: `sip:${USER}@${DOMAIN}` },
      credentials: { user: USER, password: PASSWORD },
    });
    const ear = new Ear(session);
    const called = await second.place.call();
    called.session.answer(sdpAt(SECOND));
    await ear.wait('answered');
    const first = await startPlace(FIRST);
    for (let s = 0; s < 20; s++) {
      clock.advance(5_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(first.port.bound.size).toBe(0);
    session.hangUp();
    await called.ear.wait('ended');
    await pass('back at the first', 1_000, () => first.port.bound.get(USER) === true);
  });
});
