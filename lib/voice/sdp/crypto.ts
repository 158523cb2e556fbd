import { isSrtpSuite, readSrtpKey, type SrtpKey, type SrtpSuite } from '../srtp/suites.ts';
import type { Media } from './types.ts';

/** One `a=crypto` line (RFC 4568 §4) that we could use. */
export interface CryptoLine {
  readonly tag: number;
  readonly suite: SrtpSuite;
  /** Master key and salt in base64. */
  readonly key: string;
}

/** Lines that are looked at; more are a mistake or a trick. */
const LINES_LIMIT = 16;
const TAG_DIGITS_LIMIT = 9;

/**
 * The `a=crypto` lines of a media, those that are understood wholly, in the order of preference in which they stand. A line
 * with another suite, several keys, a key identifier (MKI), or a session parameter that must be understood and is not
 * here, is passed over (RFC 4568 §6.3.2). Never throws.
 *
 * `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20`
 */
export function cryptoLinesOf(media: Pick<Media, 'attributes'>): CryptoLine[] {
  const found: CryptoLine[] = [];
  const seen = new Set<number>();
  for (const [name, value] of media.attributes) {
    if (name.toLowerCase() !== 'crypto' || found.length >= LINES_LIMIT) continue;
    const line = readCrypto(value);
    if (line === undefined || seen.has(line.tag)) continue;
    seen.add(line.tag);
    found.push(line);
  }
  return found;
}

/** Whether there is any `a=crypto`, understood or not. */
export function hasCrypto(media: Pick<Media, 'attributes'>): boolean {
  return media.attributes.some(([name]) => name.toLowerCase() === 'crypto');
}

/** The attribute that gives a key of ours. */
export function cryptoAttribute(tag: number, key: SrtpKey): [name: string, value: string] {
  return ['crypto', `${tag} ${key.suite} inline:${key.key}`];
}

function readCrypto(value: string): CryptoLine | undefined {
  const [tagText, suiteName, parameters, ...session] = value.split(' ').filter((word) => word !== '');
  if (tagText === undefined || suiteName === undefined || parameters === undefined) return undefined;
  const tag = readTag(tagText);
  const suite = suiteName.toUpperCase();
  if (tag === undefined || !isSrtpSuite(suite)) return undefined;
  const key = readInline(suite, parameters);
  return key === undefined || !session.every(mayBeThere) ? undefined : { tag, suite, key };
}

function readTag(text: string): number | undefined {
  return isNumber(text, TAG_DIGITS_LIMIT) ? Number(text) : undefined;
}

/** `inline:KEY`, `inline:KEY|2^20`, `inline:KEY|1066|1:4` (passed over: an identifier in each packet is not read here). */
function readInline(suite: SrtpSuite, parameters: string): string | undefined {
  if (parameters.includes(';')) return undefined;
  const colon = parameters.indexOf(':');
  if (parameters.slice(0, colon).toLowerCase() !== 'inline') return undefined;
  const [key, lifetime, more] = parameters.slice(colon + 1).split('|', 3);
  if (key === undefined || more !== undefined) return undefined;
  if (lifetime !== undefined && !isLifetime(lifetime)) return undefined;
  return readSrtpKey(suite, key) === undefined ? undefined : key;
}

/** `2^20` or a plain number of packets. Theirs to keep: it bounds what they send. */
function isLifetime(text: string): boolean {
  return isNumber(text.startsWith('2^') ? text.slice(2) : text, 15);
}

/**
 * A session parameter that changes nothing for us: a hint for the replay window, a key derivation rate of 0, or one that
 * its writer marked with `-` as optional (RFC 4568 §6.3.7).
 */
function mayBeThere(parameter: string): boolean {
  const upper = parameter.toUpperCase();
  return upper.startsWith('-') || upper.startsWith('WSH=') || upper === 'KDR=0';
}

function isNumber(text: string, digits: number): boolean {
  if (text.length === 0 || text.length > digits) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}
