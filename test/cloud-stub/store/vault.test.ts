import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInt8 } from '../../../cloud-stub/store/database.ts';
import { ha1 } from '../../../cloud-stub/store/ha1.ts';
import { Vault } from '../../../cloud-stub/store/vault.ts';
import { seededRandom } from '../../../lib/base/random.ts';

const vault = new Vault(Buffer.alloc(32, 1), seededRandom(1));

describe('the vault', () => {
  it('opens what it sealed', () => {
    fc.assert(
      fc.property(fc.string(), (secret) => vault.open('here', vault.seal('here', secret)) === secret),
    );
  });

  it('shows nothing of the secret and never the same text twice', () => {
    const [one, two] = [vault.seal('here', 'a long secret'), vault.seal('here', 'a long secret')];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64').toString('latin1')).not.toContain('secret');
  });

  it('does not open in another place, with another key, or after a change', () => {
    const sealed = vault.seal('here', 'secret');
    expect(vault.open('there', sealed)).toBeUndefined();
    expect(new Vault(Buffer.alloc(32, 2), seededRandom(1)).open('here', sealed)).toBeUndefined();
    const bytes = Buffer.from(sealed.slice(3), 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(vault.open('here', `v1.${bytes.toString('base64')}`)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => vault.open('here', text) === undefined));
  });
});

describe('int8', () => {
  it('is exact or refused', () => {
    expect(parseInt8('9007199254740991')).toBe(9_007_199_254_740_991);
    expect(parseInt8('-8000000')).toBe(-8_000_000);
    expect(() => parseInt8('9007199254740992')).toThrow(RangeError);
  });
});

describe('HA1', () => {
  it('is that of the example of RFC 7616 section 3.9.1', () => {
    const [user, realm, password] = ['Mufasa', 'http-auth@example.org', 'Circle of Life'] as const;
    expect(ha1('MD5', user, realm, password)).toBe('3d78807defe7de2157e2b0b6573a855f');
    expect(ha1('SHA-256', user, realm, password)).toBe(
      '7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232',
    );
  });
});
