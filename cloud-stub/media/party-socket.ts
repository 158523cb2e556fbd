import { createSocket, type Socket } from 'node:dgram';

/** What becomes of datagrams and troubles of a socket. */
export interface PartyHandlers {
  /** Came from the address that the party signalled. */
  packet(datagram: Buffer): void;
  /** Came from elsewhere, or before anything was signalled. */
  stranger(): void;
  /** For example: the party's port is closed. */
  error(): void;
}

const RECEIVE_BUFFER_BYTES = 262_144;

/** Binds a UDP socket; undefined where the port is not free. */
export function bindPort(host: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    const failed = (): void => {
      socket.close();
      resolve(undefined);
    };
    socket.once('error', failed);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeListener('error', failed);
      resolve(socket);
    });
  });
}

/**
 * A socket that hears one party alone: it is connected to the address that was signalled, so that the kernel keeps every
 * other source out. `open` → (`connecting` →) `connected`; a new address goes round through `connecting` again.
 */
export class PartySocket {
  readonly #socket: Socket;
  readonly #handlers: PartyHandlers;
  #remote: { readonly host: string; readonly port: number } | undefined;
  #state: 'open' | 'connecting' | 'connected' | 'closed' = 'open';

  constructor(socket: Socket, handlers: PartyHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on('error', () => handlers.error());
    socket.on('message', (datagram, from) => {
      // Before the socket is connected, and for what was queued until then, the source is checked here.
      const expected = this.#remote?.host === from.address && this.#remote.port === from.port;
      if (expected) handlers.packet(datagram);
      else handlers.stranger();
    });
  }

  connect(host: string, port: number): void {
    if (this.#state === 'closed') return;
    if (this.#remote?.host === host && this.#remote.port === port) return;
    this.#remote = { host, port };
    if (this.#state === 'connecting') return;
    if (this.#state === 'connected') this.#socket.disconnect();
    this.#connect(host, port);
  }

  /** False where nobody is there to send to. */
  send(datagram: Uint8Array): boolean {
    if (this.#state !== 'connected') return false;
    this.#socket.send(datagram, (error) => {
      if (error !== null && error !== undefined) this.#handlers.error();
    });
    return true;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket.close();
  }

  #connect(host: string, port: number): void {
    this.#state = 'connecting';
    this.#socket.connect(port, host, () => {
      if (this.#state !== 'connecting') return;
      this.#state = 'connected';
      const wanted = this.#remote;
      if (wanted === undefined || (wanted.host === host && wanted.port === port)) return;
      // The party moved while the socket was being connected.
      this.#socket.disconnect();
      this.#connect(wanted.host, wanted.port);
    });
  }
}
