import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DownloadDesk } from '../../../cloud-stub/sync/download-desk.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { eventually } from './gateway-client.ts';

const HOST = '127.56.0.73';
const PORT = 8_445;
// More than the sockets of both ends hold: whoever does not read keeps his place.
const SIZE = 24_000_000;

let folder: string;
let desk: DownloadDesk;
let server: Server;

/** The gateway is named by a header here: who it is was found out before. */
async function open(atOnce: number): Promise<void> {
  const bundle = { file: join(folder, 'bundle'), sizeBytes: SIZE, sha256: 'a'.repeat(64) };
  desk = new DownloadDesk({
    bundle: async (version) => (version === '1.2.0' ? bundle : undefined),
    limits: { atOnce, bytesPerS: 1_000_000_000 },
    ...{ clock: systemClock, log: silentLog() },
  });
  server = createServer((request, response) => {
    void desk.serve(request.headers['x-gateway'] as GatewayId, '1.2.0', request, response);
  });
  await new Promise<void>((resolve) => server.listen(PORT, HOST, resolve));
}

beforeEach(() => {
  folder = mkdtempSync('/tmp/engawa-downloads-');
  writeFileSync(join(folder, 'bundle'), Buffer.alloc(SIZE, 7));
});
afterEach(async () => {
  desk.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** A box that asks and reads nothing yet. */
function ask(gateway: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ host: HOST, port: PORT, path: '/', headers: { 'x-gateway': gateway } }, resolve).on(
      'error',
      reject,
    );
  });
}

/** How many bytes came until the end, or until the connection was cut. */
async function bytesOf(answer: IncomingMessage): Promise<number> {
  let bytes = 0;
  answer.on('error', () => undefined);
  answer.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  // One that was cut off before we looked is not closed once more.
  if (!answer.closed) await new Promise((resolve) => answer.once('close', resolve));
  return bytes;
}

describe('the desk of downloads', () => {
  it('tells who finds all places taken when to come again, and takes him when one is free', async () => {
    await open(1);
    const first = await ask('gw-000001');
    const second = await ask('gw-000002');
    expect(second.statusCode).toBe(503);
    expect(second.headers).toMatchObject({ 'retry-after': '30', 'content-type': 'application/json' });
    const words = JSON.parse(Buffer.concat(await second.toArray()).toString()) as unknown;
    expect(words).toMatchObject({ code: 'release.busy', fault: 'environment' });
    expect(desk.counters).toMatchObject({ started: 1, deferred: 1, finished: 0 });
    expect(await bytesOf(first)).toBe(SIZE);
    expect(await eventually(() => desk.busy === 0)).toBe(true);
    const again = await ask('gw-000002');
    expect(again.statusCode).toBe(200);
    expect(await bytesOf(again)).toBe(SIZE);
    // The last byte can be here before the desk knows that it has gone.
    expect(await eventually(() => desk.busy === 0)).toBe(true);
    expect(desk.counters).toMatchObject({ started: 2, deferred: 1, finished: 2, bytes: 2 * SIZE });
  });

  it('gives a box that lost its connection its own place again, when all are taken', async () => {
    await open(1);
    const lost = await ask('gw-000001');
    const again = await ask('gw-000001');
    expect(again.statusCode).toBe(200);
    expect(await bytesOf(lost)).toBeLessThan(SIZE);
    expect(await bytesOf(again)).toBe(SIZE);
    expect(await eventually(() => desk.busy === 0)).toBe(true);
    expect(desk.counters).toMatchObject({ started: 2, deferred: 0, finished: 1 });
  });

  it('counts a whole download of a box that closes the connection as soon as it has the last byte', async () => {
    await open(1);
    for (let download = 1; download <= 5; download++) {
      const answer = await ask('gw-000001');
      let bytes = 0;
      await new Promise<void>((resolve) => {
        answer.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes < SIZE) return;
          answer.destroy();
          resolve();
        });
      });
      expect(await eventually(() => desk.busy === 0)).toBe(true);
      expect(desk.counters.finished).toBe(download);
    }
  });

  it('frees the place of a box that goes away', async () => {
    await open(1);
    (await ask('gw-000001')).destroy();
    expect(await eventually(() => desk.busy === 0)).toBe(true);
    expect((await ask('gw-000002')).statusCode).toBe(200);
  });
});
