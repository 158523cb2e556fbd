import type { Random } from '../../../base/random.ts';
import { randomHex } from '../../../base/random.ts';
import type { Credentials, SipHeaders } from '../api.ts';
import type { SipResponse } from '../codec/message.ts';
import { quote } from '../codec/text.ts';
import { type AuthHeader, parseAuthHeaders } from './auth-header.ts';
import { ALGORITHMS, algorithmOf, digestHa1, digestResponse } from './compute.ts';

/** What the answer to a challenge is about. */
export interface Challenged {
  readonly response: SipResponse;
  readonly credentials: Credentials;
  readonly method: string;
  readonly uri: string;
  readonly random: Random;
}

/**
 * The header that answers a 401 or 407, or undefined when it offers nothing that we have. SHA-256 is preferred to MD5
 * (RFC 8760 §2.6); `qop=auth` to none; `auth-int` alone is refused.
 */
export function answerChallenge(challenged: Challenged): SipHeaders | undefined {
  const proxy = challenged.response.status === 407;
  const offers = parseAuthHeaders(
    challenged.response.headers.all(proxy ? 'proxy-authenticate' : 'www-authenticate'),
  ).filter((offer) => offer.scheme === 'digest');
  for (const algorithm of ALGORITHMS) {
    const offer = offers.find((candidate) => algorithmOf(candidate.params.get('algorithm')) === algorithm);
    const value = offer === undefined ? undefined : answer(offer, algorithm, challenged);
    if (value !== undefined) return [[proxy ? 'Proxy-Authorization' : 'Authorization', value]];
  }
  return undefined;
}

/** Whether a challenge says that only the nonce was too old, so that trying again with the same secret makes sense. */
export function isStale(response: SipResponse): boolean {
  return [...response.headers.all('www-authenticate'), ...response.headers.all('proxy-authenticate')].some(
    (value) => parseAuthHeaders([value])[0]?.params.get('stale')?.toLowerCase() === 'true',
  );
}

function answer(
  offer: AuthHeader,
  algorithm: (typeof ALGORITHMS)[number],
  challenged: Challenged,
): string | undefined {
  const realm = offer.params.get('realm');
  const nonce = offer.params.get('nonce');
  const qop = offer.params.get('qop');
  if (realm === undefined || nonce === undefined) return undefined;
  const plain = qop === undefined || qop === '';
  if (!plain && !qop.split(',').some((choice) => choice.trim().toLowerCase() === 'auth')) return undefined;
  const { method, uri, credentials } = challenged;
  const quality = plain ? undefined : { nc: '00000001', cnonce: randomHex(challenged.random, 12) };
  const ha1 = digestHa1(algorithm, credentials.user, realm, credentials.password);
  const response = digestResponse({ algorithm, ha1, method, uri, nonce, quality });
  const parts = [
    `username=${quote(credentials.user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
  ];
  if (quality !== undefined) parts.push('qop=auth', `nc=${quality.nc}`, `cnonce="${quality.cnonce}"`);
  const opaque = offer.params.get('opaque');
  if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
  return `Digest ${parts.join(', ')}`;
}
