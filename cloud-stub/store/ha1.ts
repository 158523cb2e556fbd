import { createHash } from 'node:crypto';

/** `H(user:realm:password)`, the only thing about a password that the registrar needs (RFC 7616 section 3.4.2). */
export function ha1(algorithm: 'MD5' | 'SHA-256', user: string, realm: string, password: string): string {
  const hash = createHash(algorithm === 'MD5' ? 'md5' : 'sha256');
  return hash.update(`${user}:${realm}:${password}`, 'utf8').digest('hex');
}
