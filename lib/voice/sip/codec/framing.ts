import { SIP_LIMITS } from '../limits.ts';
import { headEnd } from './head.ts';
import { nameId } from './header-names.ts';
import { CODE, parseUint, trimLws } from './text.ts';

/** What a stream carries. `blank` is one CRLF between messages: keepalive of RFC 5626 §4.4.1. */
export type Frame =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  | { readonly kind: 'blank' }
  /** The stream cannot be followed any further: close it. */
  | { readonly kind: 'broken'; readonly say: string };

const NOTHING = Buffer.alloc(0);
const CRLF_BYTES = 2;
/** First room for what comes in pieces. */
const ROOM_BYTES = 1_024;

/**
 * Cuts a byte stream (TCP, TLS) into messages by Content-Length. Holds at most one message's bytes; a peer that breaks
 * the rules gets one `broken` and nothing after it.
 */
export class StreamFramer {
  /** What came and is no message yet, from 0 to `#length`. Replaced, never written over: messages handed out lie in it. */
  #rest: Buffer = NOTHING;
  #length = 0;
  /** How far the rest was searched for the end of a head, so that a slow sender costs no second look. */
  #searched = 0;
  #needed = 0;
  #broken = false;

  /** Whether a message has begun and not ended. */
  get midway(): boolean {
    return this.#length > 0;
  }

  push(chunk: Buffer): Frame[] {
    if (this.#broken) return [];
    const out: Frame[] = [];
    let bytes = this.#append(chunk);
    while (bytes.length > 0) {
      if (bytes[0] === CODE.cr && bytes[1] === CODE.lf) {
        out.push({ kind: 'blank' });
        bytes = bytes.subarray(CRLF_BYTES);
        this.#forget();
        continue;
      }
      const size = this.#sizeOf(bytes);
      if (typeof size === 'string') {
        this.#broken = true;
        bytes = NOTHING;
        out.push({ kind: 'broken', say: size });
        break;
      }
      if (size === 0 || size > bytes.length) break;
      out.push({ kind: 'message', bytes: bytes.subarray(0, size) });
      bytes = bytes.subarray(size);
      this.#forget();
    }
    this.#keep(bytes, out.length > 0);
    return out;
  }

  /** The rest with the chunk behind it. Room doubles, so that bytes that come one by one are not copied each time. */
  #append(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    const length = this.#length + chunk.length;
    if (length > this.#rest.length) {
      const roomier = Buffer.allocUnsafe(Math.max(length, 2 * this.#rest.length, ROOM_BYTES));
      this.#rest.copy(roomier, 0, 0, this.#length);
      this.#rest = roomier;
    }
    chunk.copy(this.#rest, this.#length);
    this.#length = length;
    return this.#rest.subarray(0, length);
  }

  /** `bytes` are all that is left. When nothing was cut off they lie in the rest already, or are the chunk itself. */
  #keep(bytes: Buffer, cut: boolean): void {
    if (cut || this.#length === 0) this.#rest = Buffer.from(bytes);
    this.#length = bytes.length;
  }

  #forget(): void {
    this.#searched = 0;
    this.#needed = 0;
  }

  /** Bytes of the message at the start, 0 when its head is not complete yet, a sentence when it never will be. */
  #sizeOf(bytes: Buffer): number | string {
    if (this.#needed > 0) return this.#needed;
    const end = headEnd(bytes, Math.max(0, this.#searched - 3));
    this.#searched = bytes.length;
    if (end < 0) return bytes.length > SIP_LIMITS.messageBytes ? 'head is too long' : 0;
    const length = contentLength(bytes.subarray(0, end));
    if (length === undefined) return 'Content-Length is missing or malformed';
    if (end + length > SIP_LIMITS.messageBytes) return 'message is too long';
    this.#needed = end + length;
    return this.#needed;
  }
}

/** Content-Length of a head, or undefined when it is missing, malformed or there twice with different values. */
function contentLength(head: Buffer): number | undefined {
  let found: number | undefined;
  for (const line of head.toString('latin1').split('\r\n')) {
    const first = line.charCodeAt(0);
    // What continues the header before it is none of its own, whatever it looks like.
    if (first === CODE.space || first === CODE.tab) continue;
    const colon = line.indexOf(':');
    if (colon < 1 || colon > NAME_CHARS || nameId(trimLws(line.slice(0, colon))) !== LENGTH) continue;
    const value = parseUint(trimLws(line.slice(colon + 1)), SIP_LIMITS.messageBytes);
    if (value === undefined || (found !== undefined && found !== value)) return undefined;
    found = value;
  }
  return found;
}

/** Content-Length with some white space before its colon. */
const NAME_CHARS = 24;
const LENGTH = nameId('Content-Length');
