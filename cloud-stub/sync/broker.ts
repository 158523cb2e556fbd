import { X509Certificate } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type { Clock } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { isEcho, isFor, mayRead, mayRetain, parseGateway, type UpKind, upKindOf } from './access.ts';
import type { BrokerPort } from './broker-port.ts';
import type { SyncCounters } from './counters.ts';
import { listen } from './listen.ts';
import { PacketMeter } from './packet-meter.ts';
import { TokenBucket } from './token-bucket.ts';

const HANDSHAKE_LIMIT_MS = 10_000;
/** From the end of the TLS handshake to a CONNECT with the right name. */
export const CONNECT_LIMIT_MS = 10_000;
/** Keep-alive that a client must promise at least; 0 (none) is refused. Seconds. */
const KEEPALIVE_LIMIT_S = 600;
const CONNECTIONS_LIMIT = 20_000;
/** Certificates that are looked up at a time; more are told to come back. */
const CHECKS_AT_ONCE = 512;
/** Publications of one gateway: 20 a second, 200 at once. */
const PUBLISH_PER_S = 20;
const PUBLISH_BURST = 200;
/** Where a forbidden publication goes: nobody can subscribe to it. */
const NOWHERE = '$refused';

/** What the broker needs from outside. */
export interface BrokerNeeds {
  readonly host: string;
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  readonly connectLimitMs: number;
  /** The authority whose certificates are looked at. */
  readonly caPem: string;
  /** Whose certificate it is, while it is good. */
  readonly holderOf: (certificate: X509Certificate) => Promise<GatewayId | undefined>;
  readonly counters: SyncCounters;
  readonly clock: Clock;
  readonly log: Logger;
  /** An allowed publication of a gateway. Not awaited: it must copy what it keeps. */
  readonly up: (gateway: GatewayId, kind: UpKind, payload: Buffer) => void;
  /** The port is ours, and nothing is retained yet. */
  readonly onFresh: (sinceMs: number) => Promise<void>;
}

/**
 * The embedded MQTT 3.1.1 broker: aedes behind a TLS listener of ours. A client is one gateway, admitted by its
 * certificate, and sees and writes its own topics only. Nothing of it survives a restart, by design: what must survive is
 * in the database and is published again.
 */
export class Broker implements BrokerPort {
  readonly #needs: BrokerNeeds;
  readonly #rates = new WeakMap<Client, TokenBucket>();
  readonly #sockets = new Set<TLSSocket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;

  constructor(needs: BrokerNeeds) {
    this.#needs = needs;
  }

  /** Takes the port. Throws a StartupError when it is in use or not ours to take. */
  async start(): Promise<void> {
    const { caPem, certPem, keyPem, host, port, counters } = this.#needs;
    const startedAt = this.#needs.clock.now();
    this.#aedes = await Aedes.createBroker({
      connectTimeout: this.#needs.connectLimitMs,
      keepaliveLimit: KEEPALIVE_LIMIT_S,
      maxClientsIdLength: 23,
      maxTopicLevels: 10,
      maxInflightInbound: 20,
      authenticate: (client, _username, _password, done) => {
        void this.#authenticate(client).then(
          (refusal) => (refusal === undefined ? done(null, true) : done(refusal, null)),
          (error: unknown) => {
            this.#needs.log.warn({ err: error }, 'a gateway could not be checked');
            done(refusal(3, 'not now'), null);
          },
        );
      },
      authorizePublish: (client, packet, done) => done(this.#authorizePublish(client, packet)),
      authorizeSubscribe: (client, subscription, done) => {
        const gateway = parseGateway(client.id);
        if (gateway !== undefined && mayRead(gateway, subscription.topic)) return done(null, subscription);
        counters.forbiddenSubscribes++;
        this.#needs.log.warn({ gateway: client.id, topic: short(subscription.topic) }, 'forbidden subscribe');
        return done(null, null);
      },
      // A stored session may hold filters that were refused; nothing leaves by them.
      authorizeForward: (client, packet) => {
        const gateway = parseGateway(client.id);
        return gateway !== undefined && isFor(gateway, packet.topic) ? packet : null;
      },
    });
    this.#watch(this.#aedes);
    this.#server = createServer(
      {
        ...{ cert: certPem, key: keyPem, ca: caPem, minVersion: 'TLSv1.2' },
        // A box whose certificate has ended is told so by its CONNACK; Node would only close the connection.
        ...{ requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_LIMIT_MS },
      },
      (socket) => this.#accept(socket),
    );
    this.#server.maxConnections = CONNECTIONS_LIMIT;
    this.#server.on('tlsClientError', (_error, socket) => {
      counters.refusedConnections++;
      // A handshake that runs out of time is reported, but its connection is left open for whoever began it.
      socket.destroy();
    });
    await listen(this.#server, host, port, 'MQTT');
    await this.#needs.onFresh(startedAt);
  }

  /** Publishes to a gateway; resolves when the broker has taken it, which says nothing about its arrival. */
  publish(topic: string, payload: Buffer | string, retain: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const aedes = this.#aedes;
      if (aedes === undefined) return reject(new Error('the broker is not running'));
      const packet = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain } as const;
      aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends a gateway's connection, so that it has to show a certificate again. */
  async trustChanged(gateway: GatewayId): Promise<void> {
    for (const socket of this.#sockets) {
      const client = this.#clientOf(socket);
      if (client?.id === gateway) client.close();
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    const aedes = this.#aedes;
    this.#server = undefined;
    this.#aedes = undefined;
    const closed = server && new Promise<void>((resolve) => server.close(() => resolve()));
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  readonly #clients = new WeakMap<TLSSocket, Client>();
  readonly #certificates = new WeakMap<Client, X509Certificate>();
  #checks = 0;

  #clientOf(socket: TLSSocket): Client | undefined {
    return this.#clients.get(socket);
  }

  #accept(socket: TLSSocket): void {
    const { counters, log } = this.#needs;
    const aedes = this.#aedes;
    const certificate = this.#certificateOf(socket);
    if (aedes === undefined || certificate === undefined) {
      counters.refusedConnections++;
      return void socket.destroy();
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const client = aedes.handle(socket);
    this.#clients.set(socket, client);
    this.#certificates.set(client, certificate);
    // After `handle`, which listens to `readable`: so `data` shows each chunk as the parser takes it, and changes no flow.
    const meter = new PacketMeter();
    socket.on('data', (chunk: Buffer) => {
      if (meter.push(chunk) === 'ok') return;
      counters.oversizedPackets++;
      log.warn({ gateway: this.#clientOf(socket)?.id ?? null }, 'a packet is too large; connection ended');
      socket.destroy();
    });
  }

  #watch(aedes: Aedes): void {
    const { counters, log, up } = this.#needs;
    aedes.on('client', (client) => {
      counters.connections++;
      log.info({ gateway: client.id }, 'gateway connected');
    });
    aedes.on('clientDisconnect', (client) => log.info({ gateway: client.id }, 'gateway disconnected'));
    aedes.on('connectionError', (_client, error) => {
      counters.refusedConnections++;
      log.debug({ say: error.message }, 'a connection was refused');
    });
    aedes.on('clientError', (client, error) => {
      log.info({ gateway: client.id, say: error.message }, 'a connection failed');
    });
    aedes.on('publish', (packet, client) => {
      if (client === null) return;
      const gateway = parseGateway(client.id);
      const kind = gateway && upKindOf(gateway, packet.topic);
      if (gateway === undefined || kind === undefined) return;
      up(gateway, kind, Buffer.from(packet.payload));
    });
  }

  /** Signed by our authority, in its time or not; undefined for strangers. */
  #certificateOf(socket: TLSSocket): X509Certificate | undefined {
    const certificate = socket.getPeerX509Certificate();
    if (socket.authorized) return certificate;
    const authority = new X509Certificate(this.#needs.caPem);
    return certificate?.verify(authority.publicKey) === true ? certificate : undefined;
  }

  async #authenticate(client: Client): Promise<AuthenticateError | undefined> {
    const { counters, holderOf, log } = this.#needs;
    const certificate = this.#certificates.get(client);
    if (this.#checks >= CHECKS_AT_ONCE) {
      counters.refusedConnections++;
      return refusal(3, 'come back later');
    }
    this.#checks++;
    try {
      const gateway = certificate && (await holderOf(certificate));
      if (gateway !== undefined && client.id === gateway) return undefined;
      counters.refusedConnections++;
      log.warn({ gateway: gateway ?? null, client: short(client.id) }, 'a client was refused');
      return gateway === undefined
        ? refusal(5, 'the certificate was revoked or has ended')
        : refusal(2, 'the client id must be the gateway id');
    } finally {
      this.#checks--;
    }
  }

  /**
   * Like mosquitto on 3.1.1, a forbidden publication is acknowledged and goes nowhere: closing the connection would put a
   * box with newer firmware out of order for one topic that we do not know.
   */
  #authorizePublish(
    client: Client | null,
    packet: { topic: string; payload: string | Buffer; retain: boolean },
  ): Error | null {
    if (client === null) return null;
    const { counters, log } = this.#needs;
    const gateway = parseGateway(client.id);
    const kind = gateway && upKindOf(gateway, packet.topic);
    if (!this.#rateOf(client).take(this.#needs.clock.monotonicMs())) {
      counters.tooFast++;
      return new Error('too many publications');
    }
    if (gateway !== undefined && isEcho(gateway, packet.topic) && !packet.retain) return null;
    if (kind === undefined || (packet.retain && !mayRetain(kind))) {
      counters.forbiddenPublishes++;
      log.warn(
        { gateway: client.id, topic: short(packet.topic), retain: packet.retain },
        'forbidden publish',
      );
      packet.topic = NOWHERE;
      packet.payload = Buffer.alloc(0);
      packet.retain = false;
    }
    return null;
  }

  #rateOf(client: Client): TokenBucket {
    const known = this.#rates.get(client);
    if (known !== undefined) return known;
    const fresh = new TokenBucket(PUBLISH_PER_S, PUBLISH_BURST, this.#needs.clock.monotonicMs());
    this.#rates.set(client, fresh);
    return fresh;
  }
}

function refusal(returnCode: 2 | 3 | 5, say: string): AuthenticateError {
  return Object.assign(new Error(say), { returnCode }) as AuthenticateError;
}

function short(text: string): string {
  return text.slice(0, 80);
}
