import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { PortRange } from '../../lib/voice/rtp/port-range.ts';

/** How many ports are tried before giving up: others on this host may use some of the range. */
const BIND_TRIES = 50;

/** Takes a datagram and where it came from. */
export type TakeDatagram = (datagram: Buffer, host: string, port: number) => void;

/** A UDP socket on an even port that, once connected, hears only its peer. */
export class RtpSocket {
  readonly localPort: number;
  readonly #socket: Socket;
  readonly #ports: PortRange;
  #connected = false;
  #peer = '';
  #closed = false;
  #errors = 0;
  #everybody: TakeDatagram | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket, localPort: number, ports: PortRange) {
    this.#socket = socket;
    this.localPort = localPort;
    this.#ports = ports;
  }

  /** Errors: `media.noUdpPort` when the range is used up, `media.bind` when `host` is no address of this machine. */
  static async open(
    host: string,
    ports: PortRange,
    onDatagram: (datagram: Buffer) => void,
  ): Promise<Result<RtpSocket>> {
    for (let tries = 0; tries < BIND_TRIES; tries++) {
      const port = ports.take();
      if (port === undefined) break;
      const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
      const failure = await bind(socket, port, host);
      if (failure === undefined) {
        const opened = new RtpSocket(socket, port, ports);
        socket.on('message', (datagram, source) => {
          if (opened.#everybody !== undefined) opened.#everybody(datagram, source.address, source.port);
          else if (opened.#connected) onDatagram(datagram);
        });
        // A peer that is not there yet answers with ICMP: counted, and no reason to stop.
        socket.on('error', () => opened.#errors++);
        return ok(opened);
      }
      socket.close();
      ports.giveBack(port);
      if (failure !== 'EADDRINUSE') {
        const say = `No RTP socket can be opened on ${host} (${failure}).`;
        return refuse({ code: 'media.bind', fault: 'environment', say });
      }
    }
    return refuse({
      code: 'media.noUdpPort',
      fault: 'environment',
      say: `No UDP port is free for RTP on ${host}.`,
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Errors the network reported: a peer that refuses, no route. */
  get errors(): number {
    return this.#errors;
  }

  /** Takes `host` and `port` as the peer, instead of an earlier one. */
  connect(host: string, port: number): Promise<Result<null>> {
    // One after the other: a socket that is being connected can be neither connected nor let go.
    const connected = this.#turn.then(() => this.#connect(host, port));
    this.#turn = connected;
    return connected;
  }

  async #connect(host: string, port: number): Promise<Result<null>> {
    const peer = `${host} ${port}`;
    this.#everybody = undefined;
    if (this.#connected && this.#peer === peer) return ok(null);
    if (this.#connected) this.#socket.disconnect();
    this.#connected = false;
    const failure = await new Promise<string | undefined>((resolve) => {
      try {
        this.#socket.connect(port, host, (error?: Error) => resolve(error?.message));
      } catch (error) {
        resolve(String(error));
      }
    });
    if (failure !== undefined || this.#closed) {
      return refuse({
        code: 'media.unreachable',
        fault: 'peer',
        say: `RTP cannot be sent to ${host} port ${port}: ${failure ?? 'the session was closed'}`,
      });
    }
    this.#connected = true;
    this.#peer = peer;
    return ok(null);
  }

  /** Hears everybody from now on, until it is connected again: the peer of T.38 may speak from elsewhere. */
  hearEverybody(take: TakeDatagram): void {
    this.#turn = this.#turn.then(() => {
      if (this.#closed) return;
      if (this.#connected) this.#socket.disconnect();
      this.#connected = false;
      this.#everybody = take;
    });
  }

  /** Sends to anybody, while everybody is heard. */
  sendTo(datagram: Uint8Array, host: string, port: number): void {
    if (this.#closed || this.#everybody === undefined) return;
    this.#socket.send(datagram, port, host, (error) => {
      if (error) this.#errors++;
    });
  }

  send(datagram: Buffer): void {
    if (!this.#connected || this.#closed) return;
    this.#socket.send(datagram, (error) => {
      if (error) this.#errors++;
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connected = false;
    this.#socket.close();
    this.#ports.giveBack(this.localPort);
  }
}

function bind(socket: Socket, port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    socket.once('error', onError);
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.off('error', onError);
      resolve(undefined);
    });
  });
}
