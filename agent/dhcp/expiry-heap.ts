import type { Ipv4 } from '../../lib/net/ipv4.ts';

interface Entry {
  readonly untilMs: number;
  readonly address: Ipv4;
}

/**
 * Which address ends next. A renewal only adds an entry; the one before is passed over when its time comes, because the
 * lease says otherwise then.
 */
export class ExpiryHeap {
  #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(untilMs: number, address: Ipv4): void {
    const entries = this.#entries;
    entries.push({ untilMs, address });
    for (let at = entries.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) break;
      at = parent;
    }
  }

  /** Takes out the next entry whose time has come. */
  popEnded(nowMs: number): Entry | undefined {
    const [first] = this.#entries;
    if (first === undefined || first.untilMs > nowMs) return undefined;
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#sink();
    }
    return first;
  }

  /** Begins again with what is true now: entries of renewals pile up otherwise. */
  rebuild(entries: Iterable<readonly [untilMs: number, address: Ipv4]>): void {
    this.#entries = [];
    for (const [untilMs, address] of entries) this.push(untilMs, address);
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const smaller = this.#untilOf(right) < this.#untilOf(left) ? right : left;
      if (!this.#swapIfEarlier(smaller, at)) return;
      at = smaller;
    }
  }

  #untilOf(index: number): number {
    return this.#entries[index]?.untilMs ?? Number.POSITIVE_INFINITY;
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    const [below, above] = [this.#entries[lower], this.#entries[upper]];
    if (below === undefined || above === undefined || below.untilMs >= above.untilMs) return false;
    this.#entries[upper] = below;
    this.#entries[lower] = above;
    return true;
  }
}
