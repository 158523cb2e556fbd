import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent } from '../../agent/agent.ts';
import { VoiceSdp } from '../../agent/calls/index.ts';
import { openAgentStore } from '../../agent/store/index.ts';
import { openServiceKeys } from '../../cloud-stub/sync/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import { silentLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { Session, SessionEvent, UserAgent } from '../../lib/voice/sip/api.ts';
import { createUserAgent, digestHa1 } from '../../lib/voice/sip/index.ts';
import { testEnrolment } from '../support/enrolment.ts';
import { Program } from '../support/program.ts';
import { FakeMediaServer } from './calls/fake-media-server.ts';
import { exampleConfig } from './calls/office-world.ts';

/** The cloud's side, in the clear. */
const voiceSdp = new VoiceSdp(null);

const CLOUD = '127.54.1.10';
const GATEWAY = '127.54.1.30';
const REALM = 'engawa.example';

const folder = mkdtempSync(join(tmpdir(), 'engawa-agent-'));
const state = join(folder, 'agent');
const media = new FakeMediaServer();
const mediaSocket = join(folder, 'media.sock');
const apiSocket = join(folder, 'agent.sock');
const config: SiteConfig = {
  ...exampleConfig(),
  trunk: { ...exampleConfig().trunk, host: CLOUD, port: 5061, domain: REALM },
};

/** The service's end of the trunk: a user agent of ours that registers, is called and calls. */
let trunk: UserAgent;
const bound = new Set<string>();
const calls: { session: Session; account: string | undefined; events: SessionEvent[] }[] = [];
let agent: Running | undefined;

beforeAll(async () => {
  const keys = await openServiceKeys({
    folder: join(folder, 'cloud'),
    serverName: 'cloud.engawa.example',
    clock: systemClock,
    random: systemRandom,
  });
  mkdirSync(state, { recursive: true });
  const { publicKey } = generateKeyPairSync('ed25519');
  const enrolment = testEnrolment({
    // Nobody listens there: the cloud is away for the whole of this test.
    mqtt: { host: CLOUD, port: 8883, serverName: 'cloud.engawa.example' },
    caPem: keys.caPem,
    configKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    device: { certificatePem: keys.serverCertPem, privateKeyPem: keys.serverKeyPem },
  });
  writeFileSync(join(state, 'enrolment.json'), JSON.stringify(enrolment));
  const store = openStore();
  store.config.save({ rev: 3, issuedAt: 1, sha256: 'a'.repeat(64), keyId: 'test', config });
  store.close();
  trunk = createUserAgent({
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
    product: 'test trunk',
    listeners: [
      { transport: 'tls', host: CLOUD, port: 5061, certPem: keys.serverCertPem, keyPem: keys.serverKeyPem },
    ],
    localHost: CLOUD,
    registrar: {
      realm: REALM,
      ha1: async (user, realm, algorithm) => {
        const line = config.lines.find((candidate) => candidate.sip.user === user);
        return line === undefined ? undefined : digestHa1(algorithm, user, realm, line.sip.password);
      },
      onBinding: (user, isBound) => void (isBound ? bound.add(user) : bound.delete(user)),
    },
    onInvite: (session, account) => {
      const events: SessionEvent[] = [];
      session.listen((event) => events.push(event));
      calls.push({ session, account, events });
    },
  });
  await trunk.start();
  await media.listen(mediaSocket);
  agent = await start();
});

afterAll(async () => {
  await agent?.stop();
  await media.close();
  await trunk.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Promise<Running> {
  return startAgent({
    state,
    media: mediaSocket,
    api: apiSocket,
    host: GATEWAY,
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
  });
}

function openStore() {
  return openAgentStore({
    path: join(state, 'agent.sqlite'),
    clock: systemClock,
    random: systemRandom,
    gateway: 'gw-000001' as GatewayId,
  });
}

async function until<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  for (let tries = 0; tries < 1_500; tries++) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`did not happen: ${what}`);
}

const hears = (port: number, what: string) =>
  until(`line ${port} hears ${what}`, () => media.hears(port) === what);

function api(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request({ socketPath: apiSocket, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end();
  });
}

function post(path: string, body: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: apiSocket, path, method: 'POST' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

/** Phone 1 calls out and the trunk answers. */
async function talkOut(): Promise<(typeof calls)[number]> {
  const before = calls.length;
  media.lift(1);
  await hears(1, 'dial');
  media.dial(1, '0355550123');
  const call = await until('the INVITE arrives', () => calls[before]);
  call.session.progress(180);
  await hears(1, 'ringback');
  const sdp = voiceSdp.answer(call.session.invite.sdp ?? '', CLOUD, 30_000, 1)?.sdp ?? '';
  call.session.answer(sdp);
  await hears(1, 'rtp');
  return call;
}

describe('the agent, with the cloud away but for its trunk', () => {
  it('gives dial tone from its last good configuration and registers every line over TLS', async () => {
    await until('both lines are registered', () => bound.size === 2);
    media.lift(1);
    await hears(1, 'dial');
    media.hangUp(1);
    await hears(1, 'silence');
    const status = await api('/v1/status');
    expect(status).toMatchObject({
      gateway: 'gw-000001',
      board: { up: true },
      media: { connected: true },
      cloud: { connected: false },
      config: { appliedRev: 3 },
      lines: [{ registration: { at: 'registered' } }, { registration: { at: 'registered' } }],
    });
  });

  it('calls out under the ID of the line, hears the ringback and the answer, and hangs up', async () => {
    const call = await talkOut();
    expect(call.account).toBe('id-000001-1');
    expect(call.session.invite.requestUri).toBe('sip:0355550123@engawa.example;user=phone');
    expect(call.session.invite.header('X-Engawa-Call')[0]).toMatch(/^[0-9a-z]+-[0-9a-f]{16}$/);
    expect(call.session.invite.sdp).toContain(`c=IN IP4 ${GATEWAY}`);
    expect(media.commands.find((command) => command.type === 'rtpConnect')).toMatchObject({
      host: CLOUD,
      port: 30_000,
      payloadType: 0,
    });
    media.hangUp(1);
    await until('the BYE arrives', () => call.events.some((event) => event.type === 'ended'));
    await hears(1, 'silence');
    await until('the audio is closed', () => media.sessions.size === 0);
  });

  it('puts the far end on hold by flash and takes it back, with offers that say so', async () => {
    const call = await talkOut();
    const offers: string[] = [];
    call.session.listen((event) => {
      call.events.push(event);
      if (event.type !== 'offer') return;
      offers.push(event.sdp);
      event.answer(voiceSdp.answer(event.sdp, CLOUD, 30_000, offers.length + 1)?.sdp ?? '');
    });
    media.flash(1, 400);
    await hears(1, 'secondDial');
    await until('it is told', () => offers.length === 1);
    expect(offers[0]).toContain('a=sendonly');
    expect(media.commands.at(-1)).toMatchObject({ type: 'sessionTone', tone: 'hold' });
    media.flash(1, 400);
    await hears(1, 'rtp');
    await until('that is told too', () => offers.length === 2);
    expect(offers[1]).not.toContain('a=sendonly');
    media.hangUp(1);
    await until('the BYE arrives', () => call.events.some((event) => event.type === 'ended'));
    await until('the audio is closed', () => media.sessions.size === 0);
  });

  it('plays busy tone for a busy number and keeps the reason', async () => {
    const before = calls.length;
    media.lift(1);
    await hears(1, 'dial');
    media.dial(1, '0355550199');
    const call = await until('the INVITE arrives', () => calls[before]);
    call.session.reject(486, { cause: 17, text: 'User busy' }, [
      ['X-Engawa-Why', 'carrier.busy; the number is busy'],
    ]);
    await hears(1, 'busy');
    media.hangUp(1);
    await hears(1, 'silence');
    expect(await api('/v1/calls')).toMatchObject({ calls: expect.anything() });
    expect(JSON.stringify(await api('/v1/calls'))).toContain('the number is busy');
  });

  it('rings the line of the account, is answered, and gives busy tone when the caller hangs up', async () => {
    const events: SessionEvent[] = [];
    const session = trunk.invite({
      to: { registration: 'id-000001-2' },
      requestUri: 'sip:id-000001-2@engawa.example',
      from: { uri: 'sip:09012345678@engawa.example' },
      toUri: 'sip:0355550100@engawa.example',
      sdp: voiceSdp.offer(CLOUD, 30_002, 1),
      headers: [
        ['X-Engawa-Call', 'lz0000000-0123456789abcdef'],
        ['X-Engawa-Called', '0355550100'],
      ],
    });
    session.listen((event) => events.push(event));
    await until('line 2 rings', () => media.ringing.has(2));
    await until('180', () => events.some((event) => event.type === 'progress' && event.status === 180));
    media.lift(2);
    const answered = await until('200', () => events.find((event) => event.type === 'answered'));
    expect(answered).toMatchObject({ sdp: expect.stringContaining(`c=IN IP4 ${GATEWAY}`) });
    await hears(2, 'rtp');
    expect(media.ringing.size).toBe(0);
    session.hangUp({ cause: 16, text: 'Normal call clearing' });
    await hears(2, 'busy');
    media.hangUp(2);
    await hears(2, 'silence');
  });

  it('joins two extensions without the trunk [S0-050]', async () => {
    const before = calls.length;
    media.lift(1);
    await hears(1, 'dial');
    media.dial(1, '12');
    await until('line 2 rings', () => media.ringing.has(2));
    await hears(1, 'ringback');
    media.lift(2);
    await hears(1, 'line');
    await hears(2, 'line');
    media.hangUp(2);
    await hears(1, 'busy');
    media.hangUp(1);
    await hears(1, 'silence');
    expect(calls.length).toBe(before);
  });

  it('plays an outage with a call up: guidance for who calls out, nothing for who talks, and back by itself', async () => {
    const call = await talkOut();
    expect(await post('/v1/drill/outage', { seconds: 5 })).toMatchObject({ v: 1, at: 'waiting' });
    await until('the trunk has lost the box', () => bound.size === 0);
    media.lift(2);
    await hears(2, 'dial');
    await until('it knows', async () => JSON.stringify(await api('/v1/lines')).includes('no connection'));
    media.dial(2, '0355550150');
    await hears(2, 'guideAway');
    media.hangUp(2);
    expect(await post('/v1/drill/outage', {})).toMatchObject({ code: 'drill.running' });
    await until('both lines are registered again', () => bound.size === 2);
    const reported = await until('it has reported', async () => {
      const { at, reports } = (await api('/v1/drill')) as { at: string; reports: readonly unknown[] };
      return at === 'idle' ? reports[0] : undefined;
    });
    expect(reported).toMatchObject({ seconds: 5, verdict: 'OK' });
    expect(media.hears(1)).toBe('rtp');
    media.hangUp(1);
    await until('the BYE arrives', () => call.events.some((event) => event.type === 'ended'));
    await until('the audio is closed', () => media.sessions.size === 0);
  });

  it('takes an answered call up again after a restart, without a word to the media process', async () => {
    const call = await talkOut();
    const answeredCommands = media.commands.length;
    await agent?.stop();
    await new Promise((resolve) => setTimeout(resolve, 200));
    agent = await start();
    await until('both lines are registered again', () => bound.size === 2);
    await until('the call is shown', () =>
      media.commands.some((command, at) => at >= answeredCommands && command.type === 'hello'),
    );
    expect(await api('/v1/lines')).toMatchObject({ lines: [{ state: 'talking' }, { state: 'onHook' }] });
    const touched = media.commands
      .slice(answeredCommands)
      .filter((command) => 'port' in command && command.port === 1)
      .map(({ type }) => type);
    // How the line is set up, and that nobody waits: said at every connection, and nothing of it is heard.
    expect(new Set(touched)).toEqual(new Set(['lineSettings', 'overlay']));
    expect(media.sessions.size).toBe(1);
    expect(call.events.some((event) => event.type === 'ended')).toBe(false);
    media.hangUp(1);
    await until('the BYE arrives', () => call.events.some((event) => event.type === 'ended'));
    await until('the audio is closed', () => media.sessions.size === 0);
  });

  it('takes up a call whose caller hangs up after the restart', async () => {
    const call = await talkOut();
    await agent?.stop();
    agent = await start();
    await until('both lines are registered again', () => bound.size === 2);
    call.session.hangUp({ cause: 16, text: 'Normal call clearing' });
    await hears(1, 'busy');
    media.hangUp(1);
    await hears(1, 'silence');
  });

  it('ends with a record what was hung up while it was away', async () => {
    const call = await talkOut();
    await agent?.stop();
    media.hangUp(1);
    agent = await start();
    await until('the BYE arrives', () => call.events.some((event) => event.type === 'ended'));
    await until('the audio is closed', () => media.sessions.size === 0);
  });

  it('keeps a call through the sudden death of its process', async () => {
    await agent?.stop();
    agent = undefined;
    const flags = ['--state', state, '--media', mediaSocket, '--api', apiSocket, '--host', GATEWAY];
    const first = new Program('agent/main.ts', flags);
    await first.ready();
    await until('both lines are registered', () => bound.size === 2);
    const call = await talkOut();
    await first.stop('SIGKILL');
    const before = media.commands.length;
    const second = new Program('agent/main.ts', flags);
    await second.ready();
    await until('the media process is greeted', () => media.commands.length > before);
    expect(await api('/v1/lines')).toMatchObject({ lines: [{ state: 'talking' }, { state: 'onHook' }] });
    expect(media.sessions.size).toBe(1);
    media.hangUp(1);
    await until('the BYE arrives', () => call.events.some((event) => event.type === 'ended'));
    await until('the audio is closed', () => media.sessions.size === 0);
    await second.stop();
  });

  it('has one record of every call, each ended once', async () => {
    await agent?.stop();
    agent = undefined;
    const store = openStore();
    const records: BoxRecord[] = [...store.outbox.next(50)];
    expect(store.journal.unfinished()).toEqual([]);
    store.close();
    expect(records.map((record) => [record.direction, record.line, record.end, record.interrupted])).toEqual([
      ['out', 1, 'answeredThenCallerHungUp', false],
      ['out', 1, 'answeredThenCallerHungUp', false],
      ['out', 1, 'busy', false],
      ['in', 2, 'answeredThenCallerHungUp', false],
      ['internal', 1, 'answeredThenCalleeHungUp', false],
      ['out', 2, 'unreachable', false],
      ['out', 1, 'answeredThenCallerHungUp', false],
      ['out', 1, 'answeredThenCallerHungUp', false],
      ['out', 1, 'answeredThenCalleeHungUp', false],
      ['out', 1, 'interrupted', true],
      ['out', 1, 'answeredThenCallerHungUp', false],
    ]);
    expect(records[0]?.media).toMatchObject({ packetsSent: 500, packetsReceived: 499 });
    expect(records[3]).toMatchObject({ call: 'lz0000000-0123456789abcdef', to: '0355550100' });
    expect(new Set(records.map((record) => record.id)).size).toBe(records.length);
  });
});

describe('the program', () => {
  // Without an enrolment it starts, see starts.int.test.ts: a box that cannot be asked cannot be claimed either.
  it('says in one sentence why it cannot start when a flag is missing', async () => {
    const program = new Program('agent/main.ts', []);
    expect(await program.ended).toBe(1);
    expect(program.lines.at(-1)).toMatchObject({ event: 'fatal', code: 'agent.usage' });
  });
});
