import type { Clock } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import type { SipAddress } from '../../lib/voice/sip/api.ts';
import type { MakeSockets } from '../../lib/voice/sip/core.ts';
import type { Flow } from '../../lib/voice/sip/transport/flow.ts';

/** What the network does to datagrams. */
export interface Conditions {
  /** Share that is lost, in [0, 1). */
  readonly loss: number;
  /** Share that comes twice. */
  readonly duplicate: number;
  /** Every datagram takes this long, and up to `jitterMs` more: that is how they overtake each other. */
  readonly delayMs: number;
  readonly jitterMs: number;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

type Receive = (bytes: Buffer, from: Place) => void;

/** Ports that an address translator gives to those behind it. */
const NAT_FIRST_PORT = 40_000;

/** Datagrams between simulated hosts, under a virtual clock: lost, doubled, late, out of order, translated. */
export class SimulatedNetwork {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #conditions: Conditions;
  readonly #hosts = new Map<string, Receive>();
  /** Public host of those that are behind a translator. */
  readonly #behind = new Map<string, string>();
  readonly #translated = new Map<string, Place>();
  readonly #cut = new Set<string>();
  readonly #taps: ((bytes: Buffer, from: Place, to: Place) => void)[] = [];
  readonly #arrivals: ((bytes: Buffer, at: Place) => void)[] = [];
  /** Translators that let in only whom the one behind them has spoken to, and whom that was. */
  readonly #strict = new Set<string>();
  readonly #spokenTo = new Map<string, Set<string>>();
  #nextPort = NAT_FIRST_PORT;
  sent = 0;
  /** What becomes of a datagram on its way, where a middlebox has a hand in it. */
  rewrite: (bytes: Buffer) => Buffer = (bytes) => bytes;

  constructor(clock: Clock, random: Random, conditions: Conditions) {
    this.#clock = clock;
    this.#random = random;
    this.#conditions = conditions;
  }

  /** Sees every datagram as it is sent, also those that get lost. */
  tap(look: (bytes: Buffer, from: Place, to: Place) => void): void {
    this.#taps.push(look);
  }

  /** Sees every datagram where it arrives, before whoever is there does. */
  onArrival(look: (bytes: Buffer, at: Place) => void): void {
    this.#arrivals.push(look);
  }

  /**
   * `host` is reached only through `publicHost`: by everybody (full cone), or by those places alone that it has spoken to
   * (port restricted).
   */
  putBehind(host: string, publicHost: string, lets: 'everybody' | 'known' = 'everybody'): void {
    this.#behind.set(host, publicHost);
    if (lets === 'known') this.#strict.add(publicHost);
  }

  /** Takes a host off the network, or puts it back. */
  cut(host: string, is: boolean): void {
    if (is) this.#cut.add(host);
    else this.#cut.delete(host);
  }

  attach(place: Place, receive: Receive): void {
    this.#hosts.set(keyOf(place), receive);
  }

  /** Sockets for a user agent at `place`. */
  sockets(place: Place): MakeSockets {
    return (_options, counters, message) => {
      const flowTo = ({ host, port }: Place): Flow => this.#flow(place, { host, port });
      return {
        start: async () => {
          this.attach(place, (bytes, from) => {
            counters.messagesReceived++;
            message(bytes, flowTo(from));
          });
        },
        stop: async () => {
          this.#hosts.delete(keyOf(place));
        },
        flowTo: (address: SipAddress) => (address.transport === 'udp' ? flowTo(address) : undefined),
        expectServerName: () => undefined,
      };
    };
  }

  send(bytes: Buffer, from: Place, to: Place): void {
    this.sent++;
    for (const look of this.#taps) look(bytes, from, to);
    if (this.#cut.has(from.host)) return;
    const seen = this.#translate(from);
    if (this.#strict.has(seen.host)) this.#known(seen).add(keyOf(to));
    const { loss, duplicate } = this.#conditions;
    const copies = this.#random.fraction() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#random.fraction() >= loss) this.#deliver(this.rewrite(Buffer.from(bytes)), seen, to);
    }
  }

  #deliver(bytes: Buffer, from: Place, to: Place): void {
    const { delayMs, jitterMs } = this.#conditions;
    this.#clock.after(delayMs + jitterMs * this.#random.fraction(), 'datagram', () => {
      const inside = this.#translated.get(keyOf(to));
      const place = inside ?? to;
      // What is behind a translator has no address of its own outside.
      if (inside === undefined && this.#behind.has(to.host)) return;
      if (this.#strict.has(to.host) && !this.#known(to).has(keyOf(from))) return;
      const receive = this.#cut.has(place.host) ? undefined : this.#hosts.get(keyOf(place));
      if (receive === undefined) return;
      for (const look of this.#arrivals) look(bytes, place);
      receive(bytes, from);
    });
  }

  #known(outside: Place): Set<string> {
    const known = this.#spokenTo.get(keyOf(outside)) ?? new Set();
    this.#spokenTo.set(keyOf(outside), known);
    return known;
  }

  #translate(from: Place): Place {
    const host = this.#behind.get(from.host);
    if (host === undefined) return from;
    for (const [outside, inside] of this.#translated) {
      if (keyOf(inside) === keyOf(from))
        return { host, port: Number(outside.slice(outside.lastIndexOf(':') + 1)) };
    }
    const place = { host, port: this.#nextPort++ };
    this.#translated.set(keyOf(place), from);
    return place;
  }

  #flow(from: Place, to: Place): Flow {
    return {
      transport: 'udp',
      reliable: false,
      remote: { transport: 'udp', ...to },
      outgoing: false,
      sentBy: keyOf(from),
      open: true,
      send: (bytes) => this.send(bytes, from, to),
      onClose: () => () => undefined,
    };
  }
}

function keyOf({ host, port }: Place): string {
  return `${host}:${port}`;
}
