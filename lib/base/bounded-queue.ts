/** A first-in first-out queue with a limit. When full, `push` refuses and counts. */
export class BoundedQueue<Item> {
  readonly #limit: number;
  #items: Item[] = [];
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#items.length;
  }

  /** How many items `push` has refused. */
  get dropped(): number {
    return this.#dropped;
  }

  /** False when the queue is full; the item is then counted as dropped. */
  push(item: Item): boolean {
    if (this.#items.length >= this.#limit) {
      this.#dropped++;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  shift(): Item | undefined {
    return this.#items.shift();
  }

  /** Takes everything out, oldest first. */
  drain(): Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
