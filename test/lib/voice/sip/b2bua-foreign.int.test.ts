import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RegistrarAgent } from '../../../../lib/voice/sip/api.ts';
import { B2bua } from '../../../../lib/voice/sip/b2bua/b2bua.ts';
import type { BridgeEnd } from '../../../../lib/voice/sip/b2bua/types.ts';
import { toneFile } from '../../../support/tone-file.ts';
import { registrar, sdpAt, startAgent, type TestAgent, until } from './agents.ts';

const [US, CALLER, PHONE] = ['127.67.4.1', '127.67.4.2', '127.67.4.3'] as const;

/** As much of the package `sip` as this test touches; it brings no types. */
interface ForeignStack {
  send(message: unknown, callback?: (response: ForeignResponse) => void): void;
  destroy(): void;
}
interface ForeignResponse {
  readonly status: number;
  readonly headers: Record<string, unknown> & {
    readonly to: unknown;
    readonly contact: readonly { readonly uri: string }[];
  };
  readonly content?: string;
}
interface ForeignPackage {
  create(options: object, onRequest: (request: unknown) => void): ForeignStack;
}

/** A call of the package `sip`, through us, to baresip as a desk phone: two stacks of strangers, and neither sees the other. */
test('the package sip calls baresip through the B2BUA, and hangs up', async () => {
  const port = registrar(['MD5'], 'ascii');
  const ends: BridgeEnd[] = [];
  const bridge = new B2bua({
    route: () => ({
      agent: { invite: (options) => agentOf(us).invite(options) },
      invite: {
        to: { registration: 'id-phone' },
        requestUri: contactOf(us),
        from: { uri: `sip:outside@${US}` },
        toUri: `sip:id-phone@${US}`,
      },
    }),
    ended: (_call, end) => ends.push(end),
  });
  const us: TestAgent = await startAgent(
    US,
    {
      listeners: [{ transport: 'udp', host: US, port: 5_060 }],
      registrar: { ...port, algorithms: ['MD5'] },
      admits: (source) => source.host === CALLER,
    },
    (session) => bridge.onInvite(session, undefined),
  );
  const phone = await startPhone();
  const foreign = (createRequire(import.meta.url)('sip') as ForeignPackage).create(
    { address: CALLER, port: 5_060, publicAddress: CALLER, tcp: false },
    () => undefined,
  );
  try {
    await until('baresip is registered', () => port.bound.get('id-phone'), 10_000);
    const answers: ForeignResponse[] = [];
    const request = (method: string, sequence: number, to: unknown, uri: string, content = '') => ({
      method,
      uri,
      headers: {
        to,
        from: { uri: `sip:caller@${CALLER}`, params: { tag: 'foreign' } },
        'call-id': 'foreign-b2bua',
        cseq: { method, seq: sequence },
        'content-type': 'application/sdp',
        contact: [{ uri: `sip:caller@${CALLER}` }],
      },
      content,
    });
    foreign.send(request('INVITE', 1, { uri: `sip:b@${US}` }, `sip:b@${US}`, sdpAt(CALLER)), (one) =>
      answers.push(one),
    );
    const ok = await until('an answer', () => answers.find(({ status }) => status >= 200), 10_000);
    expect(ok.status).toBe(200);
    expect(ok.content).toContain('m=audio');
    expect(JSON.stringify(ok.headers)).not.toContain(PHONE);
    const target = ok.headers.contact[0]?.uri ?? '';
    foreign.send(request('ACK', 1, ok.headers.to, target));
    const byes: ForeignResponse[] = [];
    foreign.send(request('BYE', 2, ok.headers.to, target), (one) => byes.push(one));
    await until('the end', () => ends[0]);
    expect(ends).toEqual([{ answered: true, by: 'a', how: 'hungUp' }]);
    await until('an answer to BYE', () => byes.find(({ status }) => status === 200));
  } finally {
    foreign.destroy();
    await phone.stop();
    bridge.stop();
    await us.agent.stop();
  }
}, 150_000);

function agentOf(us: TestAgent): TestAgent['agent'] {
  return us.agent;
}

/** baresip answers only to the Contact that it registered. */
function contactOf(us: TestAgent): string {
  return (us.agent as RegistrarAgent).bindingOf('id-phone')?.contact ?? '';
}

/** baresip, registered here, which answers every call. */
async function startPhone(): Promise<{ stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'engawa-baresip-'));
  const modules = ['account.so', 'g711.so', 'aufile.so', 'menu.so']
    .map((name) => `module ${name}\n`)
    .join('');
  await writeFile(
    join(folder, 'config'),
    `sip_listen ${PHONE}:5060\nmodule_path /usr/lib/baresip/modules\n${modules}audio_source aufile,${join(folder, 'says.wav')}\naudio_player aufile,${join(folder, 'heard.wav')}\n`,
  );
  await writeFile(
    join(folder, 'accounts'),
    `<sip:id-phone@${US}>;auth_pass=ascii;regint=60;answermode=auto;audio_codecs=PCMU/8000/1\n`,
  );
  await writeFile(join(folder, 'says.wav'), toneFile(440, 500));
  await writeFile(join(folder, 'contacts'), '');
  const child = spawn('baresip', ['-f', folder], { stdio: ['pipe', 'ignore', 'ignore'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
