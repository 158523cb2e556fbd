import { type Random, seededRandom } from '../../lib/base/random.ts';

/** What a network does to datagrams. */
export interface NetworkFaults {
  /** Share that is lost, each by itself: 0.05 = 5 %. */
  readonly loss: number;
  readonly delayMs: number;
  /** Added to the delay, evenly from 0 to this; what is overtaken arrives out of order. */
  readonly jitterMs: number;
}

/** One direction of a network on a virtual clock. Equal seeds give equal faults. */
export class FaultyNetwork<Datagram> {
  readonly #faults: NetworkFaults;
  readonly #random: Random;
  #flying: { readonly atMs: number; readonly datagram: Datagram }[] = [];
  #sent = 0;
  #lost = 0;
  #down = false;

  constructor(faults: NetworkFaults, seed: number) {
    this.#faults = faults;
    this.#random = seededRandom(seed);
  }

  get sent(): number {
    return this.#sent;
  }

  get lost(): number {
    return this.#lost;
  }

  /** From now on nothing arrives. */
  cut(): void {
    this.#down = true;
    this.#flying = [];
  }

  push(datagram: Datagram, nowMs: number): void {
    this.#sent++;
    // Both drawn always: the same seed loses the same datagrams whatever the delay.
    const lost = this.#random.fraction() < this.#faults.loss;
    const delayMs = this.#faults.delayMs + this.#random.fraction() * this.#faults.jitterMs;
    if (lost || this.#down) this.#lost++;
    else this.#flying.push({ atMs: nowMs + delayMs, datagram });
  }

  /** What arrives by `nowMs`, in the order of arrival. */
  take(nowMs: number): Datagram[] {
    const here = this.#flying.filter(({ atMs }) => atMs <= nowMs);
    if (here.length === 0) return [];
    this.#flying = this.#flying.filter(({ atMs }) => atMs > nowMs);
    return here.sort((one, other) => one.atMs - other.atMs).map(({ datagram }) => datagram);
  }
}

/** White noise of a level, for a line. */
export class LineNoise {
  readonly #random: Random;
  readonly #amplitude: number;

  /** `dbm0` is the power over the whole band of 4 kHz; 0 dBm0 is 22,657 peak as a sine. */
  constructor(dbm0: number, seed: number) {
    this.#random = seededRandom(seed);
    // Even noise from −a to a has the power a²/3; a sine of peak p has p²/2.
    this.#amplitude = 22_657 * Math.sqrt(3 / 2) * 10 ** (dbm0 / 20);
  }

  addTo(samples: Int16Array): void {
    for (let at = 0; at < samples.length; at++) {
      const value = (samples[at] ?? 0) + (2 * this.#random.fraction() - 1) * this.#amplitude;
      samples[at] = Math.max(-32_768, Math.min(32_767, Math.round(value)));
    }
  }
}
