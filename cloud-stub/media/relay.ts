import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Random } from '../../lib/base/random.ts';
import { freshBudget, looksLikeRtp, type PacketBudget, spend } from './rtp-guard.ts';

/** The two parties of a relayed call: `a` called, `b` was called. */
export type RelaySide = 'a' | 'b';

/** What one side of a relay has seen. */
export interface RelaySideFigures {
  /** Packets that came from this side's signalled address. */
  received: number;
  /** Packets that were passed on to this side. */
  sent: number;
  /** Datagrams that were refused: not RTP, from elsewhere, over the rate. */
  refused: number;
  /** Socket errors, for example because the party's port is closed. */
  errors: number;
}

/** A relay's counters. `silentMs` of a side: how long nothing has come from it. */
export interface RelayFigures {
  readonly a: Readonly<RelaySideFigures> & { readonly silentMs: number };
  readonly b: Readonly<RelaySideFigures> & { readonly silentMs: number };
  /** How long nothing has come from either side, in ms; counted from the opening at first. */
  readonly silentMs: number;
}

/** Two UDP ports in the cloud through which one call's audio passes unchanged, so that no party learns the other's address. */
export interface Relay {
  /** The port that is told to the caller. */
  readonly a: { readonly port: number };
  /** The port that is told to the called party. */
  readonly b: { readonly port: number };
  /**
   * Says where a side was signalled to send from and to receive at. From then on the socket is connected there: the
   * kernel keeps every other source out. There is no latching onto whoever sends first.
   */
  connect(side: RelaySide, host: string, port: number): void;
  figures(): RelayFigures;
  close(): void;
}

export interface RelayOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Ports to choose from, both even; below 32768, where the kernel takes its own from. */
  readonly ports?: { readonly first: number; readonly last: number };
}

/** No two free ports were found. */
export interface RelayRefusal extends CodedError {
  readonly code: 'media.noPort';
}

/** First and last port of the cloud's audio. */
export const RELAY_PORTS = { first: 16_384, last: 32_766 } as const;

const PORT_ATTEMPTS = 40;
/** 20 ms packets are 50 a second; four times that leaves room for 10 ms ones and RTCP, and none for a flood. */
const PACKETS_PER_SECOND = 200;
const RECEIVE_BUFFER_BYTES = 262_144;

/** Opens a relay of two ports on `host`. */
export async function openRelay(options: RelayOptions): Promise<Result<Relay, RelayRefusal>> {
  const a = await bindAny(options);
  if (a === undefined) return refuse(noPort(options.host));
  const b = await bindAny(options);
  if (b === undefined) {
    a.socket.close();
    return refuse(noPort(options.host));
  }
  return ok(new OpenRelay(options.clock, a, b));
}

function noPort(host: string): RelayRefusal {
  return {
    code: 'media.noPort',
    fault: 'environment',
    say: `No free port for audio on ${host} after ${PORT_ATTEMPTS} attempts.`,
  };
}

interface Bound {
  readonly socket: Socket;
  readonly port: number;
}

async function bindAny(options: RelayOptions): Promise<Bound | undefined> {
  const range = options.ports ?? RELAY_PORTS;
  const slots = Math.floor((range.last - range.first) / 2) + 1;
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const port = range.first + 2 * Math.floor(options.random.fraction() * slots);
    const socket = await bind(options.host, port);
    if (socket !== undefined) return { socket, port };
  }
  return undefined;
}

function bind(host: string, port: number): Promise<Socket | undefined> {
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

/** One socket of a relay. `open` → (`connecting` →) `connected`; a new address goes round through `connecting` again. */
class Leg {
  readonly port: number;
  readonly figures: RelaySideFigures = { received: 0, sent: 0, refused: 0, errors: 0 };
  readonly #socket: Socket;
  readonly #clock: Clock;
  #budget: PacketBudget = freshBudget;
  #remote: { readonly host: string; readonly port: number } | undefined;
  #state: 'open' | 'connecting' | 'connected' | 'closed' = 'open';
  #lastHeardMs: number;
  onPacket: (datagram: Buffer) => void = () => undefined;

  constructor(bound: Bound, clock: Clock) {
    this.#socket = bound.socket;
    this.port = bound.port;
    this.#clock = clock;
    this.#lastHeardMs = clock.monotonicMs();
    bound.socket.on('error', () => this.figures.errors++);
    bound.socket.on('message', (datagram, from) => this.#take(datagram, from.address, from.port));
  }

  get silentMs(): number {
    return this.#clock.monotonicMs() - this.#lastHeardMs;
  }

  connect(host: string, port: number): void {
    if (this.#state === 'closed') return;
    if (this.#remote?.host === host && this.#remote.port === port) return;
    this.#remote = { host, port };
    if (this.#state === 'connecting') return;
    if (this.#state === 'connected') this.#socket.disconnect();
    this.#connect(host, port);
  }

  send(datagram: Buffer): void {
    if (this.#state !== 'connected') return;
    this.figures.sent++;
    this.#socket.send(datagram, (error) => {
      if (error !== null && error !== undefined) this.figures.errors++;
    });
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

  #take(datagram: Buffer, host: string, port: number): void {
    // Before the socket is connected, and for what was queued until then, the source is checked here. A stranger's
    // packets must not use up the party's budget, so this comes first.
    const expected = this.#remote?.host === host && this.#remote.port === port;
    if (!expected || !looksLikeRtp(datagram)) {
      this.figures.refused++;
      return;
    }
    const spent = spend(this.#budget, this.#clock.monotonicMs(), PACKETS_PER_SECOND);
    this.#budget = spent.budget;
    if (!spent.allowed) {
      this.figures.refused++;
      return;
    }
    this.figures.received++;
    this.#lastHeardMs = this.#clock.monotonicMs();
    this.onPacket(datagram);
  }
}

class OpenRelay implements Relay {
  readonly #a: Leg;
  readonly #b: Leg;

  constructor(clock: Clock, a: Bound, b: Bound) {
    this.#a = new Leg(a, clock);
    this.#b = new Leg(b, clock);
    this.#a.onPacket = (datagram) => this.#b.send(datagram);
    this.#b.onPacket = (datagram) => this.#a.send(datagram);
  }

  get a(): { readonly port: number } {
    return this.#a;
  }

  get b(): { readonly port: number } {
    return this.#b;
  }

  connect(side: RelaySide, host: string, port: number): void {
    (side === 'a' ? this.#a : this.#b).connect(host, port);
  }

  figures(): RelayFigures {
    const [a, b] = [this.#a.silentMs, this.#b.silentMs];
    return {
      a: { ...this.#a.figures, silentMs: a },
      b: { ...this.#b.figures, silentMs: b },
      silentMs: Math.min(a, b),
    };
  }

  close(): void {
    this.#a.close();
    this.#b.close();
  }
}
