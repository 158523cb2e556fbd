import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import type { RegistrationState } from '../../../../lib/voice/sip/api.ts';
import { runSipp, sippScenario, sippSend } from '../../../support/sipp.ts';
import { address, DOMAIN, Ear, registrar, sdpAt, startAgent, type TestAgent, until } from './agents.ts';

const US = '127.51.3.1';
const SIPP = '127.51.3.2';
const FOREIGN = '127.51.3.3';
const FLOOD = '127.51.3.4';
const BARESIP = '127.51.3.5';

let port: ReturnType<typeof registrar>;
let us: TestAgent;

beforeEach(async () => {
  port = registrar(['MD5', 'SHA-256'], 'ascii');
  us = await startAgent(
    US,
    {
      listeners: [{ transport: 'udp', host: US, port: 5060 }],
      registrar: { ...port, algorithms: ['MD5'] },
      // As the telephone network: without a password, known by address.
      admits: (source) => source.host === SIPP || source.host === FOREIGN,
      rateLimit: { perSecond: 2_000, burst: 2_000 },
    },
    (session) => {
      session.progress(180);
      session.answer(sdpAt(US));
    },
  );
});

afterEach(() => us.agent.stop());

const AT = ['-i', SIPP, '-mi', SIPP, '-p', '5060'];

function callOut(host: string) {
  const session = us.agent.invite({
    to: address('udp', host, 5060),
    requestUri: `sip:service@${host}`,
    from: { uri: `sip:us@${US}`, display: '受付' },
    toUri: `sip:service@${host}`,
    sdp: sdpAt(US),
  });
  return { session, ear: new Ear(session) };
}

describe('sipp', () => {
  test('calls us 300 times at 100 a second; every call is answered and ended', async () => {
    const args = [
      '-sn',
      'uac',
      ...AT,
      '-m',
      '300',
      '-r',
      '100',
      '-d',
      '200',
      '-nostdin',
      '-timeout',
      '30',
      `${US}:5060`,
    ];
    const child = spawn('sipp', args, {
      cwd: tmpdir(),
      stdio: 'ignore',
      env: { ...process.env, TERM: 'dumb' },
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    expect(us.calls.length).toBe(300);
    await until('every BYE', () => us.calls.every(({ ear }) => ear.types.includes('ended')));
    expect(us.agent.counters).toMatchObject({ dropped: 0, rejected: 0, rateLimited: 0 });
  });

  test('calls us while every tenth message is lost: retransmissions bring all 60 calls up', async () => {
    const lossy = ['-lost', '10', '-m', '60', '-r', '60', '-d', '100', '-nostdin', '-timeout', '30'];
    const args = ['-sn', 'uac', ...AT, ...lossy, `${US}:5060`];
    const child = spawn('sipp', args, {
      cwd: tmpdir(),
      stdio: 'ignore',
      env: { ...process.env, TERM: 'dumb' },
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    expect(us.calls.length).toBe(60);
    // sipp takes our repeated 200 to its INVITE for the answer to a BYE that was lost, and leaves: such calls end 32 s later.
    const ended = (): number => us.calls.filter(({ ear }) => ear.types.includes('ended')).length;
    await until('nearly every BYE', () => ended() >= 50);
    expect(us.agent.counters.retransmitsSent).toBeGreaterThan(0);
  });

  test('answers us, and takes our BYE', async () => {
    const sipp = await runSipp(['-sn', 'uas', ...AT]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { session, ear } = callOut(SIPP);
    await ear.wait('progress');
    expect((await ear.wait('answered')).sdp).toContain('m=audio');
    session.hangUp({ cause: 16, text: 'Normal call clearing' });
    expect((await sipp.done).code).toBe(0);
  });

  test('as a registrar with MD5, judges our signature to be right', async () => {
    const reply = (status: string, extra: string): string => `
SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:];tag=sipp
[last_Call-ID:]
[last_CSeq:]
${extra}Content-Length: 0`;
    const challenge = `WWW-Authenticate: Digest realm="${DOMAIN}", nonce="47ebe028cda119c35d4877b383027d28", algorithm=MD5, qop="auth"\n`;
    const verify = `<recv request="REGISTER"><action>
<verifyauth assign_to="right" username="id-000001-2" password="plain" />
</action></recv><nop next="good" test="right"/>`;
    const steps = [
      '<recv request="REGISTER"/>',
      sippSend(reply('401 Unauthorized', challenge)),
      verify,
      sippSend(reply('403 Forbidden', '')),
      '<label id="good"/>',
      sippSend(reply('200 OK', 'Contact: <sip:x@h>;expires=60\n')),
    ];
    const sipp = await runSipp(AT, sippScenario('registrar', steps));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const states: RegistrationState[] = [];
    us.agent.register({
      registrar: address('udp', SIPP, 5060),
      serverName: DOMAIN,
      domain: DOMAIN,
      credentials: { user: 'id-000001-2', password: 'plain' },
      expiresS: 60,
      onState: (state) => states.push(state),
    });
    await until('an answer', () => states.some((state) => state.at !== 'registering'));
    expect(states.at(-1)).toEqual({ at: 'registered', expiresInS: 60 });
    sipp.stop();
  });
});

/** Registers at us; knows nothing of our code. */
describe('baresip', () => {
  test('registers with the right password, and not with a wrong one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engawa-baresip-'));
    await writeFile(
      join(folder, 'config'),
      `sip_listen ${BARESIP}:5060\nmodule_path /usr/lib/baresip/modules\nmodule account.so\nmodule g711.so\n`,
    );
    const account = (user: string, password: string): string =>
      `<sip:${user}@${US}>;auth_pass=${password};regint=60;answermode=auto\n`;
    await writeFile(join(folder, 'accounts'), account('id-right', 'ascii') + account('id-wrong', 'other'));
    await writeFile(join(folder, 'contacts'), '');
    const child = spawn('baresip', ['-f', folder, '-s'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    try {
      await until('registered', () => port.bound.get('id-right'), 10_000).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${output}`);
      });
      await until('refused', () => output.includes('401'), 30_000);
      expect(port.bound.get('id-wrong')).toBeUndefined();
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** As much of the package `sip` as this test touches; it brings no types. */
interface ForeignStack {
  send(message: unknown, callback?: (response: ForeignMessage) => void): void;
  destroy(): void;
}
interface ForeignMessage {
  readonly method?: string;
  readonly status?: number;
  readonly headers: Record<string, unknown> & {
    to: { params: Record<string, string> };
    contact: { uri: string }[];
  };
  readonly content?: string;
}
interface ForeignPackage {
  create(options: object, onRequest: (request: ForeignMessage) => void): ForeignStack;
  makeResponse(
    request: ForeignMessage,
    status: number,
    phrase: string,
  ): ForeignMessage & { headers: object; content: string };
}

describe('the package `sip`', () => {
  const foreign = createRequire(import.meta.url)('sip') as ForeignPackage;

  test('is called by us, answers, and hears our BYE with its reason', async () => {
    const seen: ForeignMessage[] = [];
    const stack = foreign.create({ address: FOREIGN, port: 5060, tcp: false, udp: true }, (request) => {
      seen.push(request);
      if (request.method === 'ACK') return;
      const response = foreign.makeResponse(request, 200, 'OK');
      if (request.method === 'INVITE') {
        response.headers.to.params['tag'] = 'foreign';
        Object.assign(response.headers, {
          contact: [{ uri: `sip:x@${FOREIGN}:5060` }],
          'content-type': 'application/sdp',
        });
        response.content = sdpAt(FOREIGN);
      }
      stack.send(response);
    });
    try {
      const { session, ear } = callOut(FOREIGN);
      expect((await ear.wait('answered')).sdp).toBe(sdpAt(FOREIGN));
      await until('ACK', () => seen.some((message) => message.method === 'ACK'));
      session.hangUp({ cause: 16, text: 'bye' });
      const bye = await until('BYE', () => seen.find((message) => message.method === 'BYE'));
      expect(bye.headers['reason']).toBe('Q.850;cause=16;text="bye"');
    } finally {
      stack.destroy();
    }
  });

  test('calls us, acknowledges, and is hung up on', async () => {
    const ended: ForeignMessage[] = [];
    const stack = foreign.create({ address: FOREIGN, port: 5060, tcp: false, udp: true }, (request) => {
      ended.push(request);
      stack.send(foreign.makeResponse(request, 200, 'OK'));
    });
    const party = { uri: `sip:0355550100@${US}`, params: {} };
    const headers = {
      to: party,
      from: { uri: `sip:0311112222@${FOREIGN}`, params: { tag: 'f' } },
      'call-id': 'foreign-1',
      cseq: { method: 'INVITE', seq: 1 },
      contact: [{ uri: `sip:0311112222@${FOREIGN}:5060` }],
    };
    try {
      const answered = new Promise<ForeignMessage>((resolve) => {
        const invite = { ...headers, 'content-type': 'application/sdp' };
        stack.send(
          { method: 'INVITE', uri: party.uri, headers: invite, content: sdpAt(FOREIGN) },
          (response) => {
            if ((response.status ?? 0) >= 200) resolve(response);
          },
        );
      });
      const response = await answered;
      expect(response).toMatchObject({ status: 200, content: sdpAt(US) });
      const ack = { ...headers, to: response.headers.to, cseq: { method: 'ACK', seq: 1 }, via: [] };
      stack.send({ method: 'ACK', uri: response.headers.contact[0]?.uri, headers: ack });
      const { session } = await us.call();
      expect(session.invite.fromUser).toBe('0311112222');
      session.hangUp();
      expect(await until('BYE', () => ended[0])).toMatchObject({ method: 'BYE' });
    } finally {
      stack.destroy();
    }
  });
});

test('a flood of garbage on the SIP port during a call does the call no harm, and is counted', async () => {
  const sipp = await runSipp(['-sn', 'uas', ...AT]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { session, ear } = callOut(SIPP);
  await ear.wait('answered');
  const random = seededRandom(5060);
  const flood = createSocket('udp4');
  await new Promise<void>((resolve) => flood.bind(0, FLOOD, () => resolve()));
  const pieces = [
    'INVITE sip:a SIP/2.0\r\n',
    '\0\0\0\0\0\0',
    '\r\n\r\n',
    'Via: SIP/2.0/UDP a;__proto__\r\n',
    'SIP/2.0 200 OK\r\n',
  ];
  for (let round = 0; round < 40; round++) {
    for (let at = 0; at < 200; at++) {
      const text = pieces[Math.floor(random.fraction() * pieces.length)] ?? '';
      flood.send(Buffer.concat([Buffer.from(text.repeat(4)), random.bytes(200)]), 5060, US);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { counters } = us.agent;
  await until('the flood is counted', () => counters.dropped > 500 && counters.rateLimited > 500);
  expect(counters.rejected).toBeLessThan(counters.dropped);
  flood.close();
  const before = performance.now();
  session.hangUp();
  expect((await sipp.done).code).toBe(0);
  expect(performance.now() - before).toBeLessThan(6_000);
});
