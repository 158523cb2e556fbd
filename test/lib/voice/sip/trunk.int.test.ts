import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StartupError } from '../../../../lib/base/errors.ts';
import type { RegistrationState, UserAgentOptions } from '../../../../lib/voice/sip/api.ts';
import { type TestAuthority, testAuthority } from '../../../support/tls-authority.ts';
import {
  address,
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

const CLOUD = '127.51.1.10';
const BOX = '127.51.1.30';
const TLS = address('tls', CLOUD, 5061);
const USER = 'id-000001-1';

let authority: TestAuthority;
let certificate: { readonly cert: string; readonly key: string };
let port: ReturnType<typeof registrar>;
let cloud: TestAgent;
let box: TestAgent;

beforeAll(() => {
  authority = testAuthority();
  certificate = authority.issue(SERVER_NAME);
});

beforeEach(async () => {
  port = registrar();
  cloud = await startCloud();
  box = await startBox();
});

afterEach(async () => {
  await box.agent.stop();
  await cloud.agent.stop();
});

function startCloud(options: Partial<UserAgentOptions> = {}): Promise<TestAgent> {
  const listener = {
    transport: 'tls',
    host: CLOUD,
    port: 5061,
    certPem: certificate.cert,
    keyPem: certificate.key,
  } as const;
  return startAgent(CLOUD, { listeners: [listener], registrar: port, ...options });
}

function startBox(options: Partial<UserAgentOptions> = {}): Promise<TestAgent> {
  return startAgent(BOX, { caPem: authority.caPem, tlsServerName: SERVER_NAME, ...options });
}

function register(agent: TestAgent, user = USER, password = PASSWORD) {
  const states: RegistrationState[] = [];
  const registration = agent.agent.register({
    registrar: TLS,
    serverName: SERVER_NAME,
    domain: DOMAIN,
    credentials: { user, password },
    expiresS: 60,
    onState: (state) => states.push(state),
  });
  const registered = (count = 1): Promise<unknown> =>
    until(
      `registered ${count}`,
      () => states.filter((state) => state.at === 'registered').length >= count,
      10_000,
    );
  return { registration, states, registered };
}

function callOut(from: TestAgent, password = PASSWORD) {
  const session = from.agent.invite({
    to: TLS,
    requestUri: `sip:0355550123@${DOMAIN};user=phone`,
    from: { uri: `sip:${USER}@${DOMAIN}`, display: '受付' },
    toUri: `sip:0355550123@${DOMAIN}`,
    sdp: sdpAt(BOX),
    headers: [['X-Engawa-Call', 'abc']],
    credentials: { user: USER, password },
  });
  return { session, ear: new Ear(session) };
}

function callIn(user = USER) {
  const session = cloud.agent.invite({
    to: { registration: user },
    requestUri: `sip:${user}@${DOMAIN}`,
    from: { uri: `sip:09012345678@${DOMAIN}` },
    toUri: `sip:${user}@${DOMAIN}`,
    sdp: sdpAt(CLOUD),
  });
  return { session, ear: new Ear(session) };
}

describe('registration over TLS', () => {
  test('an account is registered, reached, and taken off by stop', async () => {
    const { registration, registered } = register(box);
    await registered();
    expect(port.bound.get(USER)).toBe(true);
    const { session, ear } = callIn();
    const called = await box.call();
    expect(called.session.invite).toMatchObject({ toUser: USER, fromUser: '09012345678', sdp: sdpAt(CLOUD) });
    called.session.progress(180);
    await ear.wait('progress');
    called.session.answer(sdpAt(BOX));
    expect((await ear.wait('answered')).sdp).toBe(sdpAt(BOX));
    session.hangUp({ cause: 16, text: 'Normal call clearing' });
    expect(await called.ear.wait('ended')).toMatchObject({ by: 'peer', reason: { cause: 16 } });
    await registration.stop();
    expect(port.bound.get(USER)).toBe(false);
    const failed = callIn();
    expect(await failed.ear.wait('failed')).toMatchObject({ status: 480 });
  });

  test('a registrar that offers only MD5 is served with MD5', async () => {
    await cloud.agent.stop();
    cloud = await startCloud({ registrar: { ...registrar(['MD5']), algorithms: ['MD5'] } });
    await register(box).registered();
  });

  test('a wrong password is refused, said in a sentence, and tried again later', async () => {
    const { states } = register(box, USER, 'wrong');
    const failed = await until('failed', () => states.find((state) => state.at === 'failed'));
    expect(failed).toMatchObject({ status: 401, say: expect.stringContaining('the password is refused') });
    expect(port.bound.size).toBe(0);
  });

  test('a certificate of another name or another authority is not trusted', async () => {
    const strange = await startBox({ caPem: testAuthority().caPem });
    const { states } = register(strange);
    const failed = await until('failed', () => states.find((state) => state.at === 'failed'));
    expect(failed).toMatchObject({ status: 503, say: expect.stringContaining('certificate') });
    await strange.agent.stop();
    const wrong: RegistrationState[] = [];
    box.agent.register({
      registrar: TLS,
      serverName: 'other.example',
      domain: DOMAIN,
      credentials: { user: USER, password: PASSWORD },
      expiresS: 60,
      onState: (state) => wrong.push(state),
    });
    expect(await until('failed', () => wrong.find((state) => state.at === 'failed'))).toMatchObject({
      status: 503,
    });
  });

  test('when the cloud restarts, every account is back on one new connection', async () => {
    const first = register(box);
    const second = register(box, 'id-000001-2');
    await Promise.all([first.registered(), second.registered()]);
    await cloud.agent.stop();
    port = registrar();
    cloud = await startCloud();
    await Promise.all([first.registered(2), second.registered(2)]);
    expect([...port.bound.entries()].sort()).toEqual([
      [USER, true],
      ['id-000001-2', true],
    ]);
    const { ear } = callIn('id-000001-2');
    (await box.call()).session.reject(486, { cause: 17, text: 'User busy' }, [
      ['X-Engawa-Why', 'line.busy; in use'],
    ]);
    expect(await ear.wait('failed')).toMatchObject({
      status: 486,
      reason: { cause: 17, text: 'User busy' },
      why: 'line.busy; in use',
    });
  });

  test('the newest binding wins, and a late farewell of the old box does not remove it', async () => {
    const old = register(box);
    await old.registered();
    const newer = await startAgent('127.51.1.31', { caPem: authority.caPem, tlsServerName: SERVER_NAME });
    await register(newer).registered();
    await old.registration.stop();
    expect(port.bound.get(USER)).toBe(true);
    callIn();
    await newer.call();
    expect(box.calls.length).toBe(0);
    await newer.agent.stop();
    await until('binding gone with its connection', () => port.bound.get(USER) === false);
  });
});

describe('calls from a box', () => {
  test('are authenticated, and the account is told', async () => {
    const { session, ear } = callOut(box);
    const { session: called, account, ear: calledEar } = await cloud.call();
    expect(account).toBe(USER);
    expect(called.invite.fromDisplay).toBe('受付');
    expect(called.invite.header('x-engawa-call')).toEqual(['abc']);
    called.progress(183, sdpAt(CLOUD));
    expect(await ear.wait('progress')).toMatchObject({ status: 183, sdp: sdpAt(CLOUD) });
    called.answer(sdpAt(CLOUD));
    await ear.wait('answered');
    called.hangUp({ cause: 31, text: 'その他' });
    expect(await ear.wait('ended')).toMatchObject({ by: 'peer', reason: { cause: 31, text: 'その他' } });
    expect([session.snapshot(), calledEar.types]).toEqual([undefined, []]);
  });

  test('with a wrong password are refused', async () => {
    const { ear } = callOut(box, 'wrong');
    expect(await ear.wait('failed')).toMatchObject({ status: 407 });
    expect(cloud.calls.length).toBe(0);
  });

  test('that are given up while ringing tell why', async () => {
    const { session, ear } = callOut(box);
    const { session: called, ear: calledEar } = await cloud.call();
    called.progress(180);
    await ear.wait('progress');
    session.hangUp({ cause: 200, text: 'Call completed elsewhere' });
    expect(await calledEar.wait('cancelled')).toMatchObject({
      reason: { cause: 200, text: 'Call completed elsewhere' },
    });
    expect(await ear.wait('failed')).toMatchObject({ status: 487 });
  });

  test('that are given up while their sender is still being authenticated never ring', async () => {
    await cloud.agent.stop();
    const waiting: (() => void)[] = [];
    const slow = {
      ...port,
      ha1: (...parts: Parameters<typeof port.ha1>) =>
        new Promise<void>((resolve) => waiting.push(resolve)).then(() => port.ha1(...parts)),
    };
    cloud = await startCloud({ registrar: slow });
    const { session, ear } = callOut(box);
    await until('question', () => waiting.length === 1);
    session.hangUp();
    expect(await ear.wait('failed')).toMatchObject({ status: 487 });
    for (const resolve of waiting) resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(cloud.calls).toEqual([]);
  });

  test('that nobody answers in time fail with 408 and stop ringing', async () => {
    const session = box.agent.invite({
      to: TLS,
      requestUri: `sip:1@${DOMAIN}`,
      from: { uri: `sip:${USER}@${DOMAIN}` },
      toUri: `sip:1@${DOMAIN}`,
      sdp: sdpAt(BOX),
      credentials: { user: USER, password: PASSWORD },
      noAnswerMs: 300,
    });
    const ear = new Ear(session);
    (await cloud.call()).session.progress(180);
    expect(await ear.wait('failed')).toMatchObject({ status: 408 });
    await (await cloud.call()).ear.wait('cancelled');
  });

  test('fail with 503 where nobody listens', async () => {
    await cloud.agent.stop();
    expect(await callOut(box).ear.wait('failed')).toMatchObject({ status: 503 });
    cloud = await startCloud();
  });
});

describe('a call that outlives one side’s process', () => {
  test('is taken up again from its snapshot and ended from the box', async () => {
    const { session, ear } = callOut(box);
    const { session: called, ear: calledEar } = await cloud.call();
    called.answer(sdpAt(CLOUD));
    await ear.wait('answered');
    const kept = JSON.parse(JSON.stringify(session.snapshot()));
    await box.agent.stop();
    box = await startBox();
    const adopted = box.agent.adopt(kept);
    adopted.hangUp({ cause: 41, text: 'restarted' });
    expect(await calledEar.wait('ended')).toMatchObject({ by: 'peer', reason: { cause: 41 } });
  });

  test('is found by the cloud at the connection that the box registered over meanwhile', async () => {
    await register(box).registered();
    const { ear } = callIn();
    const { session: called } = await box.call();
    called.answer(sdpAt(BOX));
    await ear.wait('answered');
    const out = callOut(box);
    const fromBox = await cloud.call();
    fromBox.session.answer(sdpAt(CLOUD));
    await out.ear.wait('answered');
    const kept = [called.snapshot(), out.session.snapshot()];
    await box.agent.stop();
    await until('cloud noticed', () => port.bound.get(USER) === false);
    box = await startBox();
    const adopted = kept.flatMap((snapshot) => (snapshot === undefined ? [] : [box.agent.adopt(snapshot)]));
    const ears = adopted.map((session) => new Ear(session));
    await register(box).registered();
    const [first, second] = ears;
    cloud.calls[0]?.session.hangUp({ cause: 16, text: 'a' });
    expect(await second?.wait('ended')).toMatchObject({ reason: { text: 'a' } });
    expect(first?.types).toEqual([]);
    adopted[0]?.hangUp();
    await ear.wait('ended');
  });

  test('is described by its snapshot: both descriptions, and the way to go', async () => {
    const { session, ear } = callOut(box);
    const { session: called } = await cloud.call();
    called.answer(sdpAt(CLOUD));
    await ear.wait('answered');
    expect(session.snapshot()).toMatchObject({ localSdp: sdpAt(BOX), remoteSdp: sdpAt(CLOUD), via: TLS });
  });
});

describe('sockets', () => {
  test('a BYE right before the end of a process still leaves', async () => {
    const { session, ear } = callOut(box);
    const { session: called, ear: calledEar } = await cloud.call();
    called.answer(sdpAt(CLOUD));
    await ear.wait('answered');
    session.hangUp();
    await box.agent.stop();
    await calledEar.wait('ended');
  });

  test('a port that is taken is named in one sentence', async () => {
    const again = startCloud();
    await expect(again).rejects.toThrow(StartupError);
    await expect(again).rejects.toThrow(/TLS 127\.51\.1\.10 port 5061: another program uses it/);
  });

  test('a ping gets a pong, old TLS is refused, and plain TCP garbage does no harm', async () => {
    const socket = connectTls({ host: CLOUD, port: 5061, ca: authority.caPem, servername: SERVER_NAME });
    const got: string[] = [];
    socket.on('data', (chunk) => got.push(chunk.toString()));
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.write('\r\n\r\n');
    await until('pong', () => got.join('') === '\r\n');
    socket.destroy();
    const old = connectTls({
      host: CLOUD,
      port: 5061,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    });
    await new Promise((resolve) => old.once('error', resolve));
    const raw = connect({ host: CLOUD, port: 5061 });
    raw.on('error', () => undefined);
    raw.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => raw.once('close', resolve));
    await register(box).registered();
  });
});
