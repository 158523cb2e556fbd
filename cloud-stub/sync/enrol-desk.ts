import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import {
  CLAIM_PATH,
  claimRequest,
  LEAVE_PATH,
  leaveRequest,
  RENEW_PATH,
  renewRequest,
} from '../../lib/contract/enrolment.ts';
import { type DownloadDesk, releaseIn } from './download-desk.ts';
import { listen } from './listen.ts';
import { serialOf, type Trust } from './trust.ts';
import { type Asker, WrongTries } from './wrong-tries.ts';

const BODY_LIMIT_BYTES = 8_192;
/** For the handshake, the head, and the whole of a request. */
const REQUEST_LIMIT_MS = 10_000;
const CONNECTIONS_LIMIT = 1_000;

/** What the desk needs from outside. */
export interface DeskNeeds {
  readonly host: string;
  readonly port: number;
  /** The server's certificate and its authority's, so that a box that knows neither sees both. */
  readonly chainPem: string;
  readonly keyPem: string;
  readonly caPem: string;
  readonly trust: Trust;
  /** Where systems to update to are fetched. */
  readonly downloads: DownloadDesk;
  /** A gateway has another certificate or none any more, and perhaps an older one has ended: resolves when the broker knows. */
  readonly onIssued: (gateway: GatewayId, how: 'claimed' | 'renewed' | 'left') => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where boxes are enrolled, renew their certificates and give them back: HTTPS, three questions, nothing else. */
export class EnrolDesk {
  readonly #needs: DeskNeeds;
  readonly #wrong: WrongTries;
  #server: Server | undefined;

  constructor(needs: DeskNeeds) {
    this.#needs = needs;
    this.#wrong = new WrongTries(needs.clock.monotonicMs());
  }

  /** Takes the port. Throws a StartupError when it is in use or not ours to take. */
  async start(): Promise<void> {
    const { caPem, chainPem, host, keyPem, port } = this.#needs;
    const server = createServer(
      {
        ...{ cert: chainPem, key: keyPem, ca: caPem, minVersion: 'TLSv1.2' },
        // Without a certificate comes who has none yet; what one is worth is looked at where it is needed.
        ...{ requestCert: true, rejectUnauthorized: false, handshakeTimeout: REQUEST_LIMIT_MS },
        ...{ requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS, keepAliveTimeout: 1 },
      },
      (request, response) => void this.#serve(request, response),
    );
    server.maxConnections = CONNECTIONS_LIMIT;
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('clientError', (_error, socket) => socket.destroy());
    this.#server = server;
    await listen(server, host, port, 'The enrolment desk');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    this.#needs.downloads.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asker = askerOf(request);
    try {
      if (!this.#wrong.mayAsk(asker, this.#needs.clock.monotonicMs())) return answer(response, 429, TOO_FAST);
      const release = releaseIn(request.url);
      if (release !== undefined) return await this.#download(release, request, response, asker);
      const body = await readBody(request);
      const result = await this.#decide(request, body);
      if (result === undefined) return answer(response, 404, NO_ROUTE);
      if (result.ok) return answer(response, 200, result.value);
      this.#failed(asker);
      answer(response, 403, result.error);
    } catch (error) {
      this.#needs.log.error({ err: error, url: request.url }, 'a box could not be answered');
      if (response.headersSent) response.destroy();
      else answer(response, 500, FAILED);
    }
  }

  async #decide(request: IncomingMessage, body: unknown): Promise<Result<object> | undefined> {
    const { onIssued, trust } = this.#needs;
    if (request.method !== 'POST') return undefined;
    if (request.url === CLAIM_PATH) {
      const asked = claimRequest.safeParse(body);
      if (!asked.success) return BAD_BODY;
      const result = await trust.claim(asked.data);
      if (result.ok) await onIssued(result.value.gateway as GatewayId, 'claimed');
      return result;
    }
    if (request.url === RENEW_PATH) {
      const asked = renewRequest.safeParse(body);
      if (!asked.success) return BAD_BODY;
      const serial = serialIn(request);
      if (serial === undefined) return NO_CERTIFICATE;
      const result = await trust.renew(serial, asked.data);
      if (result.ok) await onIssued(result.value.gateway as GatewayId, 'renewed');
      return result;
    }
    if (request.url === LEAVE_PATH) {
      const asked = leaveRequest.safeParse(body);
      if (!asked.success) return BAD_BODY;
      const serial = serialIn(request);
      if (serial === undefined) return NO_CERTIFICATE;
      const result = await trust.leave(serial, asked.data.why);
      if (!result.ok) return result;
      await onIssued(result.value, 'left');
      return { ok: true, value: { v: 1, gateway: result.value } };
    }
    return undefined;
  }

  async #download(
    release: string,
    request: IncomingMessage,
    response: ServerResponse,
    asker: Asker,
  ): Promise<void> {
    const { downloads, trust } = this.#needs;
    const certificate = certificateOf(request);
    const gateway = certificate && (await trust.holderOf(certificate));
    if (gateway === undefined) this.#failed(asker);
    await downloads.serve(gateway, release, request, response);
  }

  #failed(asker: Asker): void {
    this.#wrong.failed(asker, this.#needs.clock.monotonicMs());
  }
}

/** Codes are guessed by strangers, whatever certificate they show. */
function askerOf(request: IncomingMessage): Asker {
  const serial = request.url === CLAIM_PATH ? undefined : serialIn(request);
  if (serial !== undefined) return { is: 'holder', serial };
  return { is: 'stranger', address: request.socket.remoteAddress ?? '' };
}

/** Of the certificate that the connection was made with, if it is one of ours. */
function serialIn(request: IncomingMessage): string | undefined {
  const certificate = certificateOf(request);
  return certificate && serialOf(certificate);
}

const TOO_FAST = {
  code: 'claim.tooFast',
  fault: 'caller',
  say: 'Too many wrong tries from this address. Wait a minute, compare the code with the order, then try again.',
} as const;
const NO_ROUTE = {
  code: 'claim.noRoute',
  fault: 'caller',
  say: 'Boxes are enrolled here and fetch releases, and nothing else.',
} as const;
const FAILED = {
  code: 'claim.failed',
  fault: 'us',
  say: 'The service could not answer; try again in a minute. Its log says why.',
} as const;
const BAD_BODY = {
  ok: false,
  error: { code: 'claim.body', fault: 'caller', say: 'The question cannot be read. Is the box up to date?' },
} as const;
const NO_CERTIFICATE = {
  ok: false,
  error: {
    code: 'claim.refused',
    fault: 'caller',
    say: 'Only a box with a good certificate can renew it. Enrol the box again with a claim code.',
  },
} as const;

/** Of our authority and in its time; whether it was revoked is not said by that. */
function certificateOf(request: IncomingMessage): X509Certificate | undefined {
  const socket = request.socket as TLSSocket;
  return socket.authorized ? socket.getPeerX509Certificate() : undefined;
}

function answer(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(value));
}

/** Undefined when it is too long or no JSON. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}
