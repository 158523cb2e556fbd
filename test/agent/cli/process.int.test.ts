import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceRoutes, startLocalApi } from '../../../agent/local-api/index.ts';
import type { LineTools } from '../../../agent/technician/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok } from '../../../lib/base/errors.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { SampleBox } from './sample-box.ts';

const MAIN = fileURLToPath(new URL('../../../agent/cli/main.ts', import.meta.url));
const NOBODY = 65_534;
const LIMIT_MS = 60_000;
const MQTT = { host: '127.54.0.10', port: 8883, serverName: 'cloud.engawa.example' };

let folder: string;
let box: SampleBox;
let api: Running | undefined;
let drill: 'cut' | 'idle';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-cli-'));
  chmodSync(folder, 0o755);
  for (const [name, mode] of [
    ['box', 0o755],
    ['box/run', 0o755],
    ['box/agent', 0o700],
    ['here', 0o777],
  ] as const) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), mode);
  }
  box = new SampleBox();
  drill = 'cut';
});
afterEach(async () => {
  await api?.stop();
  api = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(tools?: LineTools): Promise<void> {
  const socket = join(folder, 'box/run/agent.sock');
  const drills = new Hono();
  const answer = () => ({ v: 1, at: drill, beginsAt: 1, seconds: 60, reports: [] });
  drills.get('/', (context) => context.json(answer()));
  drills.post('/outage', (context) => context.json(answer()));
  api = await startLocalApi({
    ...{ socket, source: box, clock: systemClock, log: silentLog() },
    ...(tools === undefined ? {} : { tools }),
    more: [
      { at: '/v1/service', routes: serviceRoutes(() => ({ mqtt: MQTT, caPem: 'pem' })) },
      { at: '/v1/drill', routes: drills },
    ],
  });
  chmodSync(socket, 0o777);
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as a process of its own; `heard` is told of what it says, and may send it signals. */
function engawa(
  argv: readonly string[],
  options: { readonly uid?: number; heard?(text: string, kill: () => void): void } = {},
): Promise<Ended> {
  const { uid, heard } = options;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), MAIN, ...argv, '--state', join(folder, 'box')],
    {
      cwd: join(folder, 'here'),
      env: { ...process.env, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    },
  );
  const said = { out: '', err: '' };
  const hear = (stream: 'out' | 'err') => (chunk: Buffer) => {
    said[stream] += chunk.toString();
    heard?.(said.out + said.err, () => child.kill('SIGINT'));
  };
  child.stdout.on('data', hear('out'));
  child.stderr.on('data', hear('err'));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
}

it(
  'a recording of a line is waited for, and lies in the file',
  async () => {
    let asked = 0;
    const tools = {
      capture: async () => ok({ port: 1, say: 'recording', forMs: 1_000 }),
      recording: async () =>
        ok(
          ++asked < 4
            ? ({ at: 'running', forMs: 1_000 } as const)
            : ({ at: 'done', wav: Buffer.from('RIFF'), recordedMs: 1_000 } as const),
        ),
    } as unknown as LineTools;
    await serve(tools);
    const ended = await engawa(['line', 'capture', '1', 'talk.wav', '--for', '1']);
    expect(ended).toMatchObject({ code: 0, out: expect.stringMatching(/4 bytes/) });
    expect(readFileSync(join(folder, 'here/talk.wav'), 'utf8')).toBe('RIFF');
  },
  LIMIT_MS,
);

it(
  'Ctrl-C leaves a drill, which goes on, and says how to end it',
  async () => {
    await serve();
    let sent = false;
    const ended = await engawa(['drill', 'outage', '60s'], {
      heard: (_text, kill) => {
        if (sent) return;
        sent = true;
        kill();
      },
    });
    expect(ended).toMatchObject({ code: 0, err: expect.stringMatching(/goes on.*engawa drill stop/) });
  },
  LIMIT_MS,
);

describe.skipIf(process.getuid?.() !== 0)(
  'at a console that may not look into the folder of the agent',
  () => {
    it(
      'netcheck learns from the agent where the service is',
      async () => {
        await serve();
        const ended = await engawa(['netcheck', '--letter', '--json'], { uid: NOBODY });
        expect(ended.code, ended.err).toBe(0);
        const { needed } = JSON.parse(ended.out) as { needed: { host: string; ports: string }[] };
        expect(needed).toContainEqual(expect.objectContaining({ host: MQTT.host, ports: String(MQTT.port) }));
        expect(needed).toContainEqual(expect.objectContaining({ host: box.config().trunk.host }));
      },
      LIMIT_MS,
    );

    it(
      'netcheck without an agent says that it cannot know, and is no good news',
      async () => {
        const ended = await engawa(['netcheck'], { uid: NOBODY });
        expect(ended).toMatchObject({ code: 8, out: '' });
      },
      LIMIT_MS,
    );

    it(
      'report has the name of the box, and lies where the command was given',
      async () => {
        await serve();
        const ended = await engawa(['report'], { uid: NOBODY });
        expect(ended.code, ended.err).toBe(0);
        expect(readdirSync(join(folder, 'here'))).toEqual([
          expect.stringMatching(new RegExp(`^engawa-report-${TEST_GATEWAY}-.*\\.tar\\.gz$`)),
        ]);
      },
      LIMIT_MS,
    );
  },
);
