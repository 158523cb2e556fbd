/** How many of the latest indices are told apart; RFC 3711 §3.3.2 wants 64 at least. */
const WINDOW = 128;

/** Which packets have come already (RFC 3711 §3.3.2). */
export class ReplayWindow {
  readonly #seen = new Float64Array(WINDOW).fill(-1);
  #highest = -1;

  /** Highest index so far, −1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether a packet of this index may be new: neither seen nor older than the window. */
  allows(index: number): boolean {
    if (index + WINDOW <= this.#highest) return false;
    return this.#seen[index % WINDOW] !== index;
  }

  /** Notes a packet that was found genuine. */
  note(index: number): void {
    this.#seen[index % WINDOW] = index;
    if (index > this.#highest) this.#highest = index;
  }
}
