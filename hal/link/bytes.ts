/** Reads little-endian fields one after another. Past the end it reads zeros and says so in `short`. */
export class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;
  #short = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when more was asked for than there was. */
  get short(): boolean {
    return this.#short;
  }

  u8(): number {
    return this.#take(1)?.readUInt8(0) ?? 0;
  }

  u16(): number {
    return this.#take(2)?.readUInt16LE(0) ?? 0;
  }

  i16(): number {
    return this.#take(2)?.readInt16LE(0) ?? 0;
  }

  u32(): number {
    return this.#take(4)?.readUInt32LE(0) ?? 0;
  }

  /** A length byte and as many bytes of UTF-8. */
  text(): string {
    return this.#take(this.u8())?.toString('utf8') ?? '';
  }

  /** What is left. */
  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }

  #take(count: number): Buffer | undefined {
    if (this.#at + count > this.#bytes.length) {
      this.#short = true;
      return undefined;
    }
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}

/** Writes little-endian fields one after another. Values out of range are cut to it. */
export class FieldWriter {
  readonly #parts: Buffer[] = [];

  u8(value: number): this {
    return this.#number(1, value, 0, 0xff, (to, cut) => to.writeUInt8(cut));
  }

  u16(value: number): this {
    return this.#number(2, value, 0, 0xffff, (to, cut) => to.writeUInt16LE(cut));
  }

  i16(value: number): this {
    return this.#number(2, value, -0x8000, 0x7fff, (to, cut) => to.writeInt16LE(cut));
  }

  /** Counters wrap instead of being cut. */
  u32(value: number): this {
    return this.#number(4, value >>> 0, 0, 0xffff_ffff, (to, cut) => to.writeUInt32LE(cut));
  }

  /** A length byte and at most `limitBytes` of UTF-8. */
  text(value: string, limitBytes: number): this {
    const bytes = Buffer.from(value, 'utf8').subarray(0, limitBytes);
    this.u8(bytes.length);
    return this.bytes(bytes);
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(Buffer.from(value));
    return this;
  }

  take(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #number(
    size: number,
    value: number,
    low: number,
    high: number,
    write: (to: Buffer, cut: number) => void,
  ): this {
    const part = Buffer.alloc(size);
    write(part, Math.min(high, Math.max(low, Math.round(value))));
    this.#parts.push(part);
    return this;
  }
}
