import { createRequire } from 'node:module';

/** Calls of the kernel (Linux: socket(2), recv(2), epoll(7)) for sockets that are waited for together. */
export interface UdpKernel {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  close(fd: number): number;
  recv(fd: number, into: Uint8Array, length: number, flags: number): number;
  recvfrom(
    fd: number,
    into: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: Uint8Array,
  ): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number;
  /** Takes so many datagrams at once, into an array of `struct mmsghdr`. */
  recvmmsg(fd: number, messages: Uint8Array, most: number, flags: number): number;
  /** Sends so many at once; says how many went before one did not. */
  sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number;
  /** Where memory lies that is not the collector's to move: that of a Buffer without the pool. */
  addressOf(memory: Uint8Array): bigint;
  /** A counter that can be waited for: what wakes a thread (eventfd(2)). */
  eventfd(count: number, flags: number): number;
  write(fd: number, bytes: Uint8Array, length: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, event: Uint8Array): number;
  epollWait(epoll: number, events: Uint8Array, most: number, timeoutMs: number): number;
  /** The same on a thread of its own; `done` is called on ours. */
  epollWaitAside(
    epoll: number,
    events: Uint8Array,
    most: number,
    timeoutMs: number,
    done: (error: unknown, count: number) => void,
  ): void;
  errno(): number;
  readonly codes: Readonly<Record<string, number>>;
}

interface Foreign {
  (...args: readonly unknown[]): number;
  async(...args: readonly unknown[]): void;
}

let kernel: UdpKernel | undefined;

/** Loaded on first use. */
export function udpKernel(): UdpKernel {
  if (kernel !== undefined) return kernel;
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(file: string): { func(declaration: string): unknown };
    errno(): number;
    os: { errno: Record<string, number> };
  };
  const libc = koffi.load('libc.so.6');
  const func = (declaration: string): Foreign => libc.func(declaration) as Foreign;
  const wait = func('int epoll_wait(int epoll, void *events, int most, int timeout)');
  const recvmmsg = func('int recvmmsg(int fd, void *messages, int most, int flags, void *timeout)');
  // Copies nothing, and answers with where it would have copied to.
  const address = func('int64_t memcpy(void *to, void *from, size_t length)');
  // Lengths are ssize_t, which is a long on both machines; a datagram's fits a number.
  kernel = {
    socket: func('int socket(int domain, int type, int protocol)'),
    setsockopt: func('int setsockopt(int fd, int level, int name, void *value, int length)'),
    bind: func('int bind(int fd, void *address, int length)'),
    connect: func('int connect(int fd, void *address, int length)'),
    close: func('int close(int fd)'),
    recv: func('long recv(int fd, void *into, size_t length, int flags)'),
    recvfrom: func('long recvfrom(int fd, void *into, size_t length, int flags, void *from, void *fromlen)'),
    send: func('long send(int fd, void *bytes, size_t length, int flags)'),
    sendto: func('long sendto(int fd, void *bytes, size_t length, int flags, void *to, int tolen)'),
    recvmmsg: (fd, messages, most, flags) => recvmmsg(fd, messages, most, flags, null),
    sendmmsg: func('int sendmmsg(int fd, void *messages, int count, int flags)'),
    addressOf: (memory) => BigInt(address(memory, memory, 0)),
    eventfd: func('int eventfd(unsigned int count, int flags)'),
    write: func('long write(int fd, void *bytes, size_t length)'),
    epollCreate: func('int epoll_create1(int flags)'),
    epollControl: func('int epoll_ctl(int epoll, int operation, int fd, void *event)'),
    epollWait: wait,
    epollWaitAside: (epoll, events, most, timeoutMs, done) =>
      wait.async(epoll, events, most, timeoutMs, done),
    errno: () => koffi.errno(),
    codes: koffi.os.errno,
  };
  return kernel;
}
