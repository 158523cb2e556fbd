import { isIPv4, isIPv6 } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import { StartupError } from '../../../base/errors.ts';
import type { Random } from '../../../base/random.ts';
import type { SipAddress, SipDatagramSocket, SipTap, TakeDatagram, UserAgentOptions } from '../api.ts';
import { SIP_LIMITS } from '../limits.ts';
import type { Flow } from './flow.ts';
import { openNodeSocket } from './node-datagrams.ts';
import { UDP_PING, UDP_PONG, UdpKeepalive } from './udp-keepalive.ts';

/** Shorter than any message: keepalives and noise. */
const SHORTEST_BYTES = 5;
/** Peers that are remembered. */
const FLOWS = 4_096;

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
  /** Other sockets than Node's, for addresses of IPv4. */
  readonly open?: UserAgentOptions['openDatagrams'] | undefined;
  /** The socket is in trouble; it stays open. */
  readonly trouble: (say: string) => void;
}

/** One bound UDP socket. */
export class UdpListener {
  readonly six: boolean;
  readonly #options: UdpListenerOptions;
  /** By `host port` of the peer. */
  readonly #keepalives = new Map<string, Set<UdpKeepalive>>();
  /** By host and port of the peer: most come again and again. */
  readonly #flows = new Map<string, Map<number, UdpFlow>>();
  #known = 0;
  #socket: SipDatagramSocket | undefined;

  constructor(options: UdpListenerOptions) {
    this.#options = options;
    this.six = isIPv6(options.host);
  }

  /** Binds; throws a `StartupError` when the port cannot be had. */
  async start(): Promise<void> {
    const { host, port, open, trouble } = this.#options;
    const take: TakeDatagram = (bytes, from, fromPort) => this.#receive(bytes, from, fromPort);
    if (open === undefined || !isIPv4(host)) {
      this.#socket = await openNodeSocket(host, port, take, trouble);
      return;
    }
    const opened = open(host, port, take);
    if (!opened.ok) throw new StartupError(opened.error);
    this.#socket = opened.value;
  }

  async stop(): Promise<void> {
    for (const some of this.#keepalives.values()) for (const one of some) one.stop();
    this.#keepalives.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
  }

  /** A flow to a remote address over this socket. */
  flowTo(host: string, port: number): Flow {
    return this.#flows.get(host)?.get(port) ?? this.#newFlow(host, port);
  }

  #newFlow(host: string, port: number): Flow {
    const flow = new UdpFlow(this, host, port, this.#options.sentBy);
    if (this.#known >= FLOWS) {
      this.#flows.clear();
      this.#known = 0;
    }
    this.#known++;
    this.#flows.set(host, (this.#flows.get(host) ?? new Map<number, UdpFlow>()).set(port, flow));
    return flow;
  }

  get open(): boolean {
    return this.#socket !== undefined;
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
    if (this.#socket === undefined) {
      queueMicrotask(() => failed('the socket is closed'));
      return;
    }
    if (bytes.length > SIP_LIMITS.messageBytes) {
      queueMicrotask(() => failed('message too long for UDP'));
      return;
    }
    if (this.#options.tap?.watch !== undefined) this.#tapped('out', bytes, host, port);
    this.#socket.send(bytes, host, port, failed);
  }

  #receive(bytes: Buffer, host: string, port: number): void {
    // A reply to port 0 cannot be sent.
    if (port === 0) return;
    const short = bytes.length < SHORTEST_BYTES;
    this.#heard(host, port, short && bytes.equals(UDP_PONG));
    const ping = short && bytes.equals(UDP_PING);
    if (short && !ping) return;
    if (this.#options.tap?.watch !== undefined) this.#tapped('in', bytes, host, port);
    const flow = this.flowTo(host, port);
    if (!this.#options.admit(bytes, flow.remote)) return;
    if (ping) this.send(UDP_PONG, host, port, () => undefined);
    else this.#options.message(bytes, flow);
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

const nothing = (): void => undefined;

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
    return nothing;
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
