import { scrypt } from 'node:crypto';

/**
 * A claim code is what a technician reads from the order and types into the box: 20 symbols of Crockford's base 32, in
 * four groups.
 *
 * ```
 *  K7Q2M-9XW4 D-83PTN-0V5AR
 * └─ secret ─┘└ authority ─┘└ check
 *   9 symbols   10 symbols   1 symbol
 *   45 bits     50 bits
 * ```
 *
 * The secret is good for one box, once. The authority is a slow digest of the service's own certificate authority, so
 * that a box that knows nobody yet tells the code to nobody but the service that printed it.
 */
export interface ClaimCode {
  /** 9 symbols. */
  readonly secret: string;
  /** 10 symbols. */
  readonly authority: string;
}

/** Crockford's base 32: no I, L, O, U. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SECRET_SYMBOLS = 9;
const AUTHORITY_SYMBOLS = 10;
const LENGTH = SECRET_SYMBOLS + AUTHORITY_SYMBOLS + 1;
/** Longest text that is looked at: every symbol with something between. */
const TEXT_LIMIT = 64;
/** Bytes of chance that make a secret: 45 of 48 bits are used. */
export const CLAIM_SECRET_BYTES = 6;
/** 32 MB and about 0.1 s: who would forge an authority of the same 50 bits has to pay it 2⁵⁰ times (RFC 7914). */
const SLOW = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1_048_576 } as const;

/** A code from its parts: `secret` is chance, `authority` comes from {@link authorityDigest}. */
export function makeClaimCode(secret: Uint8Array, authority: string): string {
  const data = symbolsOf(secret, SECRET_SYMBOLS) + authority;
  const whole = data + checkOf(data);
  return whole.match(/.{5}/g)?.join('-') ?? whole;
}

/**
 * Reads a typed code: any case, with or without separators, O for 0 and I or L for 1. Undefined when symbols are missing
 * or the check symbol says that one is wrong or two stand the wrong way round. Never throws.
 */
export function readClaimCode(text: string): ClaimCode | undefined {
  if (text.length > TEXT_LIMIT) return undefined;
  const plain = text
    .toUpperCase()
    .replace(/[\s\-_.‐-―ー]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  if (plain.length !== LENGTH || [...plain].some((symbol) => !SYMBOLS.includes(symbol))) return undefined;
  const data = plain.slice(0, -1);
  if (checkOf(data) !== plain.at(-1)) return undefined;
  return { secret: data.slice(0, SECRET_SYMBOLS), authority: data.slice(SECRET_SYMBOLS) };
}

/** The 10 symbols that stand for an authority's certificate (DER). Takes about 0.1 s, on another thread. */
export function authorityDigest(certificateDer: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(certificateDer, 'engawa-claim-authority', 7, SLOW, (error, digest) => {
      if (error === null) resolve(symbolsOf(digest, AUTHORITY_SYMBOLS));
      else reject(error);
    });
  });
}

/** The first `count` symbols' worth of bits. */
function symbolsOf(bytes: Uint8Array, count: number): string {
  let text = '';
  for (let symbol = 0; symbol < count; symbol++) {
    let value = 0;
    for (let bit = symbol * 5; bit < symbol * 5 + 5; bit++) {
      value = (value << 1) | (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    }
    text += SYMBOLS[value] ?? '';
  }
  return text;
}

/**
 * A checksum over GF(2⁵), x⁵+x²+1: the sum of each symbol times a power of x. Every single wrong symbol and every two
 * neighbours changed about are found, since the powers differ (the field has 31 of them, a code 20 symbols).
 */
function checkOf(data: string): string {
  let sum = 0;
  for (const symbol of data) sum = timesX(sum ^ SYMBOLS.indexOf(symbol));
  return SYMBOLS[sum] ?? '';
}

function timesX(value: number): number {
  const shifted = value << 1;
  return (shifted & 0x20) === 0 ? shifted : shifted ^ 0x25;
}
