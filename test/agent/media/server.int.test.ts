import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import { MediaClient, type MediaEvent, type MediaSnapshot } from '../../../agent/media/index.ts';
import { MEDIA_PROTOCOL } from '../../../agent/media/protocol.ts';
import { MediaServer } from '../../../agent/media/server.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';

let path: string;
let board: FakeBoard;
let engine: MediaEngine;
let server: MediaServer;
const clients: Agent[] = [];

interface Agent {
  readonly client: MediaClient;
  readonly told: string[];
  readonly events: MediaEvent[];
  readonly snapshots: MediaSnapshot[];
}

function hello(id: number): string {
  return JSON.stringify({ id, type: 'hello', protocol: MEDIA_PROTOCOL });
}

function agent(): Agent {
  const told: string[] = [];
  const events: MediaEvent[] = [];
  const snapshots: MediaSnapshot[] = [];
  const client = new MediaClient({
    socketPath: path,
    clock: systemClock,
    log: silentLog(),
    onConnected: (snapshot) => {
      told.push('connected');
      snapshots.push(snapshot);
    },
    onEvent: (event) => events.push(event),
    onLost: (why) => told.push(why.code),
  });
  client.start();
  const made = { client, told, events, snapshots };
  clients.push(made);
  return made;
}

async function until(what: () => boolean, limitMs = 30_000): Promise<void> {
  for (let waited = 0; !what(); waited += 5) {
    if (waited > limitMs) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Speaks the socket's language by hand: sends lines, answers what came back, one answer for each. */
function raw(...lines: string[]): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const answers: Record<string, unknown>[] = [];
    const done = (): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(answers);
    };
    const limit = setTimeout(done, 20_000);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
      const whole = text.split('\n');
      text = whole.pop() ?? '';
      for (const line of whole) if (line !== '') answers.push(JSON.parse(line) as Record<string, unknown>);
      if (answers.length >= lines.length) done();
    });
    socket.on('error', reject);
    socket.on('connect', () => socket.write(lines.map((line) => `${line}\n`).join('')));
  });
}

function startServer(): Promise<void> {
  server = new MediaServer({ path, engine, clock: systemClock, log: silentLog() });
  return server.start();
}

beforeEach(async () => {
  path = join(mkdtempSync(join(tmpdir(), 'media-')), 'm.sock');
  board = new FakeBoard();
  engine = new MediaEngine({ board, clock: systemClock, random: systemRandom, log: silentLog() });
  engine.start();
  board.emit({ type: 'up', board: FAKE_BOARD });
  await startServer();
});

afterEach(async () => {
  for (const { client } of clients.splice(0)) client.stop();
  await server.stop();
  await engine.stop();
});

describe('the media socket', () => {
  it('answers hello with the state, commands with values, and sends events', async () => {
    const { client, events, snapshots } = agent();
    await until(() => client.connected);
    expect(snapshots[0]).toMatchObject({
      protocol: MEDIA_PROTOCOL,
      board: { model: 'fake' },
      boardDown: null,
      sessions: [],
    });
    expect(snapshots[0]?.lines.map((line) => line.port)).toEqual([1, 2]);
    const opened = await client.request({
      type: 'rtpOpen',
      session: 'a',
      localHost: '127.53.2.1',
      note: 'x',
    });
    expect(opened).toMatchObject({ ok: true });
    expect(opened.ok && opened.value.localPort % 2).toBe(0);
    expect(await client.request({ type: 'rtpClose', session: 'b' })).toMatchObject({
      ok: false,
      error: { code: 'media.noSession' },
    });
    expect(await client.request({ type: 'figures' })).toMatchObject({ ok: true, value: { sessions: 1 } });
    board.hook(2, true);
    await until(() => events.length > 0);
    expect(events).toEqual([{ event: 'hook', port: 2, offHook: true }]);
  });

  it('is for whom the umask lets in: an agent that is another user of the same group, or nobody else', async () => {
    const mode = async (mask: number): Promise<number> => {
      const before = process.umask(mask);
      try {
        await server.stop();
        await startServer();
      } finally {
        process.umask(before);
      }
      return statSync(path).mode & 0o777;
    };
    expect(await mode(0o007)).toBe(0o660);
    expect(await mode(0o077)).toBe(0o600);
  });

  it('refuses another version of the protocol and says both', async () => {
    const answers = await raw('{"id":4,"type":"hello","protocol":99}', '{"id":5,"type":"figures"}');
    expect(answers).toEqual([
      {
        id: 4,
        ok: false,
        code: 'media.protocol',
        say: expect.stringMatching(new RegExp(`speaks protocol ${MEDIA_PROTOCOL}, the agent 99`)),
      },
      { id: 5, ok: false, code: 'media.helloFirst', say: expect.any(String) },
    ]);
  });

  it('answers bad input with a code and goes on', async () => {
    const answers = await raw(
      'garbage',
      '[]',
      '{"id":7,"type":"ring","port":1}',
      'x'.repeat(1_100_000),
      hello(8),
      hello(9),
    );
    expect(answers.map(({ id, code, ok }) => [id, ok === true ? 'ok' : code])).toEqual([
      [-1, 'media.badRequest'],
      [-1, 'media.badRequest'],
      [7, 'media.badRequest'],
      [-1, 'media.badRequest'],
      [8, 'ok'],
      [9, 'ok'],
    ]);
  });

  it('lets a newer agent take over from an older one, who is told', async () => {
    const older = agent();
    await until(() => older.client.connected);
    const newer = agent();
    await until(() => newer.client.connected && older.told.includes('media.lost'));
    older.client.stop();
    expect(older.events).toMatchObject([{ event: 'warning', code: 'media.replaced' }]);
    board.hook(1, true);
    await until(() => newer.events.some((event) => event.event === 'hook'));
  });

  it('keeps sessions when the agent goes, and hands them to the next one', async () => {
    const first = agent();
    await until(() => first.client.connected);
    await first.client.request({ type: 'rtpOpen', session: 'a', localHost: '127.53.2.1', note: 'call 1' });
    first.client.stop();
    const second = agent();
    await until(() => second.client.connected);
    expect(second.snapshots[0]?.sessions).toMatchObject([{ session: 'a', note: 'call 1' }]);
  });

  it('is found again by a client after it was away', async () => {
    const { client, told } = agent();
    await until(() => client.connected);
    await server.stop();
    await until(() => told.includes('media.lost'));
    expect(await client.request({ type: 'figures' })).toMatchObject({
      error: { code: 'media.notConnected' },
    });
    await startServer();
    await until(() => client.connected);
    expect(told).toEqual(['connected', 'media.lost', 'connected']);
  });

  it('takes over a socket file left by a crash, but not one that is served', async () => {
    const second = new MediaServer({ path, engine, clock: systemClock, log: silentLog() });
    await expect(second.start()).rejects.toMatchObject({ coded: { code: 'media.socketInUse' } });
    await server.stop();
    writeFileSync(path, '');
    await startServer();
    expect(await raw(hello(1))).toMatchObject([{ id: 1, ok: true }]);
  });
});
