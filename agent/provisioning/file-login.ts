import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import { parseAuthHeaders } from '../../lib/voice/sip/digest/auth-header.ts';
import { digestHa1, digestResponse } from '../../lib/voice/sip/digest/compute.ts';
import { Nonces } from '../../lib/voice/sip/digest/nonces.ts';

/** What a phone logs in with when it fetches its later files: its hardware address, and a password that is its own. */
export interface FileLogin {
  readonly user: string;
  readonly password: string;
}

/** Of a request, what a login is about. */
export interface LoginClaim {
  readonly method: string;
  readonly target: string;
  /** The `Authorization` header. */
  readonly authorization: string | null;
}

/** `none`: no login, or one of a kind that we do not take. `stale`: right, and of a challenge that is too old or was used. */
export type LoginVerdict = 'right' | 'none' | 'stale' | 'wrong';

const REALM = 'engawa files';
/** Longest header that is looked at; phones' are below 400. */
const HEADER_MOST = 1_024;

/**
 * Digest login of phones that fetch their later files (RFC 7616, `qop=auth`). MD5, because desk phones of this age know
 * nothing else; the password goes over no wire, and each is good for one phone's files only.
 */
export class FileLogins {
  readonly #nonces: Nonces;

  constructor(clock: Clock, random: Random) {
    this.#nonces = new Nonces(clock, random);
  }

  /** The `WWW-Authenticate` header of a 401. */
  challenge(stale: boolean): string {
    const flag = stale ? ', stale=true' : '';
    return `Digest realm="${REALM}", nonce="${this.#nonces.issue()}", algorithm=MD5, qop="auth"${flag}`;
  }

  /** Whether a request carries this login. Takes any header and never throws. */
  judge(claim: LoginClaim, login: FileLogin): LoginVerdict {
    const header = (claim.authorization ?? '').slice(0, HEADER_MOST);
    const [own] = parseAuthHeaders([header]).filter(
      ({ scheme, params }) => scheme === 'digest' && params.get('realm') === REALM,
    );
    const text = (name: string): string => own?.params.get(name) ?? '';
    const [nonce, nc, cnonce] = [text('nonce'), text('nc'), text('cnonce')];
    if (own === undefined || text('qop').toLowerCase() !== 'auth' || cnonce === '') return 'none';
    if (!/^[0-9a-f]{8}$/i.test(nc) || !/^(md5)?$/i.test(text('algorithm'))) return 'none';
    const age = this.#nonces.age(nonce);
    if (age === 'forged') return 'none';
    const expected = digestResponse({
      algorithm: 'MD5',
      ha1: digestHa1('MD5', login.user, REALM, login.password),
      method: claim.method,
      uri: text('uri'),
      nonce,
      quality: { nc, cnonce },
    });
    const proved = sameText(expected, text('response').toLowerCase());
    if (!proved || text('username') !== login.user || text('uri') !== claim.target) return 'wrong';
    return age === 'good' && this.#nonces.count(nonce, Number.parseInt(nc, 16)) ? 'right' : 'stale';
  }
}

/** Takes as long whether the first or the last character differs. */
function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
