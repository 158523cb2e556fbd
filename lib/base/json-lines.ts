/** Longest line that is accepted before the peer is called broken. */
export const JSON_LINE_LIMIT_BYTES = 1_048_576;

/** What {@link JsonLineReader.push} found. */
export type JsonLine =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'bad'; readonly reason: 'notJson' | 'tooLong' };

/** Splits a byte stream into JSON values, one a line. Never throws; bad lines are reported and skipped. */
export class JsonLineReader {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #skipping = false;

  push(chunk: Buffer): JsonLine[] {
    const out: JsonLine[] = [];
    let from = 0;
    for (let at = chunk.indexOf(0x0a, from); at >= 0; at = chunk.indexOf(0x0a, from)) {
      this.#rest.push(chunk.subarray(from, at));
      const line = Buffer.concat(this.#rest).toString('utf8').trim();
      this.#rest = [];
      this.#restBytes = 0;
      from = at + 1;
      if (this.#skipping) this.#skipping = false;
      else if (line.length > 0) out.push(parse(line));
    }
    const tail = chunk.subarray(from);
    this.#restBytes += tail.length;
    if (this.#restBytes > JSON_LINE_LIMIT_BYTES) {
      if (!this.#skipping) out.push({ kind: 'bad', reason: 'tooLong' });
      this.#skipping = true;
      this.#rest = [];
      this.#restBytes = 0;
    } else if (tail.length > 0) {
      this.#rest.push(tail);
    }
    return out;
  }
}

function parse(line: string): JsonLine {
  try {
    return { kind: 'value', value: JSON.parse(line) as unknown };
  } catch {
    return { kind: 'bad', reason: 'notJson' };
  }
}

/** One value as one line. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
