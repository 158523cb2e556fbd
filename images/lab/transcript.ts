/** Kept of what was said, in characters: enough for the story, not for an endless one. */
const LIMIT = 400_000;
/** Control sequences of terminals (ECMA-48), which would tear words apart. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const SEQUENCES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])/g;

/** What a console said, and up to where somebody has read it. Pure. */
export class Transcript {
  #text = '';
  #read = 0;
  #torn = '';

  /** Takes what came; a control sequence may be torn between two pieces. */
  push(piece: string): void {
    const whole = this.#torn + piece;
    const from = whole.lastIndexOf('\u001b');
    const torn =
      from >= 0 && whole.length - from < 12 && whole.slice(from).replace(SEQUENCES, '')[0] === '\u001b';
    this.#torn = torn ? whole.slice(from) : '';
    this.#text += (torn ? whole.slice(0, from) : whole).replace(SEQUENCES, '').replaceAll('\r', '');
    const over = this.#text.length - LIMIT;
    if (over <= 0) return;
    this.#text = this.#text.slice(over);
    this.#read = Math.max(0, this.#read - over);
  }

  /** The first place after what was read that `pattern` fits, and reads up to its end. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    const found = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(
      this.#text.slice(this.#read),
    );
    if (found === null) return undefined;
    this.#read += found.index + found[0].length;
    return found;
  }

  /** What was not read yet. */
  get unread(): string {
    return this.#text.slice(this.#read);
  }

  /** Everything that is kept. */
  get text(): string {
    return this.#text;
  }

  /** The last lines with something in them, read or not. */
  last(lines: number): readonly string[] {
    return this.#text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-lines);
  }
}
