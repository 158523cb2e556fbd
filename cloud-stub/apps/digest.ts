import { createHash } from 'node:crypto';
import type { SipAuthHeader } from 'sip';
import { type Random, randomHex } from '../../lib/base/random.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const bare = (value: string | undefined): string => (value ?? '').replaceAll('"', '');
const quoted = (value: string): string => `"${value}"`;

/**
 * Credentials for a challenge (RFC 7616 §3.4 with MD5 and `qop=auth`). The package's own digest counts wrongly and draws
 * nonces from a weak source, so this is the app's.
 */
export function credentialsFor(
  challenge: SipAuthHeader,
  account: { readonly user: string; readonly password: string },
  request: { readonly method: string; readonly uri: string },
  random: Random,
): SipAuthHeader {
  const [realm, nonce] = [bare(challenge['realm']), bare(challenge['nonce'])];
  const cnonce = randomHex(random, 8);
  const nc = '00000001';
  const secret = md5(`${account.user}:${realm}:${account.password}`);
  const target = md5(`${request.method}:${request.uri}`);
  return {
    scheme: 'Digest',
    username: quoted(account.user),
    realm: quoted(realm),
    nonce: quoted(nonce),
    uri: quoted(request.uri),
    algorithm: 'MD5',
    qop: 'auth',
    nc,
    cnonce: quoted(cnonce),
    response: quoted(md5(`${secret}:${nonce}:${nc}:${cnonce}:auth:${target}`)),
    ...(challenge['opaque'] === undefined ? {} : { opaque: quoted(bare(challenge['opaque'])) }),
  };
}
