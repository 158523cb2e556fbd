/** No value along these digits. */
export const NOTHING = -1;
/** The digits ended where longer numbers have a value. */
export const MORE_DIGITS = -2;

const ZERO = 48;
/** Longest prefix that is kept. */
const DEPTH = 20;

/**
 * Prefixes of digits to small whole numbers, in flat arrays: a look-up reads one cell per digit and makes no garbage.
 * The longest prefix decides.
 */
export class DigitTrie {
  /** Ten cells a node: the node behind each digit; 0 is none, as nothing leads back to the root. */
  readonly #next: Int32Array;
  readonly #value: Int32Array;

  private constructor(next: Int32Array, value: Int32Array) {
    this.#next = next;
    this.#value = value;
  }

  /** Values are 0 or more. Of two equal prefixes the later one stays. */
  static of(entries: Iterable<readonly [prefix: string, value: number]>): DigitTrie {
    const next: number[] = new Array<number>(10).fill(0);
    const value: number[] = [NOTHING];
    for (const [prefix, number] of entries) {
      if (!/^[0-9]+$/.test(prefix) || prefix.length > DEPTH) throw new RangeError(`no prefix: ${prefix}`);
      let node = 0;
      for (const digit of prefix) {
        const cell = node * 10 + Number(digit);
        let child = next[cell] ?? 0;
        if (child === 0) {
          child = value.length;
          next[cell] = child;
          for (let fresh = 0; fresh < 10; fresh++) next.push(0);
          value.push(NOTHING);
        }
        node = child;
      }
      value[node] = number;
    }
    return new DigitTrie(Int32Array.from(next), Int32Array.from(value));
  }

  /** Value of the longest prefix that the digits begin with, or {@link NOTHING}, or {@link MORE_DIGITS}. */
  find(digits: string): number {
    const next = this.#next;
    const value = this.#value;
    let node = 0;
    let found = NOTHING;
    for (let at = 0; at < digits.length; at++) {
      const digit = digits.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) return NOTHING;
      node = next[node * 10 + digit] as number;
      if (node === 0) return found;
      const here = value[node] as number;
      if (here >= 0) found = here;
    }
    return found >= 0 ? found : MORE_DIGITS;
  }
}
