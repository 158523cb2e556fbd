import { SIP_LIMITS } from '../limits.ts';
import { headEnd } from './head.ts';
import { CODE, parseUint, trimLws } from './text.ts';

/** What a stream carries. `blank` is one CRLF between messages: keepalive of RFC 5626 §4.4.1. */
export type Frame =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  | { readonly kind: 'blank' }
  /** The stream cannot be followed any further: close it. */
  | { readonly kind: 'broken'; readonly say: string };

const NOTHING = Buffer.alloc(0);
const CRLF = Buffer.from('\r\n');

/**
 * Cuts a byte stream (TCP, TLS) into messages by Content-Length. Holds at most one message's bytes; a peer that breaks
 * the rules gets one `broken` and nothing after it.
 */
export class StreamFramer {
  #rest: Buffer = NOTHING;
  /** How far the rest was searched for the end of a head, so that a slow sender costs no second look. */
  #searched = 0;
  #needed = 0;
  #broken = false;

  push(chunk: Buffer): Frame[] {
    if (this.#broken) return [];
    const out: Frame[] = [];
    let bytes = this.#append(chunk);
    while (bytes.length > 0) {
      if (bytes[0] === CODE.cr && bytes[1] === CODE.lf) {
        out.push({ kind: 'blank' });
        bytes = bytes.subarray(CRLF.length);
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
    this.#rest = bytes;
    return out;
  }

  #append(chunk: Buffer): Buffer {
    return this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
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
    const colon = line.indexOf(':');
    if (colon < 1 || colon > 24) continue;
    const name = trimLws(line.slice(0, colon)).toLowerCase();
    if (name !== 'content-length' && name !== 'l') continue;
    const value = parseUint(trimLws(line.slice(colon + 1)), SIP_LIMITS.messageBytes);
    if (value === undefined || (found !== undefined && found !== value)) return undefined;
    found = value;
  }
  return found;
}
