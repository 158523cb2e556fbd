/** Something that was seen, and how much room it takes. */
interface Kept<Item> {
  readonly atMs: number;
  readonly bytes: number;
  readonly item: Item;
}

/** Beside its bytes, what an entry costs. */
const ENTRY_BYTES = 128;

/**
 * The last minutes of something, within a number of bytes: the oldest goes first, and is counted when it goes for want of room.
 * All times are of the monotonic clock: nothing becomes old because the time of day was set.
 */
export class CaptureRing<Item> {
  readonly #keepMs: number;
  readonly #bytesMost: number;
  #entries: Kept<Item>[] = [];
  /** The first entry that is still kept; what is before it is cleared away now and then. */
  #first = 0;
  #bytes = 0;
  #crowdedOut = 0;

  constructor(keepMs: number, bytesMost: number) {
    this.#keepMs = keepMs;
    this.#bytesMost = bytesMost;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#entries.length - this.#first;
  }

  /** Entries that went although they were not too old. */
  get crowdedOut(): number {
    return this.#crowdedOut;
  }

  /** When the oldest was; undefined while it is empty. */
  get since(): number | undefined {
    return this.#entries[this.#first]?.atMs;
  }

  push(atMs: number, bytes: number, item: Item): void {
    this.forget(atMs);
    this.#entries.push({ atMs, bytes: bytes + ENTRY_BYTES, item });
    this.#bytes += bytes + ENTRY_BYTES;
    while (this.#bytes > this.#bytesMost && this.length > 0) {
      this.#drop();
      this.#crowdedOut++;
    }
  }

  /** Lets go of what is too old at `nowMs`. */
  forget(nowMs: number): void {
    for (
      let oldest = this.since;
      oldest !== undefined && oldest < nowMs - this.#keepMs;
      oldest = this.since
    ) {
      this.#drop();
    }
  }

  /** What is kept, oldest first. */
  items(): readonly Item[] {
    return this.#entries.slice(this.#first).map(({ item }) => item);
  }

  #drop(): void {
    this.#bytes -= this.#entries[this.#first]?.bytes ?? 0;
    this.#first++;
    if (this.#first < 1_024 || this.#first < this.#entries.length / 2) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}
