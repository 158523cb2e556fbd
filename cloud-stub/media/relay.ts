import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Random } from '../../lib/base/random.ts';
import type { SrtpKeys } from '../../lib/voice/srtp/suites.ts';
import { type AudioSource, PacedSender } from './player.ts';
import { type BoundPair, bindPair, PORT_ATTEMPTS, type PortSpan } from './port-pair.ts';
import { RelayLeg } from './relay-leg.ts';

/** The two parties of a relayed call: `a` called, `b` was called. */
export type RelaySide = 'a' | 'b';

/** What one side of a relay has seen. */
export interface RelaySideFigures {
  /** Packets that came from this side's signalled address. */
  received: number;
  /** Packets that were passed on to this side. */
  sent: number;
  /** RTCP that came from this side and could be passed on. */
  reports: number;
  /** Datagrams that were refused: not RTP or RTCP, from elsewhere, over the rate. */
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

/** UDP ports in the cloud through which one call's audio passes unchanged, so that no party learns the other's address; its reports on the next ones. */
export interface Relay {
  /** The port that is told to the caller. */
  readonly a: { readonly port: number };
  /** The port that is told to the called party. */
  readonly b: { readonly port: number };
  /**
   * Says where a side was signalled to send from and to receive at. From then on the socket is connected there: the
   * kernel keeps every other source out. There is no latching onto whoever sends first. `reportPort`: where the side has its
   * reports, when that is not the next port (RFC 3605).
   */
  connect(side: RelaySide, host: string, port: number, reportPort?: number): void;
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
  readonly ports?: PortSpan;
}

/** No two free ports were found. */
export interface RelayRefusal extends CodedError {
  readonly code: 'media.noPort';
}

/** First and last port of the cloud's audio. */
export const RELAY_PORTS = { first: 16_384, last: 32_766 } as const;

/** Name of a party that says nothing of it. */
const CNAME_BYTES = 8;

/** Opens a relay of two ports on `host`. */
export async function openRelay(options: RelayOptions): Promise<Result<Relay, RelayRefusal>> {
  const { host, random, ports = RELAY_PORTS } = options;
  const a = await bindPair(host, random, ports);
  if (a === undefined) return refuse(noPort(host));
  const b = await bindPair(host, random, ports);
  if (b === undefined) {
    a.sound.close();
    a.reports.close();
    return refuse(noPort(host));
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

class OpenRelay implements Relay {
  readonly #needs: { readonly clock: Clock; readonly random: Random };
  readonly #legs: Readonly<Record<RelaySide, RelayLeg>>;
  readonly #players = new Map<RelaySide, PacedSender>();

  constructor(needs: { readonly clock: Clock; readonly random: Random }, a: BoundPair, b: BoundPair) {
    this.#needs = needs;
    const legOf = (bound: BoundPair): RelayLeg =>
      new RelayLeg(bound, needs.clock, needs.random.bytes(CNAME_BYTES).toString('hex'));
    this.#legs = { a: legOf(a), b: legOf(b) };
    this.#legs.a.onPacket = (datagram) => this.#pass('b', datagram);
    this.#legs.b.onPacket = (datagram) => this.#pass('a', datagram);
    this.#legs.a.onReports = (datagram) => this.#passReports('b', datagram);
    this.#legs.b.onReports = (datagram) => this.#passReports('a', datagram);
  }

  get a(): { readonly port: number } {
    return this.#legs.a;
  }

  get b(): { readonly port: number } {
    return this.#legs.b;
  }

  connect(side: RelaySide, host: string, port: number, reportPort = port + 1): void {
    this.#legs[side].connect(host, port, reportPort);
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

  /** A party that hears a prompt gets no reports of sound that it does not hear. */
  #passReports(to: RelaySide, datagram: Buffer): void {
    if (!this.#players.has(to)) this.#legs[to].sendReports(datagram);
  }
}
