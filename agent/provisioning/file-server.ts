import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../lib/net/ipv4.ts';
import type { FetchRequest } from './fetch-decision.ts';

/** What goes back. `sent` is told once whether all of it did. */
export type FileAnswer =
  | { readonly status: 404 }
  /** The value of `WWW-Authenticate`. */
  | { readonly status: 401; readonly challenge: string }
  | {
      readonly status: 200;
      readonly contentType: string;
      readonly body:
        | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
        | { readonly kind: 'file'; readonly path: string; readonly size: number };
      /** Null for what differs at the next time. */
      readonly etag: string | null;
      sent(whole: boolean): void;
    };

/** Bounds of a connection: a phone asks for a handful of short names and listens. */
const LIMITS = {
  headerBytes: 8_192,
  headersMs: 5_000,
  requestMs: 10_000,
  idleMs: 15_000,
  keepAliveMs: 3_000,
  requestsPerSocket: 64,
  connections: 128,
  perSource: 8,
} as const;

/** Every refusal takes the same time, whatever it was that was looked at. */
const REFUSAL_MS = 25;
const REFUSAL = 'Not Found\n';
const REFUSAL_HEADERS = {
  'content-type': 'text/plain',
  'content-length': String(REFUSAL.length),
  'cache-control': 'no-store',
  connection: 'close',
};
const REFUSAL_RAW = `HTTP/1.1 404 Not Found\r\n${Object.entries(REFUSAL_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')}\r\n${REFUSAL}`;

export interface FileServerOptions {
  readonly address: Ipv4;
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string } | null;
  readonly clock: Clock;
  /** Decides. Must not throw; if it does, the answer is the same 404. */
  answer(request: FetchRequest): FileAnswer;
  onTrouble(error: unknown): void;
}

/** Listens on one address of the box and hands out what `answer` gives. Refused: the port, as a sentence. */
export function startFileServer(options: FileServerOptions): Promise<Result<Running, CodedError>> {
  const { address, port, tls } = options;
  const shape = {
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: LIMITS.headersMs,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    connectionsCheckingInterval: 2_000,
    // Node would answer a missing one itself, and differently.
    requireHostHeader: false,
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    onRequest(options, request, response);
  const server: Server =
    tls === null ? createServer(shape, handle) : createTlsServer({ ...shape, ...tls }, handle);
  server.maxConnections = LIMITS.connections;
  server.maxRequestsPerSocket = LIMITS.requestsPerSocket;
  server.timeout = LIMITS.idleMs;
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  const refuseRaw = (socket: Duplex): void => {
    if (socket.writable) socket.end(REFUSAL_RAW);
    socket.on('error', () => {});
  };
  server.on('clientError', (_error, socket) => refuseRaw(socket));
  server.on('connect', (_request, socket) => refuseRaw(socket));
  limitSources(server);
  return new Promise((resolve) => {
    server.once('error', (error) => {
      const where = `${formatIpv4(address)}:${port}`;
      const say = `The phones’ file server cannot listen on ${where}: ${error.message}.`;
      resolve(refuse({ code: 'phones.server', fault: 'environment', say }));
    });
    server.listen(port, formatIpv4(address), () => {
      server.removeAllListeners('error');
      server.on('error', (error) => options.onTrouble(error));
      resolve(ok({ stop: () => stopped(server) }));
    });
  });
}

function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A few connections for each source, so that one that opens many keeps no other out. */
function limitSources(server: Server): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const source = socket.remoteAddress ?? '';
    const count = (open.get(source) ?? 0) + 1;
    if (count > LIMITS.perSource) {
      socket.destroy();
      return;
    }
    open.set(source, count);
    socket.once('close', () => {
      const left = (open.get(source) ?? 1) - 1;
      if (left <= 0) open.delete(source);
      else open.set(source, left);
    });
  });
}

function onRequest(options: FileServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const arrivedMs = options.clock.monotonicMs();
  response.sendDate = false;
  request.on('error', () => {});
  response.on('error', () => {});
  request.resume();
  const answer = answerOf(options, request);
  if (answer.status !== 200) {
    const waitMs = REFUSAL_MS - (options.clock.monotonicMs() - arrivedMs);
    options.clock.after(Math.max(1, waitMs), 'phones 404', () => {
      if (response.destroyed) return;
      if (answer.status === 401) {
        response.writeHead(401, { 'www-authenticate': answer.challenge, 'content-length': 0 });
        response.end();
        return;
      }
      response.writeHead(404, REFUSAL_HEADERS);
      response.end(request.method === 'HEAD' ? undefined : REFUSAL);
    });
    return;
  }
  write(request, response, answer);
}

function answerOf(options: FileServerOptions, request: IncomingMessage): FileAnswer {
  const source = parseIpv4(request.socket.remoteAddress ?? '');
  if (source === undefined) return { status: 404 };
  try {
    const { 'user-agent': userAgent = null, authorization = null } = request.headers;
    const [method, target] = [request.method ?? '', request.url ?? ''];
    return options.answer({ method, target, source, userAgent, authorization });
  } catch (error) {
    options.onTrouble(error);
    return { status: 404 };
  }
}

function write(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Extract<FileAnswer, { status: 200 }>,
): void {
  let told = false;
  const tell = (whole: boolean): void => {
    if (told) return;
    told = true;
    answer.sent(whole);
  };
  // A HEAD gives nothing away, and takes nothing from the one time.
  const head = request.method === 'HEAD';
  response.once('finish', () => tell(!head));
  response.once('close', () => tell(false));
  const { body, etag, contentType } = answer;
  const tag = etag === null ? {} : { etag: `"${etag}"` };
  if (etag !== null && request.headers['if-none-match'] === `"${etag}"`) {
    response.writeHead(304, tag);
    response.end();
    return;
  }
  const size = body.kind === 'bytes' ? body.bytes.length : body.size;
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': size,
    'cache-control': 'no-store',
    ...tag,
  });
  if (head) response.end();
  else if (body.kind === 'bytes') response.end(body.bytes);
  else {
    const file = createReadStream(body.path);
    file.on('error', () => response.destroy());
    response.once('close', () => file.destroy());
    file.pipe(response);
  }
}
