import { parseParam } from '../codec/params.ts';
import { CODE, isToken, splitOutside } from '../codec/text.ts';

/** One challenge or one set of credentials: a scheme and its parameters. */
export interface AuthHeader {
  /** Lower case. */
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/**
 * Reads WWW-Authenticate, Proxy-Authenticate, Authorization and Proxy-Authorization values. Several challenges may
 * share a line (RFC 7235 §2.1). Malformed ones are left out; at most 16 come back.
 */
export function parseAuthHeaders(values: readonly string[]): AuthHeader[] {
  const out: AuthHeader[] = [];
  for (const value of values.slice(0, 16)) {
    let params: Map<string, string> | undefined;
    for (const piece of splitOutside(value, CODE.comma) ?? []) {
      const gap = piece.indexOf(' ');
      const scheme = gap < 0 ? '' : piece.slice(0, gap);
      const starts = isToken(scheme) && !piece.slice(gap).trimStart().startsWith('=');
      if (starts && out.length < 16) {
        params = new Map();
        out.push({ scheme: scheme.toLowerCase(), params });
      }
      const param = parseParam(starts ? piece.slice(gap + 1) : piece);
      if (param !== undefined && params !== undefined && !params.has(param[0]))
        params.set(param[0], param[1]);
    }
  }
  return out;
}
