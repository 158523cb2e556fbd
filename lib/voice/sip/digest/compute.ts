import { createHash } from 'node:crypto';

/** Algorithms of RFC 7616 that SIP uses (RFC 8760), best first. */
export const ALGORITHMS = ['SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof ALGORITHMS)[number];

/** The algorithm that a header names: MD5 when it names none, undefined when we do not have it. */
export function algorithmOf(name: string | undefined): DigestAlgorithm | undefined {
  const upper = (name ?? 'MD5').toUpperCase();
  return ALGORITHMS.find((algorithm) => algorithm === upper);
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'utf8')
    .digest('hex');
}

/** H(user:realm:password), what a registrar keeps instead of the password. */
export function digestHa1(algorithm: DigestAlgorithm, user: string, realm: string, password: string): string {
  return hash(algorithm, `${user}:${realm}:${password}`);
}

/** What `qop` adds to a response: the count of the nonce, the client's own nonce, and with `auth-int` the body. */
export interface DigestQuality {
  readonly nc: string;
  readonly cnonce: string;
  /** Present with `auth-int`: the body is signed too. */
  readonly body?: string;
}

/** What a response is computed over. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Absent for a server of RFC 2069, which knows no `qop`. */
  readonly quality: DigestQuality | undefined;
}

/** The `response` parameter (RFC 7616 §3.4.1, §3.4.3). */
export function digestResponse(input: DigestInput): string {
  const { algorithm, ha1, nonce, quality } = input;
  const signed = quality?.body === undefined ? '' : `:${hash(algorithm, quality.body)}`;
  const ha2 = hash(algorithm, `${input.method}:${input.uri}${signed}`);
  const qop = quality?.body === undefined ? 'auth' : 'auth-int';
  const middle = quality === undefined ? nonce : `${nonce}:${quality.nc}:${quality.cnonce}:${qop}`;
  return hash(algorithm, `${ha1}:${middle}:${ha2}`);
}
