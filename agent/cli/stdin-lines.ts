import { createInterface, type Interface } from 'node:readline';

/** What somebody types, a line at a time. */
export interface LineInput {
  /** A person sits there. */
  readonly interactive: boolean;
  /** The next line, or undefined when no more comes. */
  next(): Promise<string | undefined>;
  /** Lets go of the input: without it the command would not end. */
  close(): void;
}

/** Standard input, which is touched by the first {@link LineInput.next} only. No cursor, no editing: any terminal does. */
export class StdinLines implements LineInput {
  readonly interactive = process.stdin.isTTY === true;
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #reader: Interface | undefined;
  #ended = false;

  next(): Promise<string | undefined> {
    this.#open();
    const line = this.#lines.shift();
    if (line !== undefined || this.#ended) return Promise.resolve(line);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#reader?.close();
    if (this.#reader !== undefined) process.stdin.unref();
  }

  #open(): void {
    if (this.#reader !== undefined) return;
    // Not as a terminal: the line discipline of the console edits and echoes, over a serial line too.
    this.#reader = createInterface({ input: process.stdin, terminal: false });
    this.#reader.on('line', (line) => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#lines.push(line);
      else waiting(line);
    });
    this.#reader.on('close', () => {
      this.#ended = true;
      for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    });
  }
}
