import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result } from '../../lib/base/errors.ts';
import type { StunAddress } from '../../lib/net/stun.ts';
import { openWholeDatagrams } from '../../lib/net/whole-datagrams.ts';

/** Takes what came, when, and from where. */
export type TakeProbe = (bytes: Buffer, from: StunAddress, atMs: number) => void;

/** A UDP socket of its own for one measurement: no other traffic keeps its way through a NAT open. */
export class ProbeSocket {
  readonly #socket: Socket;
  #take: TakeProbe = () => undefined;
  #connected = false;
  #closed = false;
  /** What the kernel refused to send, mostly because it is larger than the interface allows. */
  refused = 0;

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    socket.on('message', (bytes, from) =>
      this.#take(bytes, { host: from.address, port: from.port }, clock.monotonicMs()),
    );
    // What ICMP says of a packet before is no reason to stop.
    socket.on('error', () => {
      this.refused++;
    });
  }

  /** A socket whose packets no router may cut, towards `remote`. */
  static async open(remote: string, clock: Clock): Promise<Result<ProbeSocket, CodedError>> {
    const opened = await openWholeDatagrams(isIPv6(remote) ? '::' : '0.0.0.0', 0);
    return opened.ok ? ok(new ProbeSocket(opened.value, clock)) : opened;
  }

  get localPort(): number {
    return this.#socket.address().port;
  }

  hear(take: TakeProbe): void {
    this.#take = take;
  }

  /** From now on it speaks with this place alone, and hears what routers say of what was sent there. */
  connect(to: StunAddress): Promise<void> {
    return new Promise((resolve) => {
      this.#connected = true;
      this.#socket.connect(to.port, to.host, () => resolve());
    });
  }

  send(bytes: Buffer, to: StunAddress): void {
    this.#send(bytes, to, (error) => {
      if (error === null) return;
      this.refused++;
      // What a router said of the packet before ends this one unsent.
      this.#send(bytes, to, () => undefined);
    });
  }

  #send(bytes: Buffer, to: StunAddress, sent: (error: Error | null) => void): void {
    if (this.#closed) return;
    if (this.#connected) this.#socket.send(bytes, sent);
    else this.#socket.send(bytes, to.port, to.host, sent);
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }
}

/** The address with which this machine speaks to another; undefined where there is no way to it. */
export function addressTowards({ host, port }: StunAddress): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const done = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => done(undefined));
    socket.connect(port, host, () => done(socket.address().address));
  });
}

/** Waits on a clock. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, 'netcheck', resolve));
}
