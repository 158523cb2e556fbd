import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIP, isIPv6 } from 'node:net';
import type { SipDatagramSocket, TakeDatagram } from '../api.ts';
import { bindError } from './bind-error.ts';
import { plainHost } from './source.ts';

/** Room for bursts while the event loop is busy: with the kernel's default 208 KB, 1,500 calls/s lost datagrams. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** An address is its own answer at once: the system's way takes a turn of the event loop for each datagram. */
const lookUp: SocketOptions['lookup'] = (host, options, callback) => {
  const family = isIP(host);
  if (family === 0) lookup(host, options, callback);
  else callback(null, host, family);
};

/** A UDP socket of Node's own. Throws a `StartupError` when the port cannot be had. `trouble`: it stays open all the same. */
export async function openNodeSocket(
  host: string,
  port: number,
  take: TakeDatagram,
  trouble: (say: string) => void,
): Promise<SipDatagramSocket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', lookup: lookUp });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(bindError('udp', host, port, error));
    });
    socket.bind({ address: host, port }, () => resolve());
  });
  socket.removeAllListeners('error');
  socket.on('error', (error) => trouble(error.message));
  socket.on('message', (bytes, from) => take(bytes, plainHost(from.address), from.port));
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch (error) {
    trouble(`receive buffer: ${String(error)}`);
  }
  return new NodeSocket(socket);
}

class NodeSocket implements SipDatagramSocket {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(bytes: Buffer, host: string, port: number, failed: (say: string) => void): void {
    try {
      this.#socket.send(bytes, port, host, (error) => {
        if (error) failed(error.message);
      });
    } catch (error) {
      queueMicrotask(() => failed(String(error)));
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}
