import type { FileAnswer } from './boot/chain.ts';
import { type BookEntry, readPhoneBook } from './config/phone-book.ts';
import type { Maker } from './phone-state.ts';

/** The phone book that a phone has fetched; a book that cannot be had or read leaves the one before. */
export class BookKeeper {
  readonly #maker: Maker;
  #entries: readonly BookEntry[] = [];
  #url = '';

  constructor(maker: Maker) {
    this.#maker = maker;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Where the book was fetched last; empty before. */
  get url(): string {
    return this.#url;
  }

  /** It is fetched from there from now on; nowhere empties it. */
  from(url: string): void {
    this.#url = url;
    if (url === '') this.#entries = [];
  }

  /** Why the book was not taken, or null. */
  take({ status, body }: FileAnswer): string | null {
    if (status !== 200) return `the server said ${status}`;
    const book = readPhoneBook(body, this.#maker);
    if (typeof book === 'string') return book;
    this.#entries = book;
    return null;
  }

  nameOf(number: string): string | undefined {
    return this.#entries.find((entry) => entry.number === number)?.name;
  }

  find(text: string): readonly BookEntry[] {
    return this.#entries.filter(({ name, number }) => name.includes(text) || number.includes(text));
  }
}
