import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLocalApi, type WatchLine } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { StartupError } from '../../../lib/base/errors.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { SampleBox, sampleStatus } from '../cli/sample-box.ts';

let folder: string;
let socket: string;
let box: SampleBox;
let api: Running | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-api-'));
  socket = join(folder, 'agent.sock');
  box = new SampleBox();
});
afterEach(async () => {
  await api?.stop();
  api = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog() });
}

function get(path: string, method = 'GET'): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, path, method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Opens the stream; `lines` grows. */
function follow(): { lines: WatchLine[]; end(): void; status: Promise<number> } {
  const lines: WatchLine[] = [];
  const sent = request({ socketPath: socket, path: '/v1/watch', agent: false });
  const status = new Promise<number>((resolve) => {
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      let text = '';
      response.setEncoding('utf8');
      response.on('error', () => {});
      response.on('data', (part: string) => {
        text += part;
        for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
          lines.push(JSON.parse(text.slice(0, at)) as WatchLine);
          text = text.slice(at + 1);
        }
      });
    });
  });
  sent.on('error', () => {});
  sent.end();
  return { lines, status, end: () => sent.destroy() };
}

describe('the local API', () => {
  it('answers status, lines, calls and configuration, without passwords', async () => {
    await start();
    expect((await get('/v1/status')).body).toEqual(JSON.parse(JSON.stringify(sampleStatus())));
    expect((await get('/v1/lines')).body).toMatchObject({ v: 1, lines: [{ port: 1 }, { port: 2 }] });
    expect((await get('/v1/calls')).body).toMatchObject({
      v: 1,
      limit: 2,
      calls: [{ state: 'talking' }, {}, {}],
    });
    const config = (await get('/v1/config')).body;
    expect(config).toMatchObject({ v: 1, reported: { appliedRev: 3 }, config: { contract: 'c-000001' } });
    expect(JSON.stringify(config)).toContain('(hidden)');
    expect(JSON.stringify(config)).not.toContain('a-secret-of-the-office');
  });

  it('refuses anything else with a code and a sentence', async () => {
    await start();
    expect(await get('/v1/nothing')).toMatchObject({ status: 404, body: { v: 1, code: 'api.unknownRoute' } });
    expect(await get('/v1/status', 'POST')).toMatchObject({ status: 405, body: { code: 'api.readOnly' } });
    box.status = () => {
      throw new Error('a mistake');
    };
    expect(await get('/v1/status')).toMatchObject({ status: 500, body: { code: 'api.unexpected' } });
  });

  it('lives on after any bytes', async () => {
    await start();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await new Promise<void>((resolve) => {
          const raw = connect(socket, () => raw.end(Buffer.from(bytes)));
          raw.resume();
          raw.on('error', () => resolve());
          raw.on('close', () => resolve());
        });
      }),
      { numRuns: 40 },
    );
    await fc.assert(
      fc.asyncProperty(fc.webPath({ size: 'large' }), async (path) => {
        expect((await get(`/v1/${path}`)).status).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
    expect((await get('/v1/status')).status).toBe(200);
  });
});

describe('the watch stream', () => {
  it('begins with the status of now and tells every change', async () => {
    await start();
    const stream = follow();
    await vi.waitFor(() => expect(stream.lines).toHaveLength(1));
    box.become(sampleStatus({ calls: { now: 2, limit: 2 } }));
    await vi.waitFor(() => expect(stream.lines.at(-1)?.status.calls.now).toBe(2));
    // Many changes at once are one line.
    for (let n = 0; n < 100; n++) box.become(sampleStatus({ upMs: n }));
    await vi.waitFor(() => expect(stream.lines.at(-1)?.status.upMs).toBe(99));
    expect(stream.lines.length).toBeLessThan(6);
    stream.end();
  });

  it('is refused to the ninth reader, and free again when one leaves', async () => {
    await start();
    const streams = Array.from({ length: 8 }, () => follow());
    expect(await Promise.all(streams.map((stream) => stream.status))).toEqual(Array(8).fill(200));
    expect(await get('/v1/watch')).toMatchObject({ status: 503, body: { code: 'api.tooManyWatchers' } });
    streams[0]?.end();
    await vi.waitFor(async () => {
      const again = follow();
      expect(await again.status).toBe(200);
      streams.push(again);
    });
    for (const stream of streams) stream.end();
  });

  it('keeps no queue for a reader that does not read', async () => {
    await start();
    const raw = connect(socket, () => raw.write('GET /v1/watch HTTP/1.1\r\nhost: x\r\n\r\n'));
    await new Promise((resolve) => raw.once('readable', resolve));
    raw.pause();
    const big = sampleStatus({ office: 'x'.repeat(200_000) });
    for (let round = 0; round < 12; round++) {
      box.become({ ...big, upMs: round });
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    const other = follow();
    await vi.waitFor(() => expect(other.lines).toHaveLength(1));
    other.end();
    let text = '';
    raw.on('data', (part: Buffer) => {
      text += part.toString('latin1');
    });
    raw.resume();
    await vi.waitFor(() => {
      box.become(sampleStatus({ upMs: 999 }));
      expect(text).toMatch(/"upMs":999/);
    });
    expect(text).toMatch(/"skipped":[1-9]/);
    raw.destroy();
  });

  it('ends when the agent stops', async () => {
    await start();
    const stream = follow();
    await stream.status;
    await api?.stop();
    api = undefined;
    expect(existsSync(socket)).toBe(false);
  });
});

describe('warnings', () => {
  it('say what they mean and which lines and calls they hurt', async () => {
    const warning = { severity: 'error', say: 'x', remedy: 'y', sinceMs: 1 } as const;
    const codes = ['W-BRD-101', 'W-TRK-301/2', 'W-CLD-401', 'W-LIN-151/1'];
    box.current = sampleStatus({ warnings: codes.map((code) => ({ ...warning, code })) });
    await start();
    const { body } = await get('/v1/warnings');
    const [running] = box.history;
    const views = body['warnings'] as { code: string; means: string; hurts: unknown }[];
    expect(views.map(({ code, hurts }) => [code, hurts])).toEqual([
      ['W-BRD-101', { lines: [1, 2], calls: [running?.call] }],
      ['W-TRK-301/2', { lines: [2], calls: [] }],
      ['W-CLD-401', { lines: [], calls: [] }],
      ['W-LIN-151/1', { lines: [1], calls: [running?.call] }],
    ]);
    expect(views[2]?.means).toMatch(/cannot reach the service/);
  });

  it('words for a shell are of four kinds and no other', async () => {
    await start();
    expect(await get('/v1/words/secrets')).toMatchObject({ status: 404, body: { code: 'api.unknownRoute' } });
  });
});

describe('the socket', () => {
  it('is for owner and group only', async () => {
    await start();
    expect((statSync(socket).mode & 0o777).toString(8)).toBe('660');
  });

  it('left behind by a killed agent is taken over', async () => {
    // Binds and dies without removing its socket.
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    expect(existsSync(socket)).toBe(true);
    await start();
    expect((await get('/v1/status')).status).toBe(200);
  });

  it('of a living agent is left alone', async () => {
    const other = createServer((connection) => connection.end());
    await new Promise<void>((resolve) => other.listen(socket, resolve));
    await expect(start()).rejects.toThrow(StartupError);
    expect(existsSync(socket)).toBe(true);
    other.close();
  });

  it('that is a file, too long, or in no folder stops the start with a sentence', async () => {
    writeFileSync(socket, 'precious');
    await expect(start()).rejects.toThrow(/not a socket/);
    socket = join(folder, 'x'.repeat(120));
    await expect(start()).rejects.toThrow(/longer than/);
    socket = join(folder, 'none', 'agent.sock');
    await expect(start()).rejects.toThrow(/Cannot listen/);
  });
});
