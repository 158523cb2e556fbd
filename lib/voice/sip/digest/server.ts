import { timingSafeEqual } from 'node:crypto';
import type { RegistrarPort, SipAddress, SipHeaders } from '../api.ts';
import type { SipRequest } from '../codec/message.ts';
import { parseUint } from '../codec/text.ts';
import { parseUri, userOf } from '../codec/uri.ts';
import { parseAuthHeaders } from './auth-header.ts';
import { ALGORITHMS, algorithmOf, type DigestAlgorithm, digestResponse } from './compute.ts';
import type { Nonces } from './nonces.ts';

/** Who sent a request, or the challenge that it gets. */
export type AuthVerdict =
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'challenge'; readonly status: 401 | 407; readonly headers: SipHeaders }
  | { readonly kind: 'bad'; readonly status: 400; readonly say: string };

/** Compared against when there is no such user, so that the answer takes as long and says as little. */
const NOBODY: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: '0'.repeat(32),
  'SHA-256': '0'.repeat(64),
};

/** Server side of digest (RFC 7616, RFC 8760, RFC 3261 §22): SHA-256 and MD5, `qop=auth` only. */
export class DigestServer {
  readonly #realm: string;
  readonly #port: RegistrarPort;
  readonly #nonces: Nonces;
  readonly #algorithms: readonly DigestAlgorithm[];

  constructor(
    realm: string,
    port: RegistrarPort,
    nonces: Nonces,
    algorithms: readonly DigestAlgorithm[] = ALGORITHMS,
  ) {
    this.#realm = realm;
    this.#port = port;
    this.#nonces = nonces;
    this.#algorithms = algorithms;
  }

  /** `status` is the challenge's: 401 as a registrar, 407 in front of a call. */
  async judge(request: SipRequest, status: 401 | 407, source?: SipAddress): Promise<AuthVerdict> {
    const host = source?.host ?? '';
    const values = request.headers.all(status === 401 ? 'authorization' : 'proxy-authorization');
    const own = parseAuthHeaders(values).find(
      ({ scheme, params }) => scheme === 'digest' && params.get('realm') === this.#realm,
    );
    if (own === undefined) {
      if (source !== undefined) this.#port.challenged?.(userOf(request.from.uri), source);
      return this.#challenge(status, host, false);
    }
    const fields = readFields(own.params);
    if (fields === undefined || !this.#algorithms.includes(fields.algorithm))
      return this.#challenge(status, host, false);
    if (!sameUri(fields.uri, request.requestUri.text)) {
      return { kind: 'bad', status: 400, say: 'the digest is for another Request-URI' };
    }
    // Before the digest is looked at, or the answer would tell who guesses over an old nonce whether he was right, and nobody
    // would count it (RFC 7616 §3.3: `stale`). The same after a restart, and for a phone that has another address.
    if (this.#nonces.age(fields.nonce, host) !== 'good') return this.#challenge(status, host, true);
    if (!(await this.#isRight(request, fields))) {
      if (source !== undefined) this.#port.judged?.(fields.user, source, false);
      return this.#challenge(status, host, false);
    }
    // One that was there before proves nothing: anybody may have read it on the wire.
    if (!this.#nonces.count(fields.nonce, fields.count)) return this.#challenge(status, host, true);
    if (source !== undefined) this.#port.judged?.(fields.user, source, true);
    return { kind: 'user', user: fields.user };
  }

  async #isRight({ method }: SipRequest, fields: Fields): Promise<boolean> {
    const ha1 = await this.#port.ha1(fields.user, this.#realm, fields.algorithm);
    const known = ha1 ?? NOBODY[fields.algorithm];
    const expected = digestResponse({ ...fields, ha1: known, method, quality: fields });
    return sameText(expected, fields.response) && ha1 !== undefined;
  }

  /** One challenge for each algorithm, the best first (RFC 8760 §2.4). */
  #challenge(status: 401 | 407, host: string, stale: boolean): AuthVerdict {
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const nonce = this.#nonces.issue(host);
    const headers = this.#algorithms.map((algorithm) => {
      const flag = stale ? ', stale=true' : '';
      const value = `Digest realm="${this.#realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${flag}`;
      return [name, value] as const;
    });
    return { kind: 'challenge', status, headers };
  }
}

interface Fields {
  readonly user: string;
  readonly uri: string;
  readonly nonce: string;
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  readonly nc: string;
  readonly count: number;
  readonly cnonce: string;
}

/** Everything that `qop=auth` demands, or undefined. */
function readFields(params: ReadonlyMap<string, string>): Fields | undefined {
  const algorithm = algorithmOf(params.get('algorithm'));
  const [user, uri, nonce] = [params.get('username'), params.get('uri'), params.get('nonce')];
  const [response, nc, cnonce] = [params.get('response'), params.get('nc'), params.get('cnonce')];
  if (algorithm === undefined || params.get('qop')?.toLowerCase() !== 'auth') return undefined;
  if (user === undefined || uri === undefined || nonce === undefined) return undefined;
  if (response === undefined || nc === undefined || cnonce === undefined || nc.length !== 8) return undefined;
  const count = Number(`0x${nc}`);
  if (parseUint(String(count), 0xffff_ffff) === undefined) return undefined;
  return { user, uri, nonce, response: response.toLowerCase(), algorithm, nc, count, cnonce };
}

/** RFC 7616 §3.4.6 wants the same resource; some stacks leave out parameters, so user, host and port decide. */
function sameUri(signed: string, requested: string): boolean {
  if (signed === requested) return true;
  const [left, right] = [parseUri(signed), parseUri(requested)];
  if (left?.kind !== 'sip' || right?.kind !== 'sip') return false;
  return left.user === right.user && left.host === right.host && left.port === right.port;
}

/** Takes as long whether the first or the last character differs. */
function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
