import { constants } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Logger } from '../../../base/log.ts';
import type { SipAddress } from '../api.ts';
import { SIP_LIMITS } from '../limits.ts';
import { bindError } from './bind-error.ts';
import { plainHost, sourceKey } from './source.ts';

const HANDSHAKE_LIMIT_MS = 10_000;

/** A connection that came, TLS done. */
export interface Accepted {
  readonly socket: Socket;
  readonly remote: SipAddress;
}

/** Where to listen, and with which certificate for TLS. */
export interface StreamPlace {
  readonly transport: 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  readonly identity: { readonly certPem: string; readonly keyPem: string } | undefined;
}

/** What a stream listener needs from its surroundings. */
export interface StreamListenerOptions {
  readonly log: Logger;
  /** Asked for each connection before anything is read or answered; false closes it. */
  admits(host: string, port: number): boolean;
  accept(accepted: Accepted): void;
}

/** One bound TCP or TLS socket. */
export class StreamListener {
  readonly #listener: StreamPlace;
  readonly #options: StreamListenerOptions;
  readonly #server: Server;
  /** Connections of each source. */
  readonly #held = new Map<string, number>();

  constructor(listener: StreamPlace, options: StreamListenerOptions) {
    this.#listener = listener;
    this.#options = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server =
      listener.identity === undefined
        ? createServer(accept)
        : createTlsServer(
            {
              cert: listener.identity.certPem,
              key: listener.identity.keyPem,
              minVersion: 'TLSv1.2',
              handshakeTimeout: HANDSHAKE_LIMIT_MS,
              // A handshake costs us more than the peer: one for each connection.
              secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
            },
            accept,
          );
  }

  /** Binds; throws a `StartupError` when the port cannot be had. */
  async start(): Promise<void> {
    const server = this.#server;
    const { transport, host, port } = this.#listener;
    const { log } = this.#options;
    // Before the handshake, which costs us more than the peer.
    server.prependListener('connection', (socket: Socket) => this.#limit(socket));
    server.maxConnections = SIP_LIMITS.connections;
    // A failed handshake is the peer's affair; without a listener it would end in nobody's hands.
    // One that runs out of time is reported, but its connection is left open for whoever began it.
    server.on('tlsClientError', (error: Error, socket: Socket) => {
      log.debug({ say: error.message }, 'TLS refused');
      socket.destroy();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(bindError(transport, host, port, error)));
      server.listen({ host, port }, () => resolve());
    });
    server.removeAllListeners('error');
    server.on('error', (error) => log.warn({ transport, host, port, say: error.message }, 'SIP socket'));
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #limit(socket: Socket): void {
    const source = plainHost(socket.remoteAddress ?? '');
    const key = sourceKey(source);
    const held = this.#held.get(key) ?? 0;
    if (held >= SIP_LIMITS.connectionsPerSource || !this.#options.admits(source, socket.remotePort ?? 0)) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#held.set(key, held + 1);
    socket.once('close', () => {
      const left = (this.#held.get(key) ?? 1) - 1;
      if (left > 0) this.#held.set(key, left);
      else this.#held.delete(key);
    });
  }

  #accept(socket: Socket): void {
    const { transport } = this.#listener;
    const remote: SipAddress = {
      transport,
      host: plainHost(socket.remoteAddress ?? ''),
      port: socket.remotePort ?? 0,
    };
    if (socket.destroyed || remote.port === 0) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#options.accept({ socket, remote });
  }
}
