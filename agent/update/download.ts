import { rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { Clock } from '../../lib/base/clock.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { Release } from '../../lib/contract/update.ts';
import { type BundleShelf, digestOf, sizeOf } from './bundle-shelf.ts';

/** A service that says nothing for so long is away. */
const SILENCE_MS = 30_000;
/** While somebody talks the download leaves the line to him: bytes a second. */
const BESIDE_CALL_BYTES_PER_S = 65_536;

/** What became of a download; what was fetched stays for the next try, unless it is not what was ordered. */
export type Fetched =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly why: 'network' | 'space' | 'spoilt'; readonly say: string };

export interface DownloadOptions {
  readonly shelf: BundleShelf;
  /** Where the desk is, who the box is and whom it trusts: as it is now. */
  readonly identity: () => Enrolment;
  /** Whether somebody talks. */
  readonly calls: () => boolean;
  readonly clock: Clock;
}

/** Fetches bundles from the service's desk, going on where an earlier try ended. */
export class Downloader {
  readonly #options: DownloadOptions;

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async fetch(release: Release, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<Fetched> {
    const { shelf } = this.#options;
    try {
      const path = shelf.pathOf(release);
      const part = shelf.partOf(release);
      shelf.sweep([path, part]);
      if (shelf.holds(release)) return { ok: true, path };
      if (sizeOf(part) > release.sizeBytes) rmSync(part, { force: true });
      const missing = shelf.missing(release.sizeBytes, sizeOf(part));
      if (missing > 0) return noRoom(missing);
      if (sizeOf(part) < release.sizeBytes) {
        const trouble = await this.#more(release, part, onBytes, signal);
        if (trouble !== undefined) return trouble;
      }
      return await this.#judge(release, part, path);
    } catch (error) {
      return ofError(error);
    }
  }

  /** Whole and what was ordered, or it begins anew. */
  async #judge(release: Release, part: string, path: string): Promise<Fetched> {
    const { shelf } = this.#options;
    if (sizeOf(part) < release.sizeBytes) {
      return { ok: false, why: 'network', say: 'The connection ended before the bundle was whole.' };
    }
    if ((await digestOf(part)) !== release.sha256) {
      rmSync(part, { force: true });
      return { ok: false, why: 'spoilt', say: 'What was fetched is not the bundle that was ordered.' };
    }
    shelf.settle(part, path);
    return { ok: true, path };
  }

  async #more(
    release: Release,
    part: string,
    onBytes: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<Fetched | undefined> {
    const here = sizeOf(part);
    const answer = await this.#ask(release, here, signal);
    const from = firstByte(answer, release, here);
    if (from === undefined) {
      answer.destroy();
      if (answer.statusCode === 416) rmSync(part, { force: true });
      const say = `The service does not hand out version ${release.version} (status ${answer.statusCode ?? 0}).`;
      return { ok: false, why: 'network', say };
    }
    const file = this.#options.shelf.open(part, from === 0 ? 'anew' : 'append');
    try {
      for await (const piece of answer as AsyncIterable<Buffer>) {
        if (file.bytes + piece.length > release.sizeBytes) {
          answer.destroy();
          rmSync(part, { force: true });
          return {
            ok: false,
            why: 'spoilt',
            say: 'The service sends more than the bundle that was ordered.',
          };
        }
        file.write(piece);
        onBytes(file.bytes);
        if (this.#options.calls()) await this.#besideCall(piece.length);
      }
    } finally {
      file.close();
    }
    return undefined;
  }

  #ask(release: Release, from: number, signal: AbortSignal): Promise<IncomingMessage> {
    const { enrol, mqtt, caPem, device } = this.#options.identity();
    const options: RequestOptions = {
      ...{ host: enrol.host, port: enrol.port, path: release.path, agent: false, signal },
      ...{ ca: caPem, servername: mqtt.serverName, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
      ...{ cert: device.certificatePem, key: device.privateKeyPem, timeout: SILENCE_MS },
      // What lies under another tag is another file: then the whole of it comes, and is not appended.
      headers: from === 0 ? {} : { range: `bytes=${from}-`, 'if-range': `"${release.sha256}"` },
    };
    return new Promise((resolve, reject) => {
      const asked = request(options, resolve);
      asked.on('timeout', () => asked.destroy(new Error('the service says nothing')));
      asked.on('error', reject);
      asked.end();
    });
  }

  #besideCall(bytes: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      clock.after((bytes / BESIDE_CALL_BYTES_PER_S) * 1_000, 'download beside a call', resolve);
    });
  }
}

/** From which byte on the answer is part of the release; undefined when it is not. A server may well send all of it. */
function firstByte(answer: IncomingMessage, release: Release, here: number): number | undefined {
  const tag = answer.headers.etag?.replace(/^W\//, '').replaceAll('"', '');
  if (tag !== undefined && tag !== release.sha256) return undefined;
  if (answer.statusCode === 200) return 0;
  if (answer.statusCode !== 206 || here === 0) return undefined;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
  if (range === null || Number(range[1]) !== here) return undefined;
  return range[2] === '*' || Number(range[2]) === release.sizeBytes ? here : undefined;
}

function noRoom(missingBytes: number): Fetched {
  const mb = Math.ceil(missingBytes / 1_000_000);
  return {
    ok: false,
    why: 'space',
    say: `The disk lacks ${mb} MB for the bundle; it is fetched when there is room.`,
  };
}

function ofError(error: unknown): Fetched {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const say = error instanceof Error ? error.message : String(error);
  const disk = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES'].includes(code);
  return disk
    ? { ok: false, why: 'space', say: `The bundle cannot be kept: ${say}.` }
    : { ok: false, why: 'network', say: `The bundle cannot be fetched: ${say}.` };
}
