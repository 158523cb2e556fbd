import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { payloadStart } from './rtp.ts';

/** Suites of RFC 4568 §6.2 that desk phones have; they differ in the length of the tag. */
export const SUITES = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 } as const;
export type Suite = keyof typeof SUITES;

/** Master key of 16 bytes and salt of 14, as in `inline:`. */
export interface SrtpKey {
  readonly suite: Suite;
  readonly keySalt: Buffer;
}

export const KEY_SALT_BYTES = 30;
const SEQUENCES = 0x1_0000;
/** Packets behind the newest that are still taken, once. */
const WINDOW = 64;

/**
 * One direction of SRTP (RFC 3711): AES-CM encryption with a session key drawn from the master key, HMAC-SHA1 over packet
 * and rollover counter.
 *
 * ```
 * | RTP header, in clear | payload, encrypted | tag, 10 or 4 bytes |
 * ```
 */
export class SrtpStream {
  readonly #tagBytes: number;
  readonly #key: Buffer;
  readonly #salt: Buffer;
  readonly #auth: Buffer;
  /** Index of the newest packet: 48 bits, rollover counter and sequence number. */
  #newest = -1;
  #seen = new Set<number>();

  constructor({ suite, keySalt }: SrtpKey) {
    this.#tagBytes = SUITES[suite];
    this.#key = derive(keySalt, 0, 16);
    this.#auth = derive(keySalt, 1, 20);
    this.#salt = derive(keySalt, 2, 14);
  }

  /** Encrypts a packet that goes out. */
  protect(rtp: Buffer): Buffer {
    const start = payloadStart(rtp) ?? rtp.length;
    const index = this.#indexOf(rtp.readUInt16BE(2));
    this.#newest = Math.max(this.#newest, index);
    const sealed = Buffer.concat([rtp.subarray(0, start), this.#crypt(rtp, index, rtp.subarray(start))]);
    return Buffer.concat([sealed, this.#tag(sealed, index)]);
  }

  /** The packet in clear; undefined when the tag is not right or it has come before. Never throws. */
  unprotect(bytes: Buffer): Buffer | undefined {
    const end = bytes.length - this.#tagBytes;
    const sealed = bytes.subarray(0, Math.max(0, end));
    const start = payloadStart(sealed);
    if (start === undefined) return undefined;
    const index = this.#indexOf(sealed.readUInt16BE(2));
    if (index < 0 || index <= this.#newest - WINDOW || this.#seen.has(index)) return undefined;
    if (!timingSafeEqual(this.#tag(sealed, index), bytes.subarray(end))) return undefined;
    this.#newest = Math.max(this.#newest, index);
    this.#seen.add(index);
    if (this.#seen.size > 2 * WINDOW) {
      this.#seen = new Set([...this.#seen].filter((each) => each > this.#newest - WINDOW));
    }
    return Buffer.concat([sealed.subarray(0, start), this.#crypt(sealed, index, sealed.subarray(start))]);
  }

  /** RFC 3711 §3.3.1: the rollover counter that brings the sequence number nearest to the newest packet. */
  #indexOf(sequence: number): number {
    if (this.#newest < 0) return sequence;
    const roll = Math.floor(this.#newest / SEQUENCES);
    const candidates = [roll - 1, roll, roll + 1].map((each) => each * SEQUENCES + sequence);
    return candidates.reduce((best, each) =>
      Math.abs(each - this.#newest) < Math.abs(best - this.#newest) ? each : best,
    );
  }

  /** §4.1.1: IV = (salt · 2^16) ⊕ (SSRC · 2^64) ⊕ (index · 2^16). */
  #crypt(rtp: Buffer, index: number, data: Buffer): Buffer {
    const iv = Buffer.alloc(16);
    this.#salt.copy(iv, 0);
    const ssrc = rtp.readUInt32BE(8);
    for (let at = 0; at < 4; at++) iv[4 + at] = (iv[4 + at] ?? 0) ^ ((ssrc >>> (24 - 8 * at)) & 0xff);
    for (let at = 0; at < 6; at++)
      iv[8 + at] = (iv[8 + at] ?? 0) ^ (Math.floor(index / 256 ** (5 - at)) & 0xff);
    const cipher = createCipheriv('aes-128-ctr', this.#key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  }

  #tag(sealed: Buffer, index: number): Buffer {
    const roll = Buffer.alloc(4);
    roll.writeUInt32BE(Math.floor(index / SEQUENCES) >>> 0);
    return createHmac('sha1', this.#auth).update(sealed).update(roll).digest().subarray(0, this.#tagBytes);
  }
}

/** Session key, §4.3.1 with key derivation rate 0: the label stands in byte 7 of the salt. */
function derive(keySalt: Buffer, label: number, bytes: number): Buffer {
  const iv = Buffer.alloc(16);
  keySalt.copy(iv, 0, 16, KEY_SALT_BYTES);
  iv[7] = (iv[7] ?? 0) ^ label;
  const cipher = createCipheriv('aes-128-ctr', keySalt.subarray(0, 16), iv);
  return cipher.update(Buffer.alloc(bytes));
}
