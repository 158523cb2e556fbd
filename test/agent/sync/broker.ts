import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import type { TestAuthority, TestCertificate } from '../../support/tls-authority.ts';

/** What the broker saw. */
export interface Seen {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/** A real broker over TLS, with what the cloud would do on it. */
export class TestBroker {
  readonly seen: Seen[] = [];
  readonly #host: string;
  readonly #authority: TestAuthority;
  readonly #certificate: TestCertificate;
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  port = 0;
  /** Called with each record batch. */
  onRecords: (payload: Buffer) => void = () => {};

  constructor(host: string, authority: TestAuthority, serverName: string) {
    this.#host = host;
    this.#authority = authority;
    this.#certificate = authority.issue(serverName);
  }

  /** Starts, on the same port as before if there was one. Nothing retained survives. */
  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    this.#aedes = aedes;
    aedes.authenticate = (client: Client, _user, _password, done) => {
      const certificate = (client.conn as TLSSocket).getPeerX509Certificate();
      done(null, client.id === TEST_GATEWAY && certificate?.subject.includes(`CN=${TEST_GATEWAY}`) === true);
    };
    aedes.on('publish', (packet: AedesPublishPacket, client: Client | null) => {
      if (client === null && !packet.topic.endsWith('/status')) return;
      const payload = Buffer.from(packet.payload);
      this.seen.push({ topic: packet.topic, payload, retain: packet.retain });
      if (packet.topic.endsWith('/cdr') && client !== null) this.onRecords(payload);
    });
    const ca = this.#authority.caPem;
    const server = createServer({ ...this.#certificate, ca, requestCert: true }, aedes.handle);
    // Raw sockets: a kill must cut connections without a word.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    server.on('tlsClientError', () => {});
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, this.#host, resolve));
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
  }

  publish(topic: string, payload: Buffer | string, retain: boolean): Promise<void> {
    const packet = { cmd: 'publish', topic, payload, qos: 1, retain, dup: false } as const;
    return new Promise((resolve, reject) => {
      this.#aedes?.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Cuts every connection, as a broken line does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends without a goodbye. */
  async kill(): Promise<void> {
    this.cut();
    const server = this.#server;
    const aedes = this.#aedes;
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(resolve));
    this.#server = undefined;
    this.#aedes = undefined;
  }

  /** The last message on the topic that ends so, as JSON. */
  last(end: string): unknown {
    const found = this.seen.findLast((message) => message.topic.endsWith(end));
    return found === undefined ? undefined : JSON.parse(found.payload.toString());
  }
}
