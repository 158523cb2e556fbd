import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type ByteRange, rangeOf } from './byte-range.ts';
import { TokenBucket } from './token-bucket.ts';

const PATH = /^\/v1\/releases\/([0-9A-Za-z.-]{1,60})\/bundle$/;
/** Bytes that are read and sent at a time. */
const PIECE_BYTES = 65_536;
/** A box that takes nothing for so long is gone. */
const STALL_LIMIT_MS = 60_000;
/** When whoever found all places taken may ask again; a box adds a chance of its own. */
const COME_AGAIN_S = 30;

/** How much downloads may take. */
export interface DownloadLimits {
  /** Boxes at a time. */
  readonly atOnce: number;
  /** Of all together. */
  readonly bytesPerS: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = { atOnce: 64, bytesPerS: 50_000_000 };

/** What has been fetched since the start. */
export interface DownloadCounters {
  started: number;
  /** Of them, those that went on where an earlier one had ended. */
  resumed: number;
  finished: number;
  /** Told to come again, as all places were taken. */
  deferred: number;
  /** Without a certificate that is good. */
  refused: number;
  bytes: number;
}

/** A file that boxes may fetch. */
export interface Bundle {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** What the desk needs from outside. */
export interface DownloadNeeds {
  /** Undefined when there is no such release. */
  readonly bundle: (version: string) => Promise<Bundle | undefined>;
  readonly limits: DownloadLimits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The release that a path names; undefined when it names none. */
export function releaseIn(url: string | undefined): string | undefined {
  return PATH.exec(url ?? '')?.[1];
}

/** Hands bundles out: whole or from where somebody was cut off, to so many boxes at a time, no faster than the line allows. */
export class DownloadDesk {
  readonly #needs: DownloadNeeds;
  readonly #bucket: TokenBucket;
  /** Who fetches now. A box has one place: who comes again has lost his earlier connection. */
  readonly #places = new Map<GatewayId, ServerResponse>();
  readonly counters: DownloadCounters = {
    ...{ started: 0, resumed: 0, finished: 0, deferred: 0, refused: 0, bytes: 0 },
  };

  constructor(needs: DownloadNeeds) {
    this.#needs = needs;
    const { bytesPerS } = needs.limits;
    const pieces = bytesPerS / PIECE_BYTES;
    this.#bucket = new TokenBucket(pieces, Math.max(1, pieces / 4), needs.clock.monotonicMs());
  }

  /** Boxes that fetch now. */
  get busy(): number {
    return this.#places.size;
  }

  /** Answers a box of ours; `gateway` is undefined for whoever could not prove to be one. */
  async serve(
    gateway: GatewayId | undefined,
    version: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (gateway === undefined) {
      this.counters.refused++;
      return refuse(response, 403, NOT_OURS);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, NO_METHOD);
    }
    const bundle = await this.#needs.bundle(version);
    if (bundle === undefined) return refuse(response, 404, noRelease(version));
    const etag = `"${bundle.sha256}"`;
    response.setHeader('etag', etag);
    response.setHeader('accept-ranges', 'bytes');
    if (request.headers['if-none-match'] === etag) return done(response, 304);
    // Of another file than the one that was begun, a part is of no use: the whole of the new one comes.
    const same = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const range = same ? rangeOf(request.headers.range, bundle.sizeBytes) : 'whole';
    if (range === 'outside') {
      response.setHeader('content-range', `bytes */${bundle.sizeBytes}`);
      return refuse(response, 416, OUTSIDE);
    }
    const part = range === 'whole' ? { first: 0, last: bundle.sizeBytes - 1 } : range;
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-length', part.last - part.first + 1);
    if (range !== 'whole') {
      response.setHeader('content-range', `bytes ${part.first}-${part.last}/${bundle.sizeBytes}`);
    }
    const status = range === 'whole' ? 200 : 206;
    if (request.method === 'HEAD') return done(response, status);
    await this.#hand(gateway, bundle, part, status, response);
  }

  /** Ends what is under way. */
  stop(): void {
    for (const response of this.#places.values()) response.destroy();
  }

  async #hand(
    gateway: GatewayId,
    bundle: Bundle,
    part: ByteRange,
    status: number,
    response: ServerResponse,
  ): Promise<void> {
    const { limits, log } = this.#needs;
    this.#places.get(gateway)?.destroy();
    if (!this.#places.has(gateway) && this.#places.size >= limits.atOnce) {
      this.counters.deferred++;
      response.setHeader('retry-after', COME_AGAIN_S);
      return refuseInstead(response, 503, BUSY);
    }
    this.#places.set(gateway, response);
    this.counters.started++;
    if (part.first > 0) this.counters.resumed++;
    try {
      const handle = await open(bundle.file, 'r').catch((error: unknown) => {
        log.error({ err: error, gateway }, 'the bundle of a release cannot be read');
        return undefined;
      });
      if (handle === undefined) return refuseInstead(response, 500, UNREADABLE);
      try {
        response.writeHead(status, { connection: 'close' });
        if (!(await this.#send(handle, part, response))) return;
        response.end();
        this.counters.finished++;
        const bytes = part.last - part.first + 1;
        log.info({ gateway, from: part.first, bytes }, 'a box has fetched a release');
      } finally {
        await handle.close();
      }
    } finally {
      if (this.#places.get(gateway) === response) this.#places.delete(gateway);
    }
  }

  /**
   * Whether all of it went out. That is known with the last piece: a box that knows the length closes
   * the connection as soon as it has it, and is not one that went away.
   */
  async #send(
    handle: Awaited<ReturnType<typeof open>>,
    { first, last }: ByteRange,
    response: ServerResponse,
  ): Promise<boolean> {
    for (let at = first; at <= last && !response.destroyed; ) {
      await this.#turn();
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, last - at + 1));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) {
        response.destroy(new Error('the file of the bundle is cut short'));
        return false;
      }
      at += bytesRead;
      if (response.destroyed) return false;
      this.counters.bytes += bytesRead;
      if (!response.write(piece.subarray(0, bytesRead))) await this.#drained(response);
    }
    return !response.destroyed;
  }

  /** Until a piece more may be sent. */
  async #turn(): Promise<void> {
    const { clock, limits } = this.#needs;
    const pieceMs = (PIECE_BYTES * 1_000) / limits.bytesPerS;
    while (!this.#bucket.take(clock.monotonicMs())) {
      await new Promise<void>((resolve) => {
        clock.after(Math.max(5, pieceMs), 'download turn', resolve);
      });
    }
  }

  #drained(response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = this.#needs.clock.after(STALL_LIMIT_MS, 'download stall', () =>
        response.destroy(),
      );
      const go = (): void => {
        timer.cancel();
        response.off('drain', go);
        response.off('close', go);
        resolve();
      };
      response.on('drain', go);
      response.on('close', go);
    });
  }
}

function done(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' });
  response.end();
}

function refuse(response: ServerResponse, status: number, error: object): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(error));
}

/** A refusal where a bundle was about to come. */
function refuseInstead(response: ServerResponse, status: number, error: object): void {
  for (const name of ['content-length', 'content-range', 'etag']) response.removeHeader(name);
  refuse(response, status, error);
}

function noRelease(version: string): object {
  const say = `The service has no release ${version}. It may have been withdrawn; wait for another order.`;
  return { code: 'release.unknown', fault: 'caller', say };
}

const NOT_OURS = {
  code: 'release.notOurs',
  fault: 'caller',
  say: 'Releases are for gateways of this service, by a certificate that is good. Enrol the box again with a claim code.',
} as const;
const NO_METHOD = { code: 'release.method', fault: 'caller', say: 'A release is fetched by GET.' } as const;
const OUTSIDE = {
  code: 'release.range',
  fault: 'caller',
  say: 'The release ends before that. Throw away what was fetched and begin anew.',
} as const;
const UNREADABLE = {
  code: 'release.file',
  fault: 'us',
  say: 'The service cannot read the release now. Ask again in some minutes.',
} as const;
const BUSY = {
  code: 'release.busy',
  fault: 'environment',
  say: `Enough boxes fetch a release now. Ask again after ${COME_AGAIN_S} s and a chance.`,
} as const;
