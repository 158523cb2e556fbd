import { randomBytes } from 'node:crypto';

/** Randomness, handed in: real in production, seeded in tests so that a failing run can be replayed. */
export interface Random {
  /** `count` fresh bytes. */
  bytes(count: number): Buffer;
  /** Uniform in [0, 1). For jitter and spreading, never for secrets. */
  fraction(): number;
}

/** Asking the operating system for a few bytes costs as much as for this many. */
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);
let taken = 0;

/** `count` bytes that nobody else gets. */
function fromPool(count: number): Buffer {
  if (count > POOL_BYTES / 4) return randomBytes(count);
  if (taken + count > pool.length) {
    pool = randomBytes(POOL_BYTES);
    taken = 0;
  }
  taken += count;
  // A pool is never filled again: whoever gets these bytes has them for himself.
  return pool.subarray(taken - count, taken);
}

/** The operating system's generator. */
export const systemRandom: Random = {
  bytes: fromPool,
  fraction: () => fromPool(4).readUInt32BE(0) / 0x1_0000_0000,
};

/** Deterministic generator (mulberry32) for tests and simulation; not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    bytes(count) {
      const out = Buffer.alloc(count);
      for (let index = 0; index < count; index++) out[index] = next() & 0xff;
      return out;
    },
    fraction: () => next() / 0x1_0000_0000,
  };
}

/** `bytes` random bytes as lower-case hex. */
export function randomHex(random: Random, bytes: number): string {
  return random.bytes(bytes).toString('hex');
}
