import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { makeStreamParser, makeTransactionLayer } from 'sip';
import type { Clock } from '../../../lib/base/clock.ts';
import {
  checked,
  readSip,
  responseTo,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  sipBytes,
} from './message.ts';

/** Where a request goes. */
export interface Target {
  readonly transport: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
}

export interface StackOptions {
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  onRequest(request: SipRequest, from: Target): void;
  count(what: string): void;
}

/** A way to one peer, as the package's transactions want it. */
interface Connection {
  readonly protocol: 'UDP' | 'TCP';
  send(message: SipMessage): void;
  release(): void;
}

interface Transaction {
  send?(message: SipResponse): void;
  message?(message: SipMessage, remote?: object): void;
}

interface Transactions {
  createServerTransaction(request: SipRequest, connection: Connection): Transaction;
  createClientTransaction(
    connection: Connection,
    request: SipRequest,
    answer: (response: SipResponse) => void,
  ): Transaction;
  getServer(message: SipMessage): Transaction | undefined;
  getClient(message: SipMessage): Transaction | undefined;
  destroy(): void;
}

/** RFC 3261 timer F; the package forgets it once a provisional answer has come. */
const REQUEST_LIMIT_MS = 32_000;
const HEADERS_MOST = 16_384;
const CONTENT_MOST = 65_536;
const CONNECTIONS_MOST = 16;

/**
 * The parser, the writer and the transactions of the `sip` package on sockets of the phone's own, because the package's
 * sockets throw errors that nobody can catch and read what kills it.
 */
export class SipStack {
  readonly #options: StackOptions;
  readonly #transactions: Transactions;
  readonly #streams = new Map<string, Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#transactions = makeTransactionLayer({}, undefined) as Transactions;
  }

  /** Opens UDP and TCP; rejects when the port is taken. */
  async start(): Promise<void> {
    const { address, port } = this.#options;
    const udp = createSocket('udp4');
    this.#udp = udp;
    udp.on('message', (bytes, from) => {
      const message = readSip(bytes);
      if (message === undefined) this.#options.count('sipNotRead');
      else this.#dispatch(message, { transport: 'udp', host: from.address, port: from.port });
    });
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind({ address, port, exclusive: true }, () => {
        udp.removeListener('error', reject);
        udp.on('error', () => this.#options.count('sipSocket'));
        resolve();
      });
    });
    const tcp = createServer((socket) => this.#adopt(socket, `${socket.remoteAddress}:${socket.remotePort}`));
    this.#tcp = tcp;
    tcp.maxConnections = CONNECTIONS_MOST;
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(port, address, () => {
        tcp.removeListener('error', reject);
        tcp.on('error', () => this.#options.count('sipSocket'));
        resolve();
      });
    });
  }

  stop(): void {
    this.#transactions.destroy();
    this.#udp?.close();
    this.#udp = undefined;
    this.#tcp?.close();
    for (const socket of this.#streams.values()) socket.destroy();
    this.#streams.clear();
  }

  /** Sends a request; every answer is told, and a final 408 when none comes (INVITE waits as long as the caller does). */
  request(request: SipRequest, to: Target, answer: (response: SipResponse) => void): void {
    let over = false;
    const tell = (response: SipResponse): void => {
      if (over && request.method !== 'INVITE') return;
      if (response.status >= 200) over = true;
      answer(response);
    };
    request.headers.via = [{ params: {} }];
    try {
      this.#transactions.createClientTransaction(this.#connection(to), request, tell);
    } catch {
      this.#options.count('sipNotSent');
      tell(responseTo(request, 503, 'Service Unavailable'));
      return;
    }
    if (request.method === 'INVITE') return;
    this.#options.clock.after(REQUEST_LIMIT_MS, 'phone request', () => {
      if (!over) tell(responseTo(request, 408, 'Request Timeout'));
    });
  }

  /** CANCEL carries the Via of its INVITE (RFC 3261 §9.1). */
  cancel(invite: SipRequest, to: Target): void {
    const { via, from, to: callee } = invite.headers;
    const [top] = via ?? [];
    if (top === undefined) return;
    const headers = {
      via: [{ ...top, params: { ...top.params } }],
      ...(from === undefined ? {} : { from }),
      ...(callee === undefined ? {} : { to: callee }),
      'call-id': invite.headers['call-id'] ?? '',
      cseq: { seq: invite.headers.cseq?.seq ?? 1, method: 'CANCEL' },
      'max-forwards': 70,
    };
    try {
      const request: SipRequest = { method: 'CANCEL', uri: invite.uri, headers };
      this.#transactions.createClientTransaction(this.#connection(to), request, () => undefined);
    } catch {
      this.#options.count('sipNotSent');
    }
  }

  /** ACK to a 2xx, which is no transaction. */
  acknowledge(ack: SipRequest, branch: string, to: Target): void {
    ack.headers.via = [{ params: { branch } }];
    this.#connection(to).send(ack);
  }

  respond(response: SipResponse): void {
    this.#transactions.getServer(response)?.send?.(response);
  }

  #dispatch(message: SipMessage, from: Target): void {
    const top = message.headers.via?.[0];
    if (message.method !== undefined && top !== undefined) {
      top.params['received'] = from.host;
      if ('rport' in top.params) top.params['rport'] = String(from.port);
    }
    try {
      if (message.method === undefined) {
        this.#transactions.getClient(message)?.message?.(message, from);
        return;
      }
      const known = this.#transactions.getServer(message);
      if (known !== undefined) {
        known.message?.(message, from);
        return;
      }
      if (message.method !== 'ACK')
        this.#transactions.createServerTransaction(message, this.#connection(from));
      this.#options.onRequest(message, from);
    } catch {
      this.#options.count('sipBroken');
    }
  }

  #connection(to: Target): Connection {
    return {
      protocol: to.transport === 'udp' ? 'UDP' : 'TCP',
      send: (message) => this.#send(message, to),
      release: () => undefined,
    };
  }

  #send(message: SipMessage, to: Target): void {
    const { address, port, count } = this.#options;
    const top = message.headers.via?.[0];
    if (message.method !== undefined && top !== undefined) {
      top.host = address;
      top.port = port;
      top.protocol = to.transport.toUpperCase();
      if (to.transport === 'udp') top.params['rport'] = null;
    }
    const bytes = sipBytes(message);
    if (to.transport === 'udp') {
      this.#udp?.send(bytes, to.port, to.host, (error) => {
        if (error) count('sipNotSent');
      });
    } else this.#stream(to).write(bytes);
  }

  #stream({ host, port }: Target): Socket {
    const name = `${host}:${port}`;
    const open = this.#streams.get(name);
    if (open !== undefined && !open.destroyed) return open;
    return this.#adopt(connect({ host, port, localAddress: this.#options.address }), name);
  }

  #adopt(socket: Socket, name: string): Socket {
    this.#streams.set(name, socket);
    socket.setEncoding('latin1');
    socket.setKeepAlive(true, 30_000);
    const [host = '', port = ''] = name.split(':');
    const take = makeStreamParser(
      (value) => {
        const message = checked(value);
        if (message !== undefined) this.#dispatch(message, { transport: 'tcp', host, port: Number(port) });
      },
      () => socket.destroy(),
      HEADERS_MOST,
      CONTENT_MOST,
    );
    socket.on('data', (chunk) => {
      try {
        const text = String(chunk);
        if (text.includes('__proto__')) socket.destroy();
        else take(text);
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#streams.get(name) === socket) this.#streams.delete(name);
    });
    return socket;
  }
}
