import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { SipAddress } from '../api.ts';
import { SIP_LIMITS } from '../limits.ts';
import { bindError } from './bind-error.ts';
import type { Flow } from './flow.ts';

/** Room for bursts while the event loop is busy: with the kernel's default 208 KB, 1,500 calls/s lost datagrams. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** What a UDP listener needs from its surroundings. */
export interface UdpListenerOptions {
  readonly host: string;
  readonly port: number;
  /** `host:port` that Via and Contact name. */
  readonly sentBy: string;
  /** Asked for each datagram before anything else; false drops it. */
  admit(bytes: Buffer, source: SipAddress): boolean;
  message(bytes: Buffer, flow: Flow): void;
  /** The socket is in trouble; it stays open. */
  trouble(say: string): void;
}

/** One bound UDP socket. */
export class UdpListener {
  readonly #options: UdpListenerOptions;
  readonly #socket: Socket;
  #open = false;

  constructor(options: UdpListenerOptions) {
    this.#options = options;
    this.#socket = createSocket(isIPv6(options.host) ? 'udp6' : 'udp4');
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
    this.#socket.on('message', (bytes, from) => this.#receive(bytes, from.address, from.port));
    try {
      this.#socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch (error) {
      this.#options.trouble(`receive buffer: ${String(error)}`);
    }
  }

  async stop(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  /** A flow to a remote address over this socket. */
  flowTo(host: string, port: number): Flow {
    const { sentBy } = this.#options;
    const isOpen = (): boolean => this.#open;
    return {
      transport: 'udp',
      reliable: false,
      remote: { transport: 'udp', host, port },
      outgoing: false,
      sentBy,
      get open() {
        return isOpen();
      },
      send: (bytes, failed) => this.#send(bytes, host, port, failed),
      onClose: () => () => undefined,
    };
  }

  #receive(bytes: Buffer, host: string, port: number): void {
    // A reply to port 0 cannot be sent; four bytes or fewer are keepalives.
    if (port === 0 || bytes.length <= 4) return;
    const source: SipAddress = { transport: 'udp', host, port };
    if (!this.#options.admit(bytes, source)) return;
    this.#options.message(bytes, this.flowTo(host, port));
  }

  #send(bytes: Buffer, host: string, port: number, failed: (say: string) => void): void {
    if (!this.#open) {
      queueMicrotask(() => failed('the socket is closed'));
      return;
    }
    if (bytes.length > SIP_LIMITS.messageBytes) {
      queueMicrotask(() => failed('message too long for UDP'));
      return;
    }
    try {
      this.#socket.send(bytes, port, host, (error) => {
        if (error) failed(error.message);
      });
    } catch (error) {
      queueMicrotask(() => failed(String(error)));
    }
  }
}
