import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIP, isIPv6 } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { SipAddress, SipTap } from '../api.ts';
import { SIP_LIMITS } from '../limits.ts';
import { bindError } from './bind-error.ts';
import type { Flow } from './flow.ts';
import { plainHost } from './source.ts';
import { UDP_PING, UDP_PONG, UdpKeepalive } from './udp-keepalive.ts';

/** Room for bursts while the event loop is busy: with the kernel's default 208 KB, 1,500 calls/s lost datagrams. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Shorter than any message: keepalives and noise. */
const SHORTEST_BYTES = 5;

/** What a UDP listener needs from its surroundings. */
export interface UdpListenerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: string;
  readonly port: number;
  /** `host:port` that Via and Contact name. */
  readonly sentBy: string;
  readonly tap?: SipTap | undefined;
  /** Asked for each datagram before anything else; false drops it. */
  admit(bytes: Buffer, source: SipAddress): boolean;
  message(bytes: Buffer, flow: Flow): void;
  /** A connection to the same place, for what is too large for a datagram. */
  stream(host: string, port: number): Flow | undefined;
  /** The socket is in trouble; it stays open. */
  trouble(say: string): void;
}

/** An address is its own answer at once: the system's way takes a turn of the event loop for each datagram. */
const lookUp: SocketOptions['lookup'] = (host, options, callback) => {
  const family = isIP(host);
  if (family === 0) lookup(host, options, callback);
  else callback(null, host, family);
};

/** One bound UDP socket. */
export class UdpListener {
  readonly six: boolean;
  readonly #options: UdpListenerOptions;
  readonly #socket: Socket;
  /** By `host port` of the peer. */
  readonly #keepalives = new Map<string, Set<UdpKeepalive>>();
  #open = false;

  constructor(options: UdpListenerOptions) {
    this.#options = options;
    this.six = isIPv6(options.host);
    this.#socket = createSocket({ type: this.six ? 'udp6' : 'udp4', lookup: lookUp });
  }

  /** Binds; throws a `StartupError` when the port cannot be had. */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', (error) => reject(bindError('udp', host, port, error)));
      this.#socket.bind({ address: host, port }, () => resolve());
    });
    this.#open = true;
    this.#socket.removeAllListeners('error');
    this.#socket.on('error', (error) => this.#options.trouble(error.message));
    this.#socket.on('message', (bytes, from) => this.#receive(bytes, plainHost(from.address), from.port));
    try {
      this.#socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch (error) {
      this.#options.trouble(`receive buffer: ${String(error)}`);
    }
  }

  async stop(): Promise<void> {
    for (const some of this.#keepalives.values()) for (const one of some) one.stop();
    this.#keepalives.clear();
    if (!this.#open) return;
    this.#open = false;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  /** A flow to a remote address over this socket. */
  flowTo(host: string, port: number): Flow {
    return new UdpFlow(this, host, port, this.#options.sentBy);
  }

  get open(): boolean {
    return this.#open;
  }

  stream(host: string, port: number): Flow | undefined {
    return this.#options.stream(host, port);
  }

  /** Keeps the way to a peer open until the function that comes back is called. */
  keepAlive(host: string, port: number, lost: () => void): () => void {
    const { clock, random } = this.#options;
    const key = `${host} ${port}`;
    const send = (): void => this.send(UDP_PING, host, port, () => undefined);
    const stop = (): void => {
      keepalive.stop();
      const all = this.#keepalives.get(key);
      if (all?.delete(keepalive) === true && all.size === 0) this.#keepalives.delete(key);
    };
    const keepalive = new UdpKeepalive(clock, random, send, () => {
      stop();
      lost();
    });
    const some = this.#keepalives.get(key) ?? new Set();
    this.#keepalives.set(key, some.add(keepalive));
    keepalive.start();
    return stop;
  }

  send(bytes: Buffer, host: string, port: number, failed: (say: string) => void): void {
    if (!this.#open) {
      queueMicrotask(() => failed('the socket is closed'));
      return;
    }
    if (bytes.length > SIP_LIMITS.messageBytes) {
      queueMicrotask(() => failed('message too long for UDP'));
      return;
    }
    if (this.#options.tap?.watch !== undefined) this.#tapped('out', bytes, host, port);
    try {
      this.#socket.send(bytes, port, host, (error) => {
        if (error) failed(error.message);
      });
    } catch (error) {
      queueMicrotask(() => failed(String(error)));
    }
  }

  #receive(bytes: Buffer, host: string, port: number): void {
    // A reply to port 0 cannot be sent.
    if (port === 0) return;
    const short = bytes.length < SHORTEST_BYTES;
    this.#heard(host, port, short && bytes.equals(UDP_PONG));
    const ping = short && bytes.equals(UDP_PING);
    if (short && !ping) return;
    if (this.#options.tap?.watch !== undefined) this.#tapped('in', bytes, host, port);
    const source: SipAddress = { transport: 'udp', host, port };
    if (!this.#options.admit(bytes, source)) return;
    if (ping) this.send(UDP_PONG, host, port, () => undefined);
    else this.#options.message(bytes, this.flowTo(host, port));
  }

  #tapped(direction: 'in' | 'out', bytes: Buffer, host: string, port: number): void {
    if (bytes.length < SHORTEST_BYTES) return;
    const { host: here, port: herePort, tap } = this.#options;
    const [local, remote] = [
      { host: here, port: herePort },
      { host, port },
    ];
    tap?.watch?.({ direction, bytes, transport: 'udp', local, remote });
  }

  #heard(host: string, port: number, pong: boolean): void {
    if (this.#keepalives.size === 0) return;
    for (const one of this.#keepalives.get(`${host} ${port}`) ?? []) one.heard(pong);
  }
}

/** A peer as seen from one socket. */
class UdpFlow implements Flow {
  readonly transport = 'udp';
  readonly reliable = false;
  readonly outgoing = false;
  readonly remote: SipAddress;
  readonly sentBy: string;
  readonly #listener: UdpListener;

  constructor(listener: UdpListener, host: string, port: number, sentBy: string) {
    this.#listener = listener;
    this.remote = { transport: 'udp', host, port };
    this.sentBy = sentBy;
  }

  get open(): boolean {
    return this.#listener.open;
  }

  send(bytes: Buffer, failed: (say: string) => void): void {
    this.#listener.send(bytes, this.remote.host, this.remote.port, failed);
  }

  onClose(): () => void {
    return () => undefined;
  }

  atPort(port: number): Flow {
    return this.#listener.flowTo(this.remote.host, port);
  }

  stream(): Flow | undefined {
    return this.#listener.stream(this.remote.host, this.remote.port);
  }

  keepAlive(lost: () => void): () => void {
    return this.#listener.keepAlive(this.remote.host, this.remote.port, lost);
  }
}
