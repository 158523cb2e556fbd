import { sequenceDistance } from '../rtp/serial.ts';
import { decodeUdptl, type UdptlPacket } from './udptl.ts';
import { parityOf } from './udptl-sender.ts';

/** An IFP as it goes on to the gateway, with its own number. */
export interface ReceivedIfp {
  readonly sequence: number;
  /** Computed from parity it may have zeros behind its end: parity does not say how long it was (ITU-T T.38 §9.1.4.2). */
  readonly ifp: Uint8Array;
  /** Its own datagram did not come (in time): a later one brought it or let it be computed. */
  readonly recovered: boolean;
}

/** What a receiver has seen. */
export interface UdptlReceiverCounters {
  /** Datagrams that were UDPTL. */
  readonly received: number;
  /** IFPs that came by redundancy or parity instead of in their own datagram. */
  readonly recovered: number;
  /** IFPs that were passed over for good. */
  readonly lost: number;
  /** Datagrams whose IFP had been delivered, or passed over, already: repeats and late ones. */
  readonly duplicate: number;
  /** Datagrams that were no UDPTL: stray RTP, garbage. */
  readonly malformed: number;
  /** The peer began to count anew. */
  readonly restarts: number;
}

/** Numbers remembered: more than redundancy or parity of any datagram reach back. */
const WINDOW = 128;
/** Parities remembered: with every IFP that comes or is computed, an older one may become solvable. */
const EQUATIONS = 64;
/**
 * A datagram further ahead or behind must be confirmed by a second before it is believed: a stray one changes nothing, and
 * a peer that counts anew is not taken for one that is late for ever.
 */
const BELIEVED_AHEAD = 512;
const BELIEVED_BEHIND = 64;

/** Says that the exclusive-or of these numbers' IFPs is `parity`. */
interface Equation {
  readonly sequences: readonly number[];
  readonly parity: Uint8Array;
}

/**
 * Puts incoming datagrams in order and repairs losses (ITU-T T.38 §9.1). Nothing waits: with a datagram come the older IFPs
 * that it can restore, in order, then its own; what is missing then is lost. Holds at most {@link WINDOW} IFPs.
 */
export class UdptlReceiver {
  #expected: number | undefined;
  /** Where a peer that began anew has to go on. */
  #suspect: number | undefined;
  readonly #known = new Map<number, Uint8Array>();
  #equations: Equation[] = [];
  #counters = { received: 0, recovered: 0, lost: 0, duplicate: 0, malformed: 0, restarts: 0 };

  get counters(): UdptlReceiverCounters {
    return this.#counters;
  }

  /** IFPs and parities that are held now: bounded, whatever comes. */
  get remembered(): number {
    return this.#known.size + this.#equations.length;
  }

  /** Takes a datagram; answers the IFPs that it makes ready, in order. Never throws. */
  receive(datagram: Uint8Array): ReceivedIfp[] {
    const decoded = decodeUdptl(datagram);
    if (!decoded.ok) {
      this.#counters.malformed++;
      return [];
    }
    this.#counters.received++;
    const packet = decoded.value;
    this.#expected ??= firstOf(packet);
    const distance = sequenceDistance(this.#expected, packet.sequence);
    if (distance > BELIEVED_AHEAD || distance < -BELIEVED_BEHIND) return this.#farOff(packet);
    this.#suspect = undefined;
    return this.#take(packet, distance);
  }

  /** One stray datagram changes nothing; a second that goes on from it (or repeats it) is a peer that counts anew. */
  #farOff(packet: UdptlPacket): ReceivedIfp[] {
    const before = this.#suspect;
    this.#suspect = packet.sequence;
    const step = before === undefined ? Number.NaN : sequenceDistance(before, packet.sequence);
    if (step !== 0 && step !== 1) return [];
    this.#counters.restarts++;
    this.#suspect = undefined;
    this.#known.clear();
    this.#equations = [];
    const expected = firstOf(packet);
    this.#expected = expected;
    return this.#take(packet, sequenceDistance(expected, packet.sequence));
  }

  #take(packet: UdptlPacket, distance: number): ReceivedIfp[] {
    this.#learn(packet);
    if (distance < 0) {
      this.#counters.duplicate++;
      return [];
    }
    const from = this.#expected ?? packet.sequence;
    const ready: ReceivedIfp[] = [];
    this.#counters.lost += Math.max(0, distance - WINDOW);
    for (let step = Math.max(0, distance - WINDOW); step <= distance; step++) {
      const sequence = (from + step) & 0xffff;
      const ifp = this.#known.get(sequence);
      if (ifp === undefined) this.#counters.lost++;
      else this.#deliver(ready, sequence, ifp, step < distance);
    }
    this.#expected = (packet.sequence + 1) & 0xffff;
    this.#forget(packet.sequence);
    return ready;
  }

  /** An empty IFP says nothing, but it fills its number. */
  #deliver(ready: ReceivedIfp[], sequence: number, ifp: Uint8Array, recovered: boolean): void {
    if (recovered) this.#counters.recovered++;
    if (ifp.length > 0) ready.push({ sequence, ifp, recovered });
  }

  #learn(packet: UdptlPacket): void {
    const { sequence, primary, recovery } = packet;
    this.#know(sequence, primary);
    if (recovery.kind === 'redundancy') {
      for (const [index, ifp] of recovery.ifps.entries()) this.#know((sequence - 1 - index) & 0xffff, ifp);
      return;
    }
    const count = recovery.parities.length;
    if (recovery.span === 0 || count * recovery.span >= WINDOW) return;
    for (const [j, parity] of recovery.parities.entries()) {
      const sequences = Array.from(
        { length: recovery.span },
        (_, i) => (sequence - count + j - i * count) & 0xffff,
      );
      this.#equations.push({ sequences, parity: Uint8Array.from(parity) });
    }
    this.#solve();
  }

  #know(sequence: number, ifp: Uint8Array): void {
    if (!this.#known.has(sequence)) this.#known.set(sequence, Uint8Array.from(ifp));
  }

  /** Computes every IFP that is the only unknown of an equation, until no more come out. */
  #solve(): void {
    for (let solved = true; solved; ) {
      solved = false;
      this.#equations = this.#equations.filter((equation) => {
        const unknown = equation.sequences.filter((sequence) => !this.#known.has(sequence));
        const [only] = unknown;
        if (only === undefined) return false;
        if (unknown.length > 1) return true;
        const others = equation.sequences.map((sequence) => this.#known.get(sequence) ?? new Uint8Array());
        this.#known.set(only, parityOf([equation.parity, ...others]));
        solved = true;
        return false;
      });
    }
    this.#equations = this.#equations.slice(-EQUATIONS);
  }

  #forget(newest: number): void {
    if (this.#known.size <= WINDOW) return;
    for (const sequence of this.#known.keys()) {
      const age = sequenceDistance(sequence, newest);
      if (age >= WINDOW || age < 0) this.#known.delete(sequence);
    }
  }
}

/** The number to begin with: older IFPs that a first datagram brings were sent before anybody listened, and still count. */
function firstOf(packet: UdptlPacket): number {
  const behind = packet.recovery.kind === 'redundancy' ? packet.recovery.ifps.length : 0;
  return (packet.sequence - behind) & 0xffff;
}
