import { createHash } from 'node:crypto';
import { type Random, randomHex } from '../../../lib/base/random.ts';
import type { AuthHeader, SipRequest, SipResponse } from './message.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const bare = (value: string | undefined): string => (value ?? '').replace(/^"|"$/g, '');

export interface Login {
  readonly user: string;
  readonly password: string;
}

/**
 * The request once more with credentials, or undefined when the challenge cannot be answered (RFC 3261 §22; MD5 is all that
 * these phones know). The package's own digest counts wrongly.
 */
export function authorised(
  request: SipRequest,
  response: SipResponse,
  login: Login,
  random: Random,
): SipRequest | undefined {
  const proxy = response.status === 407;
  if (response.status !== 401 && !proxy) return undefined;
  const challenges = response.headers[proxy ? 'proxy-authenticate' : 'www-authenticate'];
  const challenge = challenges?.find(
    (each) => /^digest$/i.test(each.scheme) && /^md5$/i.test(bare(each['algorithm'] ?? 'MD5')),
  );
  if (challenge === undefined) return undefined;
  const { via: _used, ...headers } = request.headers;
  const again: SipRequest = {
    ...request,
    headers: {
      ...headers,
      cseq: { seq: (headers.cseq?.seq ?? 0) + 1, method: request.method },
      [proxy ? 'proxy-authorization' : 'authorization']: [credentials(challenge, request, login, random)],
    },
  };
  return again;
}

function credentials(challenge: AuthHeader, request: SipRequest, login: Login, random: Random): AuthHeader {
  const [realm, nonce, cnonce, nc] = [
    bare(challenge['realm']),
    bare(challenge['nonce']),
    randomHex(random, 8),
    '00000001',
  ];
  const qop = bare(challenge['qop'])
    .split(',')
    .map((each) => each.trim())
    .includes('auth');
  const secret = md5(`${login.user}:${realm}:${login.password}`);
  const target = md5(`${request.method}:${request.uri}`);
  const response = md5(
    qop ? `${secret}:${nonce}:${nc}:${cnonce}:auth:${target}` : `${secret}:${nonce}:${target}`,
  );
  return {
    scheme: 'Digest',
    username: `"${login.user}"`,
    realm: `"${realm}"`,
    nonce: `"${nonce}"`,
    uri: `"${request.uri}"`,
    response: `"${response}"`,
    algorithm: 'MD5',
    ...(qop ? { qop: 'auth', nc, cnonce: `"${cnonce}"` } : {}),
    ...(challenge['opaque'] === undefined ? {} : { opaque: challenge['opaque'] }),
  };
}

const NONCES_MOST = 16;

/** Challenges for those who tell the phone to do something: each nonce counts once. */
export class Doorkeeper {
  readonly #random: Random;
  readonly #nonces: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  challenge(realm: string): AuthHeader {
    const nonce = randomHex(this.#random, 16);
    this.#nonces.push(nonce);
    if (this.#nonces.length > NONCES_MOST) this.#nonces.shift();
    return { scheme: 'Digest', realm: `"${realm}"`, nonce: `"${nonce}"`, algorithm: 'MD5', qop: '"auth"' };
  }

  /** Whether the request knows the account's password. */
  admits(request: SipRequest, login: Login): boolean {
    const [given] = request.headers.authorization ?? [];
    if (given === undefined) return false;
    const [nonce, uri, realm] = [bare(given['nonce']), bare(given['uri']), bare(given['realm'])];
    const known = this.#nonces.indexOf(nonce);
    if (known < 0 || bare(given['username']) !== login.user) return false;
    this.#nonces.splice(known, 1);
    const secret = md5(`${login.user}:${realm}:${login.password}`);
    const target = md5(`${request.method}:${uri}`);
    const qop = bare(given['qop']);
    const middle = qop === '' ? nonce : `${nonce}:${bare(given['nc'])}:${bare(given['cnonce'])}:${qop}`;
    return bare(given['response']) === md5(`${secret}:${middle}:${target}`);
  }
}
