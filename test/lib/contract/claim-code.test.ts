import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  authorityDigest,
  CLAIM_SECRET_BYTES,
  makeClaimCode,
  readClaimCode,
} from '../../../lib/contract/claim-code.ts';

const authority = '0123456789';
const secrets = fc.uint8Array({ minLength: CLAIM_SECRET_BYTES, maxLength: CLAIM_SECRET_BYTES });
const code = makeClaimCode(Buffer.from('00c0ffee1234', 'hex'), authority);

describe('a claim code', () => {
  it('is four groups of five that can be typed without doubt', () => {
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
  });

  it('comes out as it went in, however it is typed', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom(' ', '', '-', '_', ' - '), (secret, between) => {
        const made = makeClaimCode(secret, authority);
        const typed = made.toLowerCase().replaceAll('-', between).replaceAll('0', 'o').replaceAll('1', 'l');
        expect(readClaimCode(typed)).toEqual(readClaimCode(made));
        expect(readClaimCode(made)?.authority).toBe(authority);
      }),
    );
  });

  it('with one wrong symbol, or two neighbours changed about, is found out', () => {
    const plain = code.replaceAll('-', '');
    for (let at = 0; at < plain.length; at++) {
      for (const symbol of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
        if (symbol === plain[at]) continue;
        expect(readClaimCode(plain.slice(0, at) + symbol + plain.slice(at + 1))).toBeUndefined();
      }
      const [one = '', two = ''] = [plain[at], plain[at + 1]];
      if (two === '' || one === two) continue;
      expect(readClaimCode(plain.slice(0, at) + two + one + plain.slice(at + 2))).toBeUndefined();
    }
  });

  it('is never read from anything else, and nothing throws', () => {
    expect(readClaimCode('')).toBeUndefined();
    expect(readClaimCode('x'.repeat(10_000))).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void readClaimCode(text)));
  });

  it('names an authority by a digest that is slow to forge', async () => {
    expect(await authorityDigest(Buffer.from('an authority'))).toBe(
      await authorityDigest(Buffer.from('an authority')),
    );
    expect(await authorityDigest(Buffer.from('another'))).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
  });
});
