import { createInterface } from 'node:readline';
import type { LineInput } from '../stdin-lines.ts';
import { StdinLines } from '../stdin-lines.ts';

/** Where the lines of a shell come from. */
export interface Prompt {
  /** The next line; undefined when whoever typed has left. */
  next(): Promise<string | undefined>;
  /** What a verb asks its questions with; given back when the verb is over. */
  lend(): { readonly input: LineInput; readonly back: () => void };
  close(): void;
}

/** Candidates for the end of a line, and as much of it as they replace. */
export type Completer = (line: string) => Promise<readonly [candidates: readonly string[], begun: string]>;

const HISTORY_MOST = 200;

/**
 * A person at a terminal: editing, what was typed before, completion. The line editor lets go of the terminal while a verb runs, so
 * that a verb's questions and Ctrl-C are as everywhere. What was typed is kept in memory alone: claim codes are typed here.
 */
export class TerminalPrompt implements Prompt {
  readonly #text: string;
  readonly #complete: Completer;
  /** Pasted lines behind the first. */
  readonly #pasted: string[] = [];
  #history: string[] = [];

  constructor(text: string, complete: Completer) {
    this.#text = text;
    this.#complete = complete;
  }

  next(): Promise<string | undefined> {
    const pasted = this.#pasted.shift();
    if (pasted !== undefined) return Promise.resolve(pasted);
    const { stdin, stdout } = process;
    stdin.ref();
    const editor = createInterface({
      ...{ input: stdin, output: stdout, terminal: true, prompt: this.#text },
      ...{ history: this.#history, historySize: HISTORY_MOST, removeHistoryDuplicates: true },
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void this.#complete(line).then(([words, begun]) => done(null, [[...words], begun]));
      },
    });
    return new Promise((resolve) => {
      let first: string | undefined;
      editor.on('history', (history) => {
        this.#history = history;
      });
      editor.on('line', (line) => {
        if (first !== undefined) this.#pasted.push(line);
        else {
          first = line;
          // The rest of a paste is in the same chunk: it comes before the next turn.
          setImmediate(() => editor.close());
        }
      });
      editor.on('SIGINT', () => {
        // As in every shell: the line is given up.
        stdout.write('^C\n');
        editor.write(null, { ctrl: true, name: 'e' });
        editor.write(null, { ctrl: true, name: 'u' });
        editor.prompt();
      });
      editor.on('close', () => resolve(first));
      editor.prompt();
    });
  }

  lend(): { readonly input: LineInput; readonly back: () => void } {
    return { input: new StdinLines(), back: () => undefined };
  }

  close(): void {
    process.stdin.unref();
  }
}

/** Lines of a program, or of a terminal that can do nothing but lines. */
export class LinePrompt implements Prompt {
  readonly #lines: LineInput;
  readonly #ask: () => void;

  /** `ask` writes the prompt, where somebody reads it. */
  constructor(lines: LineInput, ask: () => void) {
    this.#lines = lines;
    this.#ask = ask;
  }

  next(): Promise<string | undefined> {
    this.#ask();
    return this.#lines.next();
  }

  lend(): { readonly input: LineInput; readonly back: () => void } {
    const { interactive } = this.#lines;
    const lines = this.#lines;
    // The verb may not close what the next one reads.
    return {
      input: { interactive, next: () => lines.next(), close: () => undefined },
      back: () => undefined,
    };
  }

  close(): void {
    this.#lines.close();
  }
}
