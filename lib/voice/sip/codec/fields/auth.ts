import type { Params } from '../params.ts';
import { parseParam } from '../params.ts';
import { CODE, isToken, splitLws, splitOutside, trimLws } from '../text.ts';
import type { Field } from './field.ts';

/** One challenge or one set of credentials (RFC 3261 §25.1, RFC 7616). */
export interface AuthField {
  /** Lower case: `digest`. */
  readonly scheme: string;
  /** Parameters by lower-case name, without their quotes. Empty for a scheme whose credentials are not parameters. */
  readonly params: Params;
  /** What stood behind the scheme. */
  readonly text: string;
}

const family = (name: string): Field<readonly AuthField[]> => ({
  name,
  parse(values) {
    const out: AuthField[] = [];
    for (const value of values) {
      const found = parseAuth(value);
      if (found === undefined || out.length + found.length > FIELDS) return undefined;
      out.push(...found);
    }
    return out;
  },
});

/** Challenges of one message that are looked at. */
const FIELDS = 16;

/** RFC 3261 §20.7. Several may share a line (RFC 7235 §2.1). */
export const AUTHORIZATION = family('authorization');
/** RFC 3261 §20.28. */
export const PROXY_AUTHORIZATION = family('proxy-authorization');
/** RFC 3261 §20.44. */
export const WWW_AUTHENTICATE = family('www-authenticate');
/** RFC 3261 §20.27. */
export const PROXY_AUTHENTICATE = family('proxy-authenticate');

/** Authentication-Info, RFC 7616 §3.5: the server's proof, without a scheme. */
export const AUTHENTICATION_INFO: Field<Params> = {
  name: 'authentication-info',
  parse: (values) => parseAuthParams(values.join(',')),
};

/** An unknown scheme is kept, whatever follows it (RFC 4475 §3.3.7 asks for no more); of Digest every parameter must be sound. */
function parseAuth(value: string): AuthField[] | undefined {
  const groups: { scheme: string; pieces: string[] }[] = [];
  for (const piece of splitOutside(value, CODE.comma) ?? ['']) {
    const scheme = splitLws(piece)[0] ?? '';
    const behind = trimLws(piece.slice(scheme.length));
    // `realm = "x"` is a parameter with blanks around its sign; `Digest realm="x"` begins a new challenge.
    const starts = isToken(scheme) && behind !== '' && behind.charCodeAt(0) !== CODE.equals;
    if (starts || (groups.length === 0 && isToken(scheme))) groups.push({ scheme, pieces: [behind] });
    else if (groups.length === 0) return undefined;
    else groups.at(-1)?.pieces.push(piece);
  }
  const out: AuthField[] = [];
  for (const { scheme, pieces } of groups) {
    const params = readParams(pieces);
    const lower = scheme.toLowerCase();
    if (params === undefined && lower === 'digest') return undefined;
    out.push({ scheme: lower, params: params ?? new Map(), text: pieces.join(',') });
  }
  return out;
}

function parseAuthParams(text: string): Params | undefined {
  const pieces = splitOutside(text, CODE.comma);
  return pieces === undefined ? undefined : readParams(pieces);
}

/** A second parameter of one name makes it malformed: which of two nonces was signed must not be a guess. */
function readParams(pieces: readonly string[]): Params | undefined {
  const out = new Map<string, string>();
  for (const piece of pieces) {
    if (piece === '') continue;
    const parsed = parseParam(piece);
    if (parsed === undefined || out.has(parsed[0])) return undefined;
    out.set(parsed[0], parsed[1]);
  }
  return out;
}
