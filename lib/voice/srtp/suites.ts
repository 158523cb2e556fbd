import type { Random } from '../../base/random.ts';

/** What SRTP is protected with (RFC 4568 §6.2, RFC 6188 §2): counter mode and a truncated HMAC. */
export type SrtpSuite =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32';

/** One direction's master key and salt, one after the other, in base64, as `a=crypto` writes them after `inline:`. */
export interface SrtpKey {
  readonly suite: SrtpSuite;
  readonly key: string;
}

/** The keys of a session: what we send with, and what the far end sends with. One suite for both. */
export interface SrtpKeys {
  readonly suite: SrtpSuite;
  readonly local: string;
  readonly remote: string;
}

/** Sizes of a suite, in bytes. */
export interface SuiteSizes {
  readonly keyBytes: 16 | 32;
  /** Authentication tag of an RTP packet. RTCP has 10 always (RFC 4568 §6.2.2). */
  readonly tagBytes: 4 | 10;
}

export const SALT_BYTES = 14;

const SIZES: Readonly<Record<SrtpSuite, SuiteSizes>> = {
  AES_CM_128_HMAC_SHA1_80: { keyBytes: 16, tagBytes: 10 },
  AES_CM_128_HMAC_SHA1_32: { keyBytes: 16, tagBytes: 4 },
  AES_256_CM_HMAC_SHA1_80: { keyBytes: 32, tagBytes: 10 },
  AES_256_CM_HMAC_SHA1_32: { keyBytes: 32, tagBytes: 4 },
};

/** In the order in which they are offered: what everybody has first. */
export const SRTP_SUITES: readonly SrtpSuite[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

/** Whether `name` is a suite that is spoken here; names are compared as RFC 4568 §9.1 writes them. */
export function isSrtpSuite(name: string): name is SrtpSuite {
  return Object.hasOwn(SIZES, name);
}

export function sizesOf(suite: SrtpSuite): SuiteSizes {
  return SIZES[suite];
}

/** Fresh keys of ours, one for each suite: no key is ever used with two (RFC 4568 §6.1). */
export function makeSrtpKeys(random: Random, suites: readonly SrtpSuite[] = SRTP_SUITES): SrtpKey[] {
  return suites.map((suite) => ({
    suite,
    key: random.bytes(SIZES[suite].keyBytes + SALT_BYTES).toString('base64'),
  }));
}

/** The bytes of a key, or undefined when `key` is not base64 of the length that its suite needs. */
export function readSrtpKey(suite: SrtpSuite, key: string): Buffer | undefined {
  const wanted = SIZES[suite].keyBytes + SALT_BYTES;
  if (key.length > 64) return undefined;
  const bytes = Buffer.from(key, 'base64');
  const same = stripped(bytes.toString('base64')) === stripped(key);
  return bytes.length === wanted && same ? bytes : undefined;
}

function stripped(base64: string): string {
  let end = base64.length;
  while (end > 0 && base64[end - 1] === '=') end--;
  return base64.slice(0, end);
}
