import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BundleShelf, Downloader } from '../../../agent/update/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import type { Release } from '../../../lib/contract/update.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { testAuthority } from '../../support/tls-authority.ts';

const HOST = '127.65.1.1';
const PORT = 18_884;
const BYTES = seededRandom(8).bytes(300_000);
const SHA = createHash('sha256').update(BYTES).digest('hex');
const RELEASE: Release = {
  ...{ version: '1.2.0', compatible: 'engawa-virt-arm64', sizeBytes: BYTES.length, sha256: SHA },
  path: '/v1/releases/1.2.0/bundle',
};

const authority = testAuthority();
const service = authority.issue('cloud.engawa.example');
const device = authority.issue('gw-000001');
const folder = mkdtempSync(join(tmpdir(), 'engawa-download-'));
const shelf = new BundleShelf(join(folder, 'downloads'));
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
let asked: IncomingMessage['headers'][] = [];
let server: Server;

beforeAll(async () => {
  server = createServer(
    {
      cert: service.cert,
      key: service.key,
      ca: authority.caPem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      asked.push(request.headers);
      answer(request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(PORT, HOST, resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  rmSync(join(folder, 'downloads'), { recursive: true, force: true });
});

const downloader = new Downloader({
  ...{ shelf, clock: systemClock, calls: () => false },
  identity: () =>
    testEnrolment({
      enrol: { host: HOST, port: PORT },
      caPem: authority.caPem,
      device: { certificatePem: device.cert, privateKeyPem: device.key },
    }),
});
const fetchIt = (onBytes: (bytes: number) => void = () => undefined, signal = new AbortController().signal) =>
  downloader.fetch(RELEASE, onBytes, signal);

/** A desk that does as HTTP says. */
function honest(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const etag = `"${SHA}"`;
  if (from === 0) response.writeHead(200, { etag, 'content-length': BYTES.length });
  else {
    const range = `bytes ${from}-${BYTES.length - 1}/${BYTES.length}`;
    response.writeHead(206, { etag, 'content-range': range });
  }
  response.end(BYTES.subarray(from));
}

/** Sends so much and dies. */
const dies =
  (after: number) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { etag: `"${SHA}"`, 'content-length': BYTES.length });
    response.write(BYTES.subarray(0, after), () => setTimeout(() => response.destroy(), 50));
  };

const there = (): readonly string[] => readdirSync(join(folder, 'downloads'));

describe('a download', () => {
  it('goes on where the connection broke, and is whole', async () => {
    answer = dies(100_000);
    expect(await fetchIt()).toMatchObject({ ok: false, why: 'network' });
    const kept = readFileSync(shelf.partOf(RELEASE)).length;
    expect(kept).toBeGreaterThan(0);
    answer = honest;
    const seen: number[] = [];
    expect(await fetchIt((bytes) => seen.push(bytes))).toEqual({ ok: true, path: shelf.pathOf(RELEASE) });
    expect(asked[1]).toMatchObject({ range: `bytes=${kept}-`, 'if-range': `"${SHA}"` });
    expect(seen.at(-1)).toBe(BYTES.length);
    expect(readFileSync(shelf.pathOf(RELEASE)).equals(BYTES)).toBe(true);
    expect(there()).toEqual([`${SHA}.raucb`]);
    expect(await fetchIt()).toMatchObject({ ok: true });
    expect(asked).toHaveLength(2);
  });

  it('begins anew with a server that sends all of it, and takes nothing under another tag', async () => {
    answer = dies(100_000);
    await fetchIt();
    answer = (_request, response) => {
      response.writeHead(206, { etag: '"another"', 'content-range': 'bytes 1-2/3' });
      response.end('xx');
    };
    expect(await fetchIt()).toMatchObject({ ok: false, why: 'network' });
    answer = (_request, response) => {
      response.writeHead(200);
      response.end(BYTES);
    };
    expect(await fetchIt()).toMatchObject({ ok: true });
    expect(readFileSync(shelf.pathOf(RELEASE)).equals(BYTES)).toBe(true);
  });

  it('throws away what is not what was ordered: other bytes, and more of them', async () => {
    mkdirSync(join(folder, 'downloads'), { recursive: true });
    writeFileSync(shelf.partOf(RELEASE), Buffer.alloc(1_000));
    answer = honest;
    expect(await fetchIt()).toMatchObject({ ok: false, why: 'spoilt' });
    expect(there()).toEqual([]);
    answer = (_request, response) => response.end(Buffer.concat([BYTES, BYTES]));
    expect(await fetchIt()).toMatchObject({ ok: false, why: 'spoilt' });
    expect(there()).toEqual([]);
  });

  it('keeps one file at most, and none that the disk has no room for', async () => {
    mkdirSync(join(folder, 'downloads'), { recursive: true });
    writeFileSync(join(folder, 'downloads', `${'0'.repeat(64)}.raucb`), 'older');
    writeFileSync(join(folder, 'downloads', `${'1'.repeat(64)}.part`), 'older');
    answer = honest;
    expect(await fetchIt()).toMatchObject({ ok: true });
    expect(there()).toEqual([`${SHA}.raucb`]);
    const huge = { ...RELEASE, sha256: '2'.repeat(64), sizeBytes: 9e15 };
    const none = await downloader.fetch(huge, () => undefined, new AbortController().signal);
    expect(none).toMatchObject({ ok: false, why: 'space' });
  });

  it('asks nobody but the service of its enrolment, and ends when it is put off', async () => {
    const stranger = new Downloader({
      ...{ shelf, clock: systemClock, calls: () => false },
      identity: () =>
        testEnrolment({
          enrol: { host: HOST, port: PORT },
          caPem: device.cert,
          device: { certificatePem: device.cert, privateKeyPem: device.key },
        }),
    });
    const refused = await stranger.fetch(RELEASE, () => undefined, new AbortController().signal);
    expect(refused).toMatchObject({ ok: false, why: 'network' });
    expect(asked).toEqual([]);
    const controller = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 10_000), () => setTimeout(() => controller.abort(), 20));
    };
    expect(await fetchIt(() => undefined, controller.signal)).toMatchObject({ ok: false, why: 'network' });
  });
});
