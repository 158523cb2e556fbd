import { type Params, parseParams } from '../params.ts';
import { isToken, trimLws } from '../text.ts';
import { type Field, listed, parseTokenParams, single, type TokenParams } from './field.ts';

/** `type/subtype;params`, RFC 3261 §20.15. */
export interface MediaType {
  /** `type/subtype`, lower case. */
  readonly type: string;
  readonly params: Params;
}

/** Content-Disposition, RFC 3261 §20.11. */
export interface Disposition {
  /** Lower case: `session`, `render`, `early-session`. */
  readonly kind: string;
  /** Whether a body that is not understood must be refused; `required` is the default. */
  readonly handling: 'required' | 'optional';
  readonly params: Params;
}

/** RFC 3261 §20.15, compact `c`. */
export const CONTENT_TYPE: Field<MediaType> = single('content-type', parseMediaType);
/** RFC 3261 §20.11. */
export const CONTENT_DISPOSITION: Field<Disposition> = single('content-disposition', (value) => {
  const parsed = parseTokenParams(value);
  if (parsed === undefined) return undefined;
  const optional = parsed.params.get('handling')?.toLowerCase() === 'optional';
  return { kind: parsed.token, handling: optional ? 'optional' : 'required', params: parsed.params };
});
/** RFC 3261 §20.12, compact `e`: the last coding applied is the last named. */
export const CONTENT_ENCODING: Field<readonly TokenParams[]> = listed('content-encoding', parseTokenParams);
/** RFC 3261 §20.1: ranges with `q` among their parameters. An empty header means nothing at all. */
export const ACCEPT: Field<readonly MediaType[]> = listed('accept', parseMediaType);

export function parseMediaType(value: string): MediaType | undefined {
  const semicolon = value.indexOf(';');
  const text = semicolon < 0 ? value : value.slice(0, semicolon);
  const slash = text.indexOf('/');
  const type = trimLws(text.slice(0, Math.max(0, slash)));
  const subtype = trimLws(text.slice(slash + 1));
  const params = parseParams(semicolon < 0 ? '' : value.slice(semicolon));
  if (!isToken(type) || !isToken(subtype) || params === undefined) return undefined;
  return { type: `${type}/${subtype}`.toLowerCase(), params };
}
