import { type Cipheriv, createCipheriv, hash } from 'node:crypto';
import { SALT_BYTES, type SrtpSuite, sizesOf } from './suites.ts';

/** What a derived key is for (RFC 3711 §4.3.1, §4.3.2). */
export const LABELS = {
  rtpKey: 0,
  rtpAuthentication: 1,
  rtpSalt: 2,
  rtcpKey: 3,
  rtcpAuthentication: 4,
  rtcpSalt: 5,
} as const;

const BLOCK_BYTES = 16;
const AUTHENTICATION_KEY_BYTES = 20;
const HASH_BLOCK_BYTES = 64;
/** Longest thing that is authenticated: a datagram and the four bytes behind it. */
const AUTHENTICATED_LIMIT_BYTES = 1_504;

/** The AES of the suite, block by block: the key is scheduled once and not for each packet. */
function blockCipher(key: Uint8Array): Cipheriv {
  const cipher = createCipheriv(key.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb', key, null);
  cipher.setAutoPadding(false);
  return cipher;
}

/** The pseudo-random function of RFC 3711 §4.3.3 (AES in counter mode), key derivation rate 0. */
export function deriveKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: number,
  bytes: number,
): Buffer {
  const blocks = Math.ceil(bytes / BLOCK_BYTES);
  const counters = Buffer.alloc(blocks * BLOCK_BYTES);
  for (let block = 0; block < blocks; block++) {
    const at = block * BLOCK_BYTES;
    counters.set(masterSalt, at);
    counters[at + 7] = (counters[at + 7] ?? 0) ^ label;
    counters.writeUInt16BE(block, at + SALT_BYTES);
  }
  return blockCipher(masterKey).update(counters).subarray(0, bytes);
}

/** The key stream of RFC 3711 §4.1.1, as something to XOR a packet with. */
export class CounterMode {
  readonly #cipher: Cipheriv;
  readonly #salt: Uint8Array;
  readonly #counters = Buffer.alloc(Math.ceil(AUTHENTICATED_LIMIT_BYTES / BLOCK_BYTES) * BLOCK_BYTES);

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#cipher = blockCipher(key);
    this.#salt = salt;
  }

  /** Encrypts or decrypts, in place, `bytes` of the packet with this SSRC and 48-bit index. */
  apply(bytes: Uint8Array, ssrc: number, index: number): void {
    const { length } = bytes;
    if (length === 0) return;
    const blocks = Math.ceil(length / BLOCK_BYTES);
    const counters = this.#counters;
    this.#firstCounter(ssrc, index);
    for (let block = 1; block < blocks; block++) {
      const at = block * BLOCK_BYTES;
      counters.copyWithin(at, 0, SALT_BYTES);
      counters[at + 14] = block >> 8;
      counters[at + 15] = block & 0xff;
    }
    const stream = this.#cipher.update(counters.subarray(0, blocks * BLOCK_BYTES));
    for (let at = 0; at < length; at++) bytes[at] = (bytes[at] ?? 0) ^ (stream[at] ?? 0);
  }

  /** (salt · 2¹⁶) XOR (SSRC · 2⁶⁴) XOR (index · 2¹⁶). */
  #firstCounter(ssrc: number, index: number): void {
    const counters = this.#counters;
    const salt = this.#salt;
    for (let at = 0; at < SALT_BYTES; at++) counters[at] = salt[at] ?? 0;
    const high = Math.floor(index / 0x1_0000_0000);
    const low = index % 0x1_0000_0000;
    for (let at = 0; at < 4; at++) {
      const shift = 24 - 8 * at;
      counters[4 + at] = (counters[4 + at] ?? 0) ^ ((ssrc >>> shift) & 0xff);
      counters[10 + at] = (counters[10 + at] ?? 0) ^ ((low >>> shift) & 0xff);
    }
    counters[8] = (counters[8] ?? 0) ^ (high >>> 8);
    counters[9] = (counters[9] ?? 0) ^ (high & 0xff);
    counters[14] = 0;
    counters[15] = 0;
  }
}

/** HMAC-SHA1 (RFC 2104), its key prepared once. */
export class Authenticator {
  readonly #inner = Buffer.alloc(HASH_BLOCK_BYTES + AUTHENTICATED_LIMIT_BYTES, 0x36);
  readonly #outer = Buffer.alloc(HASH_BLOCK_BYTES + 20, 0x5c);

  constructor(key: Uint8Array) {
    for (const [at, byte] of key.entries()) {
      this.#inner[at] = 0x36 ^ byte;
      this.#outer[at] = 0x5c ^ byte;
    }
  }

  /** Of `message` and, behind it, `rollover` in 32 bits when there is one. */
  tag(message: Uint8Array, rollover?: number): Buffer {
    this.#inner.set(message, HASH_BLOCK_BYTES);
    let end = HASH_BLOCK_BYTES + message.length;
    if (rollover !== undefined) end = this.#inner.writeUInt32BE(rollover >>> 0, end);
    this.#outer.set(hash('sha1', this.#inner.subarray(0, end), 'buffer'), HASH_BLOCK_BYTES);
    return hash('sha1', this.#outer, 'buffer');
  }

  /** Whether `tag` (which may be cut short) is that of the message; takes the same time for every wrong one. */
  agrees(message: Uint8Array, tag: Uint8Array, rollover?: number): boolean {
    const right = this.tag(message, rollover);
    let difference = 0;
    for (let at = 0; at < tag.length; at++) difference |= (tag[at] ?? 0) ^ (right[at] ?? 0);
    return difference === 0 && tag.length > 0;
  }
}

/** What protects one direction of RTP, or of RTCP. */
export interface Protection {
  readonly cipher: CounterMode;
  readonly authenticator: Authenticator;
}

/** Derives the session keys of one direction from its master key and salt (`readSrtpKey`). */
export function protectionOf(suite: SrtpSuite, master: Uint8Array, kind: 'rtp' | 'rtcp'): Protection {
  const { keyBytes } = sizesOf(suite);
  const key = master.subarray(0, keyBytes);
  const salt = master.subarray(keyBytes, keyBytes + SALT_BYTES);
  const rtp = kind === 'rtp';
  const derive = (label: number, bytes: number): Buffer => deriveKey(key, salt, label, bytes);
  return {
    cipher: new CounterMode(
      derive(rtp ? LABELS.rtpKey : LABELS.rtcpKey, keyBytes),
      derive(rtp ? LABELS.rtpSalt : LABELS.rtcpSalt, SALT_BYTES),
    ),
    authenticator: new Authenticator(
      derive(rtp ? LABELS.rtpAuthentication : LABELS.rtcpAuthentication, AUTHENTICATION_KEY_BYTES),
    ),
  };
}
