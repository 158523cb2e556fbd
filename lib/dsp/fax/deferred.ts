/**
 * Keeps what the library told until its function has returned. Whoever is told may then do anything, even close the
 * channel that told it, and an exception of his reaches the one who called, never the library.
 */
export class Deferred {
  #waiting: (() => void)[] = [];
  #running = false;

  add(tell: () => void): void {
    this.#waiting.push(tell);
  }

  /** Forgets all. */
  clear(): void {
    this.#waiting = [];
  }

  /** Tells all, in order, including what is added meanwhile. Inside itself it leaves the work to the outer one. */
  run(): void {
    if (this.#running || this.#waiting.length === 0) return;
    this.#running = true;
    try {
      for (let tell = this.#waiting.shift(); tell !== undefined; tell = this.#waiting.shift()) tell();
    } finally {
      this.#running = false;
    }
  }
}
