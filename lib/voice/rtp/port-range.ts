import type { Random } from '../../base/random.ts';

/** Even ports for RTP, below the range that the kernel gives out by itself (32768 and up). */
export const RTP_PORTS = { from: 16_384, to: 32_766 };

/** Hands out even port numbers of a range, each once until it is given back. Never opens anything. */
export class PortRange {
  readonly #from: number;
  readonly #count: number;
  readonly #taken = new Set<number>();
  #next: number;

  /** Starts at a random place, so that a port is not used again soon after a restart. */
  constructor(random: Random, range: { readonly from: number; readonly to: number } = RTP_PORTS) {
    this.#from = range.from + (range.from % 2);
    this.#count = Math.max(0, Math.floor((range.to - this.#from) / 2) + 1);
    this.#next = Math.floor(random.fraction() * this.#count);
  }

  get taken(): number {
    return this.#taken.size;
  }

  /** The next free one, or undefined when all are taken. */
  take(): number | undefined {
    for (let tries = 0; tries < this.#count; tries++) {
      const port = this.#from + 2 * this.#next;
      this.#next = (this.#next + 1) % this.#count;
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      return port;
    }
    return undefined;
  }

  giveBack(port: number): void {
    this.#taken.delete(port);
  }
}
