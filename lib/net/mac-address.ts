import type { Brand } from '../base/brand.ts';

/** An Ethernet address: twelve lower-case hex digits, `c074ad2bd859`. */
export type MacAddress = Brand<string, 'MacAddress'>;

const PLAIN = /^[0-9a-f]{12}$/;
const SEPARATED = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$/;
const DOTTED = /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/;

/** Reads `c0:74:ad:2b:d8:59`, `C0-74-AD-2B-D8-59`, `c074.ad2b.d859` or `c074ad2bd859`; undefined for anything else. */
export function parseMac(text: string): MacAddress | undefined {
  if (text.length > 17) return undefined;
  const lower = text.toLowerCase();
  if (PLAIN.test(lower)) return lower as MacAddress;
  if (!SEPARATED.test(lower) && !DOTTED.test(lower)) return undefined;
  return lower.replace(/[:.-]/g, '') as MacAddress;
}

/** As people write it: `c0:74:ad:2b:d8:59`. */
export function formatMac(mac: MacAddress): string {
  return mac.match(/../g)?.join(':') ?? mac;
}

/** The first six bytes as an address. */
export function macFromBytes(bytes: Uint8Array): MacAddress {
  return Buffer.from(bytes.buffer, bytes.byteOffset, 6).toString('hex') as MacAddress;
}
