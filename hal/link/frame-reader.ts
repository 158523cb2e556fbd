import { decodeFrame, ENCODED_LIMIT_BYTES, type Frame, type FrameFault } from './frame.ts';

/** What the reader found, with the bytes that it took on the wire (delimiters and idle zeros included). */
export type ReadItem =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly wireBytes: number }
  | { readonly kind: 'bad'; readonly fault: FrameFault | 'oversize'; readonly wireBytes: number };

/**
 * Cuts a byte stream at 0x00 and decodes what stands between. After garbage the next 0x00 is where it is in step
 * again. Holds at most {@link ENCODED_LIMIT_BYTES}; never throws.
 */
export class FrameReader {
  readonly #held = Buffer.allocUnsafe(ENCODED_LIMIT_BYTES);
  #heldBytes = 0;
  #wireBytes = 0;
  #overflowed = false;

  push(chunk: Uint8Array): ReadItem[] {
    const items: ReadItem[] = [];
    let from = 0;
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
      this.#hold(chunk.subarray(from, at));
      this.#wireBytes++;
      from = at + 1;
      const item = this.#close();
      if (item !== undefined) items.push(item);
    }
    this.#hold(chunk.subarray(from));
    return items;
  }

  /** Forgets a half frame: for a line that was opened again. */
  reset(): void {
    this.#heldBytes = 0;
    this.#wireBytes = 0;
    this.#overflowed = false;
  }

  #hold(bytes: Uint8Array): void {
    this.#wireBytes += bytes.length;
    if (this.#heldBytes + bytes.length > ENCODED_LIMIT_BYTES) {
      this.#overflowed = true;
      return;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes += bytes.length;
  }

  #close(): ReadItem | undefined {
    const wireBytes = this.#wireBytes;
    const encoded = this.#held.subarray(0, this.#heldBytes);
    const overflowed = this.#overflowed;
    if (encoded.length === 0 && !overflowed) return undefined;
    this.reset();
    if (overflowed) return { kind: 'bad', fault: 'oversize', wireBytes };
    const outcome = decodeFrame(encoded);
    return outcome.ok
      ? { kind: 'frame', frame: outcome.frame, wireBytes }
      : { kind: 'bad', fault: outcome.fault, wireBytes };
  }
}
