import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { SipAddress, SipCounters, SipListener, UserAgentOptions } from '../api.ts';
import { bracketHost } from '../codec/host.ts';
import { SIP_LIMITS } from '../limits.ts';
import { bindError } from './bind-error.ts';
import { type Flow, flowKey } from './flow.ts';
import { StreamFlow } from './stream-flow.ts';
import { TokenBuckets } from './token-bucket.ts';
import { UdpListener } from './udp-listener.ts';

/** Some hundred calls a second, and too little for one source to fill the transactions, which last 32 s. */
const DEFAULT_RATE = { perSecond: 500, burst: 1_000 };
const HANDSHAKE_LIMIT_MS = 10_000;
const RESPONSE_START = Buffer.from('SIP/2.0 ');

type TlsListener = Extract<SipListener, { transport: 'tls' }>;

/** All sockets of a user agent. Knows bytes and flows, nothing of messages. */
export class Transport {
  readonly #options: UserAgentOptions;
  readonly #counters: SipCounters;
  readonly #message: (bytes: Buffer, flow: Flow) => void;
  readonly #buckets: TokenBuckets;
  readonly #udp: UdpListener[] = [];
  readonly #servers: Server[] = [];
  readonly #flows = new Map<string, StreamFlow>();
  /** Name that the certificate at an address must carry, where it is not the agent's default. */
  readonly #serverNames = new Map<string, string>();

  constructor(
    options: UserAgentOptions,
    counters: SipCounters,
    message: (bytes: Buffer, flow: Flow) => void,
  ) {
    this.#options = options;
    this.#counters = counters;
    this.#message = message;
    const rate = options.rateLimit ?? DEFAULT_RATE;
    this.#buckets = new TokenBuckets(rate.perSecond, rate.burst);
  }

  /** Binds every listener; on a failure closes what it had opened and throws a `StartupError`. */
  async start(): Promise<void> {
    try {
      for (const listener of this.#options.listeners) {
        if (listener.transport === 'udp') await this.#listenUdp(listener.host, listener.port);
        else if (listener.transport === 'tls') await this.#listenStream(listener, listener);
        else await this.#listenStream(listener, undefined);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const flow of [...this.#flows.values()]) flow.closeGently('stopping');
    await Promise.all(this.#udp.map((listener) => listener.stop()));
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    this.#udp.length = 0;
    this.#servers.length = 0;
  }

  /** Certificates at `address` are checked for `name`. */
  expectServerName(address: SipAddress, name: string): void {
    this.#serverNames.set(flowKey(address), name);
  }

  /** The open flow to an address, or a new one; undefined when nothing here speaks that transport. */
  flowTo(address: SipAddress): Flow | undefined {
    if (address.transport === 'udp') return this.#udp[0]?.flowTo(address.host, address.port);
    const known = this.#flows.get(flowKey(address));
    if (known?.open === true) return known;
    return this.#connect(address);
  }

  #connect(address: SipAddress): Flow {
    const place = { host: address.host, port: address.port, localAddress: this.#options.localHost };
    const secure = address.transport === 'tls';
    const socket = secure ? connectTls({ ...place, ...this.#tlsOptions(address) }) : connect(place);
    return this.#adopt(socket, address, true, secure ? 'secureConnect' : 'connect');
  }

  #tlsOptions(address: SipAddress): {
    ca?: string;
    servername?: string;
    minVersion: 'TLSv1.2';
  } {
    const name = this.#serverNames.get(flowKey(address)) ?? this.#options.tlsServerName ?? address.host;
    return {
      minVersion: 'TLSv1.2',
      ...(this.#options.caPem === undefined ? {} : { ca: this.#options.caPem }),
      // A server name indication is never an address (RFC 6066 §3); the address is then checked by itself.
      ...(isIP(name) === 0 ? { servername: name } : {}),
    };
  }

  async #listenUdp(host: string, port: number): Promise<void> {
    const listener = new UdpListener({
      host,
      port,
      sentBy: `${bracketHost(this.#visibleHost(host))}:${port}`,
      admit: (bytes, source) => this.#admit(bytes, source),
      message: this.#message,
      trouble: (say) => this.#options.log.warn({ transport: 'udp', host, port, say }, 'SIP socket'),
    });
    this.#udp.push(listener);
    await listener.start();
  }

  async #listenStream(
    place: { readonly host: string; readonly port: number },
    identity: TlsListener | undefined,
  ): Promise<void> {
    const { host, port } = place;
    const transport = identity === undefined ? 'tcp' : 'tls';
    const accept = (socket: Socket): void => this.#accept(socket, transport);
    const server =
      identity === undefined
        ? createServer(accept)
        : createTlsServer(
            {
              cert: identity.certPem,
              key: identity.keyPem,
              minVersion: 'TLSv1.2',
              handshakeTimeout: HANDSHAKE_LIMIT_MS,
            },
            accept,
          );
    // Before the handshake, which costs us more than the peer.
    server.prependListener('connection', (socket: Socket) => this.#limitConnection(socket));
    server.maxConnections = SIP_LIMITS.connections;
    // A failed handshake is the peer's affair; without a listener it would end in nobody's hands.
    // One that runs out of time is reported, but its connection is left open for whoever began it.
    server.on('tlsClientError', (error: Error, socket: Socket) => {
      this.#options.log.debug({ say: error.message }, 'TLS refused');
      socket.destroy();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(bindError(transport, host, port, error)));
      server.listen({ host, port }, () => resolve());
    });
    server.removeAllListeners('error');
    server.on('error', (error) =>
      this.#options.log.warn({ transport, host, port, say: error.message }, 'SIP socket'),
    );
    this.#servers.push(server);
  }

  #accept(socket: Socket, transport: 'tcp' | 'tls'): void {
    const remote: SipAddress = {
      transport,
      host: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
    };
    if (socket.destroyed || remote.port === 0) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#adopt(socket, remote, false, undefined);
  }

  #limitConnection(socket: Socket): void {
    if (this.#buckets.take(socket.remoteAddress ?? '', this.#options.clock.monotonicMs())) return;
    this.#counters.rateLimited++;
    socket.on('error', () => undefined);
    socket.destroy();
  }

  #adopt(
    socket: Socket,
    remote: SipAddress,
    outgoing: boolean,
    ready: 'connect' | 'secureConnect' | undefined,
  ): StreamFlow {
    const key = flowKey(remote);
    const flow = new StreamFlow(socket, {
      clock: this.#options.clock,
      random: this.#options.random,
      remote,
      outgoing,
      sentBy: this.#sentBy(remote.transport),
      admit: (bytes) => this.#admit(bytes, remote, outgoing),
      message: this.#message,
      closed: (closed, say) => {
        if (this.#flows.get(key) === closed) this.#flows.delete(key);
        this.#options.log.debug({ peer: key, say }, 'SIP connection closed');
      },
    });
    this.#flows.set(key, flow);
    flow.start(ready);
    return flow;
  }

  /** Rate and access list, unless we `checked` the peer's certificate ourselves, before a byte is parsed. Answers to our own requests pass: they match or are dropped. */
  #admit(bytes: Buffer, source: SipAddress, checked = false): boolean {
    this.#counters.messagesReceived++;
    if (checked) return true;
    if (this.#options.shuns?.(source) === true) {
      this.#counters.dropped++;
      return false;
    }
    if (!this.#withinRate(source)) return false;
    if (this.#options.registrar !== undefined || this.#options.admits === undefined) return true;
    if (bytes.subarray(0, RESPONSE_START.length).equals(RESPONSE_START)) return true;
    if (this.#options.admits(source)) return true;
    this.#counters.dropped++;
    return false;
  }

  #withinRate(source: SipAddress): boolean {
    if (this.#buckets.take(source.host, this.#options.clock.monotonicMs())) return true;
    this.#counters.rateLimited++;
    return false;
  }

  #sentBy(transport: SipAddress['transport']): string {
    const own = this.#options.listeners.find((listener) => listener.transport === transport);
    const host = bracketHost(own === undefined ? this.#options.localHost : this.#visibleHost(own.host));
    return own === undefined ? host : `${host}:${own.port}`;
  }

  #visibleHost(host: string): string {
    return host === '0.0.0.0' || host === '::' ? this.#options.localHost : host;
  }
}
