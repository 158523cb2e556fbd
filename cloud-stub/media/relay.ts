import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Random } from '../../lib/base/random.ts';
import { SessionSecurity } from '../../lib/voice/srtp/session-security.ts';
import type { SrtpKeys } from '../../lib/voice/srtp/suites.ts';
import { type AudioSource, PacedSender } from './player.ts';
import { freshBudget, looksLikeRtp, looksLikeUdptl, type PacketBudget, spend } from './rtp-guard.ts';

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
  /** What a side and the cloud encrypt their audio with from now on (SRTP); undefined for audio in the clear. Fax never is. */
  secure(side: RelaySide, keys: SrtpKeys | undefined): void;
  /** What passes from now on: audio, or fax packets of T.38 over UDPTL. */
  carry(what: 'rtp' | 'udptl'): void;
  /**
   * Plays to one side in real time, in place of the other side's audio, until the source ends (then `done`), something
   * else is played there, or the answer is called.
   */
  play(side: RelaySide, source: AudioSource, done: () => void): () => void;
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
  return ok(new OpenRelay(options, a, b));
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
  carries: 'rtp' | 'udptl' = 'rtp';
  readonly #security = new SessionSecurity();
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

  secure(keys: SrtpKeys | undefined): void {
    this.#security.use(keys, this.#clock.monotonicMs());
  }

  send(datagram: Buffer): void {
    if (this.#state !== 'connected') return;
    const wire = this.#encrypted ? this.#security.protect(datagram) : datagram;
    if (wire === undefined) return;
    this.figures.sent++;
    this.#socket.send(wire, (error) => {
      if (error !== null && error !== undefined) this.figures.errors++;
    });
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket.close();
  }

  get #encrypted(): boolean {
    return this.#security.on && this.carries === 'rtp';
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
    const fits = this.carries === 'rtp' ? looksLikeRtp(datagram) : looksLikeUdptl(datagram);
    if (!expected || !fits) {
      this.figures.refused++;
      return;
    }
    const spent = spend(this.#budget, this.#clock.monotonicMs(), PACKETS_PER_SECOND);
    this.#budget = spent.budget;
    if (!spent.allowed) {
      this.figures.refused++;
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    const opened = this.#encrypted ? this.#security.open(datagram, nowMs) : datagram;
    if (opened === undefined) {
      this.figures.refused++;
      return;
    }
    this.figures.received++;
    this.#lastHeardMs = nowMs;
    this.onPacket(opened);
  }
}

class OpenRelay implements Relay {
  readonly #needs: { readonly clock: Clock; readonly random: Random };
  readonly #legs: Readonly<Record<RelaySide, Leg>>;
  readonly #players = new Map<RelaySide, PacedSender>();

  constructor(needs: { readonly clock: Clock; readonly random: Random }, a: Bound, b: Bound) {
    this.#needs = needs;
    this.#legs = { a: new Leg(a, needs.clock), b: new Leg(b, needs.clock) };
    this.#legs.a.onPacket = (datagram) => this.#pass('b', datagram);
    this.#legs.b.onPacket = (datagram) => this.#pass('a', datagram);
  }

  get a(): { readonly port: number } {
    return this.#legs.a;
  }

  get b(): { readonly port: number } {
    return this.#legs.b;
  }

  connect(side: RelaySide, host: string, port: number): void {
    this.#legs[side].connect(host, port);
  }

  secure(side: RelaySide, keys: SrtpKeys | undefined): void {
    this.#legs[side].secure(keys);
  }

  carry(what: 'rtp' | 'udptl'): void {
    this.#legs.a.carries = what;
    this.#legs.b.carries = what;
  }

  play(side: RelaySide, source: AudioSource, done: () => void): () => void {
    this.#players.get(side)?.stop();
    const stop = (): void => {
      player.stop();
      if (this.#players.get(side) === player) this.#players.delete(side);
    };
    const player = new PacedSender(
      this.#needs,
      source,
      (datagram) => this.#legs[side].send(datagram),
      () => {
        stop();
        done();
      },
    );
    this.#players.set(side, player);
    player.start();
    return stop;
  }

  figures(): RelayFigures {
    const { a, b } = this.#legs;
    const [aMs, bMs] = [a.silentMs, b.silentMs];
    return {
      a: { ...a.figures, silentMs: aMs },
      b: { ...b.figures, silentMs: bMs },
      silentMs: Math.min(aMs, bMs),
    };
  }

  close(): void {
    for (const player of this.#players.values()) player.stop();
    this.#players.clear();
    this.#legs.a.close();
    this.#legs.b.close();
  }

  #pass(to: RelaySide, datagram: Buffer): void {
    if (!this.#players.has(to)) this.#legs[to].send(datagram);
  }
}
