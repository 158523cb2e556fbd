import type { Clock, Timer } from '../base/clock.ts';
import { ok, type Result, refuse } from '../base/errors.ts';
import { type DatagramError, failureOf } from './datagram-error.ts';
import {
  decodeSocketAddress,
  encodeSocketAddress,
  familyOf,
  nobodysAddress,
  SOCKET_ADDRESS_BYTES,
} from './socket-address.ts';
import { type UdpKernel, udpKernel } from './udp-kernel.ts';

/**
 * Takes a datagram. The bytes are the pool's: they are valid, and may be changed, until the call returns. `host` is empty
 * while the socket is connected.
 */
export type TakeBytes = (datagram: Buffer, host: string, port: number) => void;

/** One UDP socket, as whoever sends and hears sees it: {@link PooledSocket}, or a simulated one. */
export type DatagramSocket = Pick<
  PooledSocket,
  'host' | 'port' | 'errors' | 'connected' | 'connect' | 'disconnect' | 'send' | 'sendTo' | 'close'
>;

/** Where UDP sockets come from: {@link DatagramPool}, or a simulated network. */
export interface Datagrams {
  open(host: string, port: number, take: TakeBytes): Result<DatagramSocket, DatagramError>;
  /** Takes what is there now, for whoever is about to need it. */
  look(): void;
}

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
/** Told once for each change, so that nothing has to be taken away. */
const EPOLLET = 2 ** 31;
const EVENTFD_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
/** What is written to an eventfd to wake whoever waits: eight bytes, in the machine's order. */
const ONE = Buffer.from(new BigUint64Array([1n]).buffer);
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IPPROTO_IPV6 = 41;
const IPV6_TCLASS = 67;
/** A packet of 20 ms is charged with about 800 bytes: a second of a fast sender. */
const RECEIVE_BUFFER_BYTES = 131_072;
/** Expedited forwarding (RFC 3246): what a voice queue of a router takes first. */
const EXPEDITED = 0xb8;
/** `struct epoll_event` is packed on x86-64 and nowhere else. */
const EVENT = process.arch === 'x64' ? { bytes: 12, fdAt: 4 } : { bytes: 16, fdAt: 8 };
const EVENTS = 256;
const LARGEST_DATAGRAM_BYTES = 4_096;
/** Datagrams that are worked off before anything else has its turn. */
const TURN_LIMIT = 1_024;
/** More datagrams than a receive buffer holds. */
const WAITING_LIMIT = 1_024;
/** How long a thread waits at a time. It is woken when the last socket is closed: threads are few, and others want them. */
const ASIDE_MS = 200;
/**
 * From so many datagrams a millisecond on it is cheaper to look every millisecond than to be woken for each: a wake costs
 * as much as a datagram.
 */
const BUSY_PER_MS = 0.8;
const LOOK_EVERY_MS = 1;
/** Looks in a row that found little, after which the pool waits to be woken again. */
const QUIET_LOOKS = 200;

/**
 * UDP sockets that are waited for together (epoll), because a socket of Node's own costs two to three times the processor
 * time for each datagram. While little comes, a thread waits and wakes us at once; while much comes, the pool looks every
 * millisecond and takes what is there in one go.
 */
export class DatagramPool implements Datagrams {
  readonly #clock: Clock;
  readonly #sockets = new Map<number, PooledSocket>();
  readonly #events = Buffer.alloc(EVENT.bytes * EVENTS);
  readonly #bytes = Buffer.alloc(LARGEST_DATAGRAM_BYTES);
  readonly #from = Buffer.alloc(SOCKET_ADDRESS_BYTES);
  readonly #fromLength = Buffer.alloc(4);
  #kernel: UdpKernel | undefined;
  #epoll = -1;
  #wake = -1;
  #waiting = false;
  #look: Timer | undefined;
  #quietLooks = 0;
  /** Datagrams of the last busy or woken spell, to tell the rate. */
  #spellFromMs = 0;
  #spellCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Whether the pool looks every millisecond now, instead of being woken. */
  get busy(): boolean {
    return this.#look !== undefined;
  }

  /** Takes what is there now, for whoever is about to need it. */
  look(): void {
    if (this.#sockets.size > 0) this.#work(0);
  }

  /** A socket on `host`:`port`. Errors: the port is taken, `host` is no address of this machine. */
  open(host: string, port: number, take: TakeBytes): Result<PooledSocket, DatagramError> {
    const kernel = this.#begin();
    const fd = kernel.socket(familyOf(host), SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) return failureOf(kernel, host, port);
    const address = encodeSocketAddress(host, port);
    if (kernel.bind(fd, address, address.length) !== 0) {
      const failed = failureOf(kernel, host, port);
      kernel.close(fd);
      return failed;
    }
    prefer(kernel, fd, host);
    this.#watch(kernel, fd, EPOLLIN);
    const socket = new PooledSocket(kernel, fd, host, port, take, () => this.#gone(kernel, fd));
    this.#sockets.set(fd, socket);
    this.#wait();
    return ok(socket);
  }

  #begin(): UdpKernel {
    this.#kernel ??= udpKernel();
    if (this.#epoll >= 0) return this.#kernel;
    this.#epoll = this.#kernel.epollCreate(EPOLL_CLOEXEC);
    this.#wake = this.#kernel.eventfd(0, EVENTFD_NONBLOCK_CLOEXEC);
    this.#watch(this.#kernel, this.#wake, EPOLLIN + EPOLLET);
    return this.#kernel;
  }

  #watch(kernel: UdpKernel, fd: number, events: number): void {
    const event = Buffer.alloc(EVENT.bytes);
    event.writeUInt32LE(events, 0);
    event.writeInt32LE(fd, EVENT.fdAt);
    kernel.epollControl(this.#epoll, EPOLL_CTL_ADD, fd, event);
  }

  #gone(kernel: UdpKernel, fd: number): void {
    this.#sockets.delete(fd);
    if (this.#sockets.size === 0) kernel.write(this.#wake, ONE, ONE.length);
  }

  /** Waits aside until something comes. Ends by itself when the last socket is closed. */
  #wait(): void {
    if (this.#waiting || this.#look !== undefined || this.#kernel === undefined) return;
    this.#waiting = true;
    this.#kernel.epollWaitAside(this.#epoll, this.#events, EVENTS, ASIDE_MS, (error, count) => {
      this.#waiting = false;
      this.#work(error === null ? count : 0);
      if (this.#sockets.size === 0) this.#end();
      else if (this.#isBusy()) this.#lookLater();
      else this.#wait();
    });
  }

  #lookLater(): void {
    this.#look = this.#clock.after(LOOK_EVERY_MS, 'datagrams', () => {
      this.#look = undefined;
      const count = this.#work(0);
      this.#quietLooks = count >= BUSY_PER_MS * LOOK_EVERY_MS ? 0 : this.#quietLooks + 1;
      if (this.#quietLooks < QUIET_LOOKS && this.#sockets.size > 0) {
        this.#lookLater();
        return;
      }
      this.#quietLooks = 0;
      if (this.#sockets.size === 0) this.#end();
      else this.#wait();
    });
  }

  /** Judged over 20 ms at a time. */
  #isBusy(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const spentMs = nowMs - this.#spellFromMs;
    if (spentMs < 20) return false;
    const busy = this.#spellCount / spentMs >= BUSY_PER_MS && spentMs < 100;
    this.#spellFromMs = nowMs;
    this.#spellCount = 0;
    return busy;
  }

  /** Takes what is there: first the `count` sockets that are known to have something, then whatever came meanwhile. */
  #work(count: number): number {
    const kernel = this.#kernel;
    if (kernel === undefined) return 0;
    let taken = this.#take(kernel, count);
    while (taken < TURN_LIMIT) {
      const more = kernel.epollWait(this.#epoll, this.#events, EVENTS, 0);
      if (more <= 0) break;
      taken += this.#take(kernel, more);
    }
    this.#spellCount += taken;
    return taken;
  }

  #take(kernel: UdpKernel, count: number): number {
    for (let at = 0; at < count; at++) {
      const fd = this.#events.readInt32LE(at * EVENT.bytes + EVENT.fdAt);
      const socket = this.#sockets.get(fd);
      if (socket !== undefined) this.#receive(kernel, fd, socket);
    }
    return Math.max(0, count);
  }

  #receive(kernel: UdpKernel, fd: number, socket: PooledSocket): void {
    if (socket.connected) {
      const length = kernel.recv(fd, this.#bytes, LARGEST_DATAGRAM_BYTES, 0);
      if (length >= 0) socket.taken(this.#bytes.subarray(0, length), '', 0);
      else this.#failed(kernel, socket);
      return;
    }
    this.#fromLength.writeUInt32LE(SOCKET_ADDRESS_BYTES, 0);
    const length = kernel.recvfrom(fd, this.#bytes, LARGEST_DATAGRAM_BYTES, 0, this.#from, this.#fromLength);
    if (length < 0) {
      this.#failed(kernel, socket);
      return;
    }
    const { host, port } = decodeSocketAddress(this.#from);
    socket.taken(this.#bytes.subarray(0, length), host, port);
  }

  /** Nothing there is no error: the number of a closed socket may have become that of another. */
  #failed(kernel: UdpKernel, socket: PooledSocket): void {
    if (kernel.errno() !== kernel.codes['EAGAIN']) socket.errors++;
  }

  #end(): void {
    if (this.#epoll < 0) return;
    this.#kernel?.close(this.#epoll);
    this.#kernel?.close(this.#wake);
    this.#epoll = -1;
    this.#wake = -1;
  }
}

/** One socket of a pool. */
export class PooledSocket {
  readonly host: string;
  readonly port: number;
  /** What the network reported: a peer that refuses, no route, no room. */
  errors = 0;
  connected = false;
  readonly #kernel: UdpKernel;
  readonly #take: TakeBytes;
  readonly #gone: () => void;
  #fd: number;
  #to: { readonly host: string; readonly port: number; readonly address: Buffer } | undefined;

  constructor(kernel: UdpKernel, fd: number, host: string, port: number, take: TakeBytes, gone: () => void) {
    this.#kernel = kernel;
    this.#fd = fd;
    this.host = host;
    this.port = port;
    this.#take = take;
    this.#gone = gone;
  }

  /** The pool has something for it. */
  taken(datagram: Buffer, host: string, port: number): void {
    if (this.#fd >= 0) this.#take(datagram, host, port);
  }

  /** From now on the kernel lets nobody else through, and `send` goes there. */
  connect(host: string, port: number): Result<null, DatagramError> {
    if (this.#fd < 0) return unreachable(host, port, 'the socket is closed');
    if (familyOf(host) !== familyOf(this.host)) return unreachable(host, port, 'another address family');
    const address = encodeSocketAddress(host, port);
    if (!this.connected) this.#forgetWaiting();
    if (this.#kernel.connect(this.#fd, address, address.length) !== 0) {
      return unreachable(host, port, `error ${this.#kernel.errno()}`);
    }
    this.connected = true;
    return ok(null);
  }

  /** Hears everybody again. */
  disconnect(): void {
    if (this.#fd < 0 || !this.connected) return;
    const nobody = nobodysAddress();
    this.#kernel.connect(this.#fd, nobody, nobody.length);
    this.connected = false;
  }

  /** To the peer that the socket is connected to. False when the kernel did not take it. */
  send(bytes: Uint8Array): boolean {
    if (this.#fd < 0 || !this.connected) return false;
    return this.#count(this.#kernel.send(this.#fd, bytes, bytes.length, 0));
  }

  /** To anybody. */
  sendTo(bytes: Uint8Array, host: string, port: number): boolean {
    if (this.#fd < 0 || familyOf(host) !== familyOf(this.host)) return false;
    if (this.#to?.host !== host || this.#to.port !== port) {
      this.#to = { host, port, address: encodeSocketAddress(host, port) };
    }
    const { address } = this.#to;
    return this.#count(this.#kernel.sendto(this.#fd, bytes, bytes.length, 0, address, address.length));
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#gone();
    this.#kernel.close(this.#fd);
    this.#fd = -1;
    this.connected = false;
  }

  /** What strangers sent before would otherwise be heard as the peer's: the kernel sorts at arrival. */
  #forgetWaiting(): void {
    const scrap = Buffer.alloc(1);
    for (let tries = 0; tries < WAITING_LIMIT; tries++) {
      if (this.#kernel.recv(this.#fd, scrap, scrap.length, 0) < 0) return;
    }
  }

  #count(sent: number): boolean {
    if (sent >= 0) return true;
    this.errors++;
    return false;
  }
}

function prefer(kernel: UdpKernel, fd: number, host: string): void {
  const number = (value: number): Buffer => Buffer.from(new Int32Array([value]).buffer);
  kernel.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, number(RECEIVE_BUFFER_BYTES), 4);
  // A network that does not allow the mark leaves the packet as good as any other.
  const [level, name] =
    familyOf(host) === familyOf('::1') ? [IPPROTO_IPV6, IPV6_TCLASS] : [IPPROTO_IP, IP_TOS];
  kernel.setsockopt(fd, level, name, number(EXPEDITED), 4);
}

function unreachable(host: string, port: number, why: string): Result<never, DatagramError> {
  const say = `UDP cannot be sent to ${host} port ${port}: ${why}.`;
  return refuse({ code: 'net.unreachable', fault: 'environment', say });
}
