import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBoxCertificate } from '../../../agent/provisioning/box-certificate.ts';
import { type FileAnswer, startFileServer } from '../../../agent/provisioning/file-server.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { ip } from './world.ts';

const HOST = '127.61.0.1';
const PORT = 8_080;
const ROUNDS = 20_000;
/** So many devices ask at once; each may have eight connections, and every refusal takes its time. */
const SOURCES = 14;
const AT_ONCE = 8;

let server: Running;
let folder = '';
const troubles: unknown[] = [];
let sent: boolean[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-file-server-'));
  writeFileSync(join(folder, 'fw.bin'), Buffer.alloc(3_000_000, 7));
  const started = await startFileServer({
    ...{ address: ip(HOST), port: PORT, tls: null, clock: systemClock },
    answer,
    onTrouble: (error) => troubles.push(error),
  });
  if (!started.ok) throw new Error(started.error.say);
  server = started.value;
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function answer({ target }: { readonly target: string }): FileAnswer {
  if (target === '/throws') throw new Error('a mistake of ours');
  const tell = (whole: boolean): void => void sent.push(whole);
  const shape = { status: 200, contentType: 'text/plain', etag: null, sent: tell } as const;
  if (target === '/fw') {
    return { ...shape, body: { kind: 'file', path: join(folder, 'fw.bin'), size: 3_000_000 } };
  }
  return target === '/good'
    ? { ...shape, body: { kind: 'bytes', bytes: Buffer.from('yes') } }
    : { status: 404 };
}

/** Writes bytes and gives what comes until the other side ends. */
function exchange(bytes: Buffer | string, limitMs = 4_000, localAddress = HOST): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port: PORT, host: HOST, localAddress });
    let text = '';
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    const limit = setTimeout(end, limitMs);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(limit);
      end();
    });
    socket.write(bytes);
  });
}

const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: box', 'Connection: close', ...headers, '', ''].join('\r\n');

describe('the file server', () => {
  it('gives a file and tells that all of it went', async () => {
    sent = [];
    const text = await exchange(get('/good'));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).not.toMatch(/\r\n(date|server|x-powered-by):/i);
    expect(text.endsWith('yes')).toBe(true);
    expect(sent).toEqual([true]);
  });

  it('streams firmware from the disk', async () => {
    expect((await exchange(get('/fw'), 10_000)).length).toBeGreaterThan(3_000_000);
  });

  it('says the same 404 to a wrong name, a broken request, a long header, CONNECT, an upgrade and a mistake of ours', async () => {
    const answers = await Promise.all([
      exchange(get('/wrong')),
      exchange('GET /x HTTP/9.9\r\n\r\n'),
      exchange(get('/good', `X: ${'x'.repeat(9_000)}`)),
      exchange('CONNECT 10.0.0.1:80 HTTP/1.1\r\nHost: box\r\n\r\n'),
      exchange(get('/throws')),
    ]);
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[\s\S]*\r\n\r\nNot Found\n$/);
    expect(troubles).toHaveLength(1);
  });

  it('takes as long for every refusal', async () => {
    const timesMs: number[] = [];
    for (const path of ['/wrong', '/throws', '/p/cfgc074ad2bd859.xml']) {
      const startMs = performance.now();
      await exchange(get(path));
      timesMs.push(performance.now() - startMs);
    }
    expect(Math.min(...timesMs)).toBeGreaterThan(20);
  });

  it('gives a source eight connections at most', async () => {
    const sockets = Array.from({ length: 20 }, () => connect(PORT, HOST));
    const closed = sockets.map(
      (socket) =>
        new Promise<boolean>((resolve) => {
          socket.on('error', () => {});
          socket.on('close', () => resolve(true));
          setTimeout(() => resolve(false), 700);
        }),
    );
    const ends = await Promise.all(closed);
    for (const socket of sockets) socket.destroy();
    expect(ends.filter((end) => !end)).toHaveLength(8);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await exchange(get('/good'))).toMatch(/200 OK/);
  });

  it(`lives on after ${ROUNDS} mutated requests`, async () => {
    const random = seededRandom(3);
    const good = Buffer.from(get('/wrong', 'User-Agent: Grandstream', 'Content-Length: 3'));
    let answered = 0;
    const one = async (source: string): Promise<void> => {
      const bytes = Buffer.concat([good, random.bytes(4)]);
      for (let change = 0; change < 6; change++) {
        bytes[Math.floor(random.fraction() * bytes.length)] = Math.floor(random.fraction() * 256);
      }
      const text = await exchange(bytes, 1_000, source);
      if (text === '') return;
      answered += 1;
      expect(text).toMatch(/^HTTP\/1\.1 (404|100)/);
    };
    const before = troubles.length;
    let left = ROUNDS;
    const worker = async (source: string): Promise<void> => {
      while (left-- > 0) await one(source);
    };
    const workers = Array.from(
      { length: SOURCES * AT_ONCE },
      (_, index) => `127.61.0.${10 + (index % SOURCES)}`,
    );
    await Promise.all(workers.map(worker));
    expect(answered).toBeGreaterThan(ROUNDS / 2);
    expect(troubles).toHaveLength(before);
    expect(await exchange(get('/good'))).toMatch(/200 OK/);
  }, 150_000);

  it('refuses a port that is taken, in a sentence', async () => {
    const again = await startFileServer({
      ...{ address: ip(HOST), port: PORT, tls: null, clock: systemClock, answer },
      onTrouble: () => {},
    });
    expect(again).toMatchObject({ ok: false, error: { code: 'phones.server' } });
  });
});

describe('the box’s certificate', () => {
  it('is made once, for its address, with a private key that only the box reads', async () => {
    const clock = new VirtualClock(Date.now());
    const first = await openBoxCertificate(folder, '192.168.21.2', clock);
    const again = await openBoxCertificate(folder, '192.168.21.2', clock);
    expect(first.ok && again.ok && first.value.cert === again.value.cert).toBe(true);
    expect(statSync(join(folder, 'phones-key.pem')).mode & 0o777).toBe(0o600);
    const moved = await openBoxCertificate(folder, '192.168.21.3', clock);
    expect(moved.ok && first.ok && moved.value.cert !== first.value.cert).toBe(true);
    expect(readFileSync(join(folder, 'phones-cert.pem'), 'utf8')).toMatch(/BEGIN CERTIFICATE/);
  });

  it('that cannot be made is a sentence', async () => {
    const none = await openBoxCertificate(join(folder, 'nowhere'), '192.168.21.2', systemClock);
    expect(none).toMatchObject({ ok: false, error: { code: 'phones.tls' } });
  });
});
