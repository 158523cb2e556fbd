import { createHash } from 'node:crypto';

/** What a phone was told to log in with. */
export interface PhoneLogin {
  readonly user: string;
  readonly password: string;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The login in a Grandstream file, in either form; undefined when it has none. */
export function readLogin(text: string): PhoneLogin | undefined {
  const user = /(?:<P1360>|"provisioning\.config\.username">)([^<]+)</.exec(text)?.[1];
  const password = /(?:<P1361>|"provisioning\.config\.password">)([^<]+)</.exec(text)?.[1];
  return user === undefined || password === undefined ? undefined : { user, password };
}

/** The header with which a phone answers a challenge (RFC 7616 §3.4), made without anything of the box's. */
export function authorizationFor(
  challenge: string,
  { user, password }: PhoneLogin,
  target: string,
  method = 'GET',
): string {
  const part = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const [realm, nonce] = [part('realm'), part('nonce')];
  const middle = `${nonce}:00000001:0a4f113b:auth`;
  const response = md5(`${md5(`${user}:${realm}:${password}`)}:${middle}:${md5(`${method}:${target}`)}`);
  const fields = { username: user, realm, nonce, uri: target, response, cnonce: '0a4f113b' };
  const quoted = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return `Digest ${quoted.join(', ')}, algorithm=MD5, qop=auth, nc=00000001`;
}
