import type { Random } from '../../../base/random.ts';
import { randomHex } from '../../../base/random.ts';
import type { Credentials, SipHeaders } from '../api.ts';
import type { SipResponse } from '../codec/message.ts';
import { quote } from '../codec/text.ts';
import { type AuthHeader, parseAuthHeaders } from './auth-header.ts';
import { ALGORITHMS, algorithmOf, type DigestAlgorithm, digestHa1, digestResponse } from './compute.ts';

/** The request that is signed. */
export interface Signed {
  readonly method: string;
  readonly uri: string;
  readonly body?: string | undefined;
}

/** A challenge that we can answer, with how often its nonce has been used. */
interface Challenge {
  readonly proxy: boolean;
  readonly algorithm: DigestAlgorithm;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly qop: 'none' | 'auth' | 'auth-int';
  count: number;
}

/** Realms that one signer keeps challenges of: a user agent server and the proxies before it. */
const REALMS = 4;

/**
 * Answers challenges with one account's password, and signs later requests of the same call without being asked, with
 * the nonce's next count (RFC 7616 §3.4: `nc`). SHA-256 is preferred to MD5 (RFC 8760 §2.6), `auth` to `auth-int`.
 */
export class Signer {
  readonly #credentials: Credentials;
  readonly #random: Random;
  readonly #known: Challenge[] = [];

  constructor(credentials: Credentials, random: Random) {
    this.#credentials = credentials;
    this.#random = random;
  }

  /** The headers that answer a 401 or 407; undefined when it offers nothing that we have. */
  answer(response: SipResponse, request: Signed): SipHeaders | undefined {
    const found = challengesOf(response);
    if (found.length === 0) return undefined;
    for (const challenge of found) this.#learn(challenge);
    return this.sign(request);
  }

  /** Headers for every challenge that we know; none before the first. */
  sign(request: Signed): SipHeaders {
    return this.#known.map((challenge) => {
      challenge.count++;
      const name = challenge.proxy ? 'Proxy-Authorization' : 'Authorization';
      return [name, this.#write(challenge, request)] as const;
    });
  }

  #learn(challenge: Challenge): void {
    const at = this.#known.findIndex((one) => one.proxy === challenge.proxy && one.realm === challenge.realm);
    if (at >= 0) this.#known.splice(at, 1);
    this.#known.push(challenge);
    if (this.#known.length > REALMS) this.#known.shift();
  }

  #write(challenge: Challenge, { method, uri, body }: Signed): string {
    const { algorithm, realm, nonce, opaque, qop } = challenge;
    const { user, password } = this.#credentials;
    const nc = challenge.count.toString(16).padStart(8, '0');
    const signedBody = qop === 'auth-int' ? { body: body ?? '' } : {};
    const quality = qop === 'none' ? undefined : { nc, cnonce: randomHex(this.#random, 12), ...signedBody };
    const ha1 = digestHa1(algorithm, user, realm, password);
    const response = digestResponse({ algorithm, ha1, method, uri, nonce, quality });
    const parts = [
      `username=${quote(user)}`,
      `realm=${quote(realm)}`,
      `nonce=${quote(nonce)}`,
      `uri=${quote(uri)}`,
      `response="${response}"`,
      `algorithm=${algorithm}`,
    ];
    if (quality !== undefined) parts.push(`qop=${qop}`, `nc=${nc}`, `cnonce="${quality.cnonce}"`);
    if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
    return `Digest ${parts.join(', ')}`;
  }
}

/** Whether a challenge says that only the nonce was too old, so that trying again with the same secret makes sense. */
export function isStale(response: SipResponse): boolean {
  return [...response.headers.all('www-authenticate'), ...response.headers.all('proxy-authenticate')].some(
    (value) => parseAuthHeaders([value])[0]?.params.get('stale')?.toLowerCase() === 'true',
  );
}

export function isChallenge(response: SipResponse): boolean {
  return response.status === 401 || response.status === 407;
}

/** The best of what a 401 or 407 offers, once for each realm. */
function challengesOf(response: SipResponse): Challenge[] {
  const proxy = response.status === 407;
  const offers = parseAuthHeaders(
    response.headers.all(proxy ? 'proxy-authenticate' : 'www-authenticate'),
  ).filter((offer) => offer.scheme === 'digest');
  const best = new Map<string, Challenge>();
  for (const algorithm of ALGORITHMS) {
    for (const offer of offers) {
      const challenge = challengeOf(offer, algorithm, proxy);
      if (challenge !== undefined && !best.has(challenge.realm)) best.set(challenge.realm, challenge);
    }
  }
  return [...best.values()];
}

function challengeOf(
  { params }: AuthHeader,
  algorithm: DigestAlgorithm,
  proxy: boolean,
): Challenge | undefined {
  const [realm, nonce] = [params.get('realm'), params.get('nonce')];
  if (algorithmOf(params.get('algorithm')) !== algorithm) return undefined;
  if (realm === undefined || nonce === undefined) return undefined;
  const offered = (params.get('qop') ?? '').split(',').map((choice) => choice.trim().toLowerCase());
  const qop = ['auth', 'auth-int'].find((choice) => offered.includes(choice));
  if (qop === undefined && offered.some((choice) => choice !== '')) return undefined;
  return {
    proxy,
    algorithm,
    realm,
    nonce,
    opaque: params.get('opaque'),
    qop: qop === 'auth' || qop === 'auth-int' ? qop : 'none',
    count: 0,
  };
}
