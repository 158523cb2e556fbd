/** What a phone shows. */
export interface Shown {
  /** Null when there is none; `reason` says why. */
  readonly number: string | null;
  readonly reason: string | null;
  /** The called number, when the exchange told it. */
  readonly dialled: string | null;
}

/** Bytes that are kept while a frame is looked for. */
const KEPT_BYTES = 400;

/** The bytes of a character with even parity, as a receiver's table has them: 7 bits → 8 bits. */
const EVEN = new Map<number, number>();
for (let character = 0; character < 128; character++) {
  const ones = character.toString(2).replaceAll('0', '').length;
  EVEN.set(ones % 2 === 1 ? character + 128 : character, character);
}

/** Looks for a frame of Number Display in a row of bytes, as a phone does. Anything that is wrong is nothing. */
export class DisplayReader {
  #bytes: number[] = [];
  #refused = 0;

  /** Frames whose check did not fit. */
  get refused(): number {
    return this.#refused;
  }

  push(bytes: readonly number[]): Shown | undefined {
    this.#bytes = [...this.#bytes, ...bytes].slice(-KEPT_BYTES);
    const start = this.#bytes.findIndex((byte, at) => byte === 0x90 && this.#bytes[at + 1] === 0x81);
    if (start < 0) return undefined;
    const end = endOf(this.#bytes, start + 5);
    if (end === undefined || this.#bytes.length < end + 2) return undefined;
    const frame = this.#bytes.slice(start, end + 2);
    this.#bytes = this.#bytes.slice(end + 2);
    const shown = remainder(frame.slice(2)) === 0 ? read(frame.slice(5, -4)) : undefined;
    if (shown === undefined) this.#refused++;
    return shown;
  }
}

/** Where the check begins: after DLE ETX that is not half of a doubled DLE. */
function endOf(bytes: readonly number[], from: number): number | undefined {
  for (let at = from; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0x90) continue;
    if (bytes[at + 1] === 0x03) return at + 2;
    at++;
  }
  return undefined;
}

/** Long division by x¹⁶ + x¹² + x⁵ + 1, bit after bit as they came off the line; nothing is left when all is well. */
function remainder(bytes: readonly number[]): number {
  let register = 0;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const out = (register >> 15) & 1;
      register = (register << 1) & 0xffff;
      if (out !== ((byte >> bit) & 1)) register ^= 0x1021;
    }
  }
  return register;
}

/** The message between STX and DLE ETX. */
function read(raw: readonly number[]): Shown | undefined {
  const text: number[] = [];
  for (let at = 0; at < raw.length; at++) {
    const character = EVEN.get(raw[at] ?? -1);
    if (character === undefined) return undefined;
    if (character === 0x10) at++;
    text.push(character);
  }
  if (text[0] !== 0x40 || text[1] !== text.length - 2) return undefined;
  const fields = new Map<number, string>();
  for (let at = 2; at + 1 < text.length; ) {
    const length = text[at + 1] ?? 0;
    fields.set(text[at] ?? 0, String.fromCharCode(...text.slice(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return {
    number: fields.get(0x02) ?? null,
    reason: fields.get(0x04) ?? null,
    dialled: fields.get(0x09) ?? null,
  };
}
