import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';

/** How long a nonce serves. After it the client is told `stale=true` and signs again without asking anybody. */
const NONCE_LIFE_MS = 300_000;
/** Nonces whose counts are remembered; beyond it the oldest are forgotten, and with them refused as stale. */
const REMEMBERED = 10_000;
/** Counts below the highest that may still arrive: requests get lost and overtake each other. */
const WINDOW = 64;

/**
 * Nonces that carry their own time under a MAC, so that a challenge costs no memory; only nonces with a good answer
 * are remembered, for their counts (RFC 7616 §3.4.6). A nonce that is issued to a host is good from there alone: who signs over
 * it has received it, and is no stranger who writes that host on a datagram.
 */
export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: Buffer;
  readonly #seen = new Map<string, { highest: number; bits: bigint }>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#key = random.bytes(32);
  }

  /** A fresh nonce. Monotonic time, because a clock that jumps would make every phone register again. */
  issue(host = ''): string {
    const body = Buffer.alloc(16);
    body.writeBigUInt64BE(BigInt(Math.floor(this.#clock.monotonicMs())), 0);
    this.#random.bytes(8).copy(body, 8);
    return Buffer.concat([body, this.#mac(body, host)]).toString('base64url');
  }

  /** Whether we made it for this host and it is not too old. Says nothing about its count. */
  age(nonce: string, host = ''): 'good' | 'stale' | 'forged' {
    const bytes = Buffer.from(nonce.slice(0, 128), 'base64url');
    if (bytes.length !== 32) return 'forged';
    const body = bytes.subarray(0, 16);
    if (!timingSafeEqual(bytes.subarray(16), this.#mac(body, host))) return 'forged';
    const ageMs = this.#clock.monotonicMs() - Number(body.readBigUInt64BE(0));
    return ageMs <= NONCE_LIFE_MS ? 'good' : 'stale';
  }

  /** Takes note of a count that came with a good response; false when it was there before. Lost counts do no harm. */
  count(nonce: string, count: number): boolean {
    const seen = this.#seen.get(nonce);
    if (seen === undefined) {
      if (this.#seen.size >= REMEMBERED) this.#forgetOldest();
      this.#seen.set(nonce, { highest: count, bits: 1n });
      return true;
    }
    const ahead = count - seen.highest;
    if (ahead > 0) {
      seen.bits = ahead >= WINDOW ? 1n : BigInt.asUintN(WINDOW, (seen.bits << BigInt(ahead)) | 1n);
      seen.highest = count;
      return true;
    }
    const bit = 1n << BigInt(-ahead);
    if (-ahead >= WINDOW || (seen.bits & bit) !== 0n) return false;
    seen.bits |= bit;
    return true;
  }

  #forgetOldest(): void {
    const oldest = this.#seen.keys().next().value;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }

  /** The body is as long for every nonce, so that no host can be taken for a part of it. */
  #mac(body: Buffer, host: string): Buffer {
    return createHmac('sha256', this.#key).update(body).update(host, 'utf8').digest().subarray(0, 16);
  }
}
