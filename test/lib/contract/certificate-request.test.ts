import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCertificateRequest, openCertificateRequest } from '../../../lib/contract/certificate-request.ts';
import {
  derChildren,
  derInteger,
  derOid,
  derSequence,
  derTime,
  fromPem,
  readDer,
  toPem,
} from '../../../lib/contract/der.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const request = makeCertificateRequest(privateKey, 'ENG-0001');

describe('a certificate request', () => {
  it('is opened for the key that made it', () => {
    expect(openCertificateRequest(request)?.equals(publicKey)).toBe(true);
  });

  it('is what openssl takes for one', () => {
    const text = execFileSync('openssl', ['req', '-verify', '-noout', '-subject'], {
      input: request,
      stdio: 'pipe',
    });
    expect(text.toString()).toContain('CN = ENG-0001');
  });

  it('with any bit changed is no request', () => {
    const bytes = fromPem('CERTIFICATE REQUEST', request) ?? Buffer.alloc(0);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openCertificateRequest(toPem('CERTIFICATE REQUEST', changed))).toBeUndefined();
      }),
    );
  });

  it('of another kind of key is none', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
    expect(openCertificateRequest(makeCertificateRequest(other, 'x'))).toBeUndefined();
    expect(openCertificateRequest('x'.repeat(100_000))).toBeUndefined();
  });
});

describe('DER', () => {
  it('reads any bytes without throwing, and what it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const read = readDer(bytes);
        if (read !== undefined) derChildren(read.element);
        const whole = derSequence(derInteger(bytes), derInteger(7));
        expect(readDer(whole)?.element.whole.equals(whole)).toBe(true);
      }),
    );
  });

  it.each([
    ['a long object identifier', derOid('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    ['a number with its high bit set', derInteger(0x80), '02020080'],
    ['zero', derInteger(0), '020100'],
    ['a year before 2050', derTime(Date.UTC(2049, 11, 31, 23, 59, 59)), '170d3439313233313233353935395a'],
    ['a year after it', derTime(Date.UTC(2050, 0, 1)), '180f32303530303130313030303030305a'],
  ])('writes %s as X.690 wants it', (_what, bytes, hex) => {
    expect(bytes.toString('hex')).toBe(hex);
  });
});
