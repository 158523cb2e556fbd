import type { Clock, Timer } from '../base/clock.ts';
import { ok, type Result } from '../base/errors.ts';
import { type DatagramError, failureOf } from './datagram-error.ts';
import { MessageBatch } from './message-batch.ts';
import { AF_INET, encodeSocketAddress } from './socket-address.ts';
import { type UdpKernel, udpKernel } from './udp-kernel.ts';

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const EVENT_BYTES = 16;
/** `struct epoll_event` is packed on x86-64 and nowhere else. */
const EVENT_FD_AT = process.arch === 'x64' ? 4 : 8;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
/** Room for bursts while the event loop is busy: with the kernel's default 208 KB, 1,500 SIP calls/s lost datagrams. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Datagrams that the kernel is asked for, or given, at once. */
const BATCH = 64;
/** The longest datagram of IPv4. */
const DATAGRAM_BYTES = 65_507;
/** The longest that is sent: longer ones are refused. */
const SENT_BYTES = 16_384;
/** Batches in a row, before anything else has its turn. */
const TURN_BATCHES = 16;
/** How long the thread waits at a time: the longest that stopping takes. */
const ASIDE_MS = 200;
/** From so many datagrams a millisecond on it is cheaper to look now and then than to be woken for each. */
const BUSY_PER_MS = 0.5;
/** How much later a datagram is heard then, at the most. */
const LOOK_EVERY_MS = 4;
/** Looks in a row that found little, after which the socket waits to be woken again. */
const QUIET_LOOKS = 50;
/** The rate is judged over so long. */
const JUDGED_MS = 20;

/** Takes a datagram. The bytes are the socket's: they are valid until the call returns. */
export type TakeDatagram = (bytes: Buffer, host: string, port: number) => void;

/**
 * A UDP socket over IPv4 for thousands of datagrams a second: the kernel is given, and asked for, many at once
 * (recvmmsg(2), sendmmsg(2)), which takes a third of the processor time that Node's own takes for each. While little comes,
 * a thread waits and wakes us at once; while much comes, the socket looks every 4 ms. What is sent goes when the work at
 * hand is done.
 */
export class BatchSocket {
  readonly #clock: Clock;
  readonly #kernel: UdpKernel;
  readonly #take: TakeDatagram;
  readonly #epoll: number;
  readonly #event = Buffer.alloc(EVENT_BYTES);
  readonly #heard: MessageBatch;
  readonly #sent: MessageBatch;
  /** Who is told of it when one of those that wait to be sent cannot be. */
  readonly #waiting: ((say: string) => void)[] = [];
  #fd: number;
  #working = false;
  #flushSoon = false;
  #aside = false;
  #look: Timer | undefined;
  #quietLooks = 0;
  #judgedFromMs = 0;
  #judgedCount = 0;

  /** A socket on `host`:`port`. Errors: the port is taken, `host` is no address of this machine. */
  static open(
    clock: Clock,
    host: string,
    port: number,
    take: TakeDatagram,
  ): Result<BatchSocket, DatagramError> {
    const kernel = udpKernel();
    const fd = kernel.socket(AF_INET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) return failureOf(kernel, host, port);
    const address = encodeSocketAddress(host, port);
    if (kernel.bind(fd, address, address.length) !== 0) {
      const failed = failureOf(kernel, host, port);
      kernel.close(fd);
      return failed;
    }
    const room = Buffer.alloc(4);
    room.writeInt32LE(RECEIVE_BUFFER_BYTES);
    kernel.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, room, room.length);
    return ok(new BatchSocket(clock, kernel, fd, take));
  }

  private constructor(clock: Clock, kernel: UdpKernel, fd: number, take: TakeDatagram) {
    this.#clock = clock;
    this.#kernel = kernel;
    this.#fd = fd;
    this.#take = take;
    this.#heard = new MessageBatch(BATCH, DATAGRAM_BYTES, kernel.addressOf);
    this.#sent = new MessageBatch(BATCH, SENT_BYTES, kernel.addressOf);
    this.#epoll = kernel.epollCreate(EPOLL_CLOEXEC);
    this.#event.writeUInt32LE(EPOLLIN, 0);
    this.#event.writeInt32LE(fd, EVENT_FD_AT);
    kernel.epollControl(this.#epoll, EPOLL_CTL_ADD, fd, this.#event);
    this.#wait();
  }

  /** To an IPv4 address. `failed` is told later, and only when the network refuses it. */
  send(bytes: Uint8Array, host: string, port: number, failed: (say: string) => void): void {
    const refused = this.#refuses(bytes, host, port);
    if (refused !== undefined) {
      queueMicrotask(() => failed(refused));
      return;
    }
    this.#waiting.push(failed);
    if (this.#waiting.length === BATCH) this.#flush();
    if (this.#working || this.#flushSoon) return;
    this.#flushSoon = true;
    queueMicrotask(() => {
      this.#flushSoon = false;
      this.#flush();
    });
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#flush();
    this.#look?.cancel();
    this.#kernel.close(this.#fd);
    this.#fd = -1;
    if (!this.#aside) this.#kernel.close(this.#epoll);
  }

  /** Takes it into the batch, or says why not. */
  #refuses(bytes: Uint8Array, host: string, port: number): string | undefined {
    if (this.#fd < 0) return 'the socket is closed';
    if (bytes.length > SENT_BYTES) return 'message too long for UDP';
    return this.#sent.write(this.#waiting.length, bytes, host, port) ? undefined : `${host} is not IPv4`;
  }

  /** Waits aside until something comes. */
  #wait(): void {
    this.#aside = true;
    this.#kernel.epollWaitAside(this.#epoll, this.#event, 1, ASIDE_MS, () => {
      this.#aside = false;
      if (this.#fd < 0) {
        this.#kernel.close(this.#epoll);
        return;
      }
      this.#work();
      if (this.#fd < 0) return;
      if (this.#isBusy()) this.#lookLater();
      else this.#wait();
    });
  }

  #lookLater(): void {
    this.#look = this.#clock.after(LOOK_EVERY_MS, 'datagrams', () => {
      this.#look = undefined;
      const count = this.#work();
      if (this.#fd < 0) return;
      this.#quietLooks = count >= BUSY_PER_MS * LOOK_EVERY_MS ? 0 : this.#quietLooks + 1;
      if (this.#quietLooks < QUIET_LOOKS) {
        this.#lookLater();
        return;
      }
      this.#quietLooks = 0;
      this.#wait();
    });
  }

  #isBusy(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const spentMs = nowMs - this.#judgedFromMs;
    if (spentMs < JUDGED_MS) return false;
    const busy = this.#judgedCount / spentMs >= BUSY_PER_MS;
    this.#judgedFromMs = nowMs;
    this.#judgedCount = 0;
    return busy;
  }

  /** Takes what is there, and sends what comes of it. */
  #work(): number {
    let taken = 0;
    this.#working = true;
    for (let batch = 0; batch < TURN_BATCHES && this.#fd >= 0; batch++) {
      const count = this.#kernel.recvmmsg(this.#fd, this.#heard.memory, BATCH, 0);
      for (let at = 0; at < count && this.#fd >= 0; at++) {
        this.#take(this.#heard.bytes(at), this.#heard.host(at), this.#heard.port(at));
      }
      taken += Math.max(0, count);
      this.#flush();
      if (count < BATCH) break;
    }
    this.#working = false;
    this.#judgedCount += taken;
    return taken;
  }

  /** Gives the kernel what waits. Room that it has not is a loss on the way, of which nobody is told. */
  #flush(): void {
    const waiting = this.#waiting.splice(0);
    for (let at = 0; at < waiting.length && this.#fd >= 0; ) {
      const sent = this.#kernel.sendmmsg(this.#fd, this.#sent.from(at), waiting.length - at, 0);
      at += Math.max(0, sent);
      if (sent > 0) continue;
      const errno = this.#kernel.errno();
      const failed = waiting[at++];
      if (errno !== this.#kernel.codes['EAGAIN']) queueMicrotask(() => failed?.(this.#complaint(errno)));
    }
  }

  #complaint(errno: number): string {
    const [name] = Object.entries(this.#kernel.codes).find(([, code]) => code === errno) ?? [];
    return `send ${name ?? `error ${errno}`}`;
  }
}
