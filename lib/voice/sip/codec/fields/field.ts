import { type Params, parseParams } from '../params.ts';
import { CODE, isToken, parseUint, splitOutside, trimLws } from '../text.ts';

/**
 * How one header is read. A message is sound before it gets here, but the headers that not every element needs are read
 * only by those who ask: RFC 3261 §8.2 wants a malformed one of them ignored or answered with 400, as its reader likes.
 */
export interface Field<Value> {
  /** Long form, lower case. */
  readonly name: string;
  /** `values` has one string for each line of the header, at least one. Undefined: malformed. Never throws. */
  parse(values: readonly string[]): Value | undefined;
}

/** A token with parameters: `refer;id=93809823`. */
export interface TokenParams {
  /** Lower case. */
  readonly token: string;
  readonly params: Params;
}

/** A header that may stand there once. */
export function single<Value>(name: string, parse: (value: string) => Value | undefined): Field<Value> {
  return {
    name,
    parse: ([value, ...more]) => (value === undefined || more.length > 0 ? undefined : parse(value)),
  };
}

/** A comma-separated header over any number of lines; empty elements are left out (RFC 3261 §7.3.1). */
export function listed<Item>(
  name: string,
  parse: (piece: string) => Item | undefined,
): Field<readonly Item[]> {
  return {
    name,
    parse(values) {
      const out: Item[] = [];
      for (const value of values) {
        const pieces = splitOutside(value, CODE.comma);
        if (pieces === undefined) return undefined;
        for (const piece of pieces) {
          if (piece === '') continue;
          const item = parse(piece);
          if (item === undefined) return undefined;
          out.push(item);
        }
      }
      return out;
    },
  };
}

/** `token *(;param)`. */
export function parseTokenParams(text: string): TokenParams | undefined {
  const semicolon = text.indexOf(';');
  const token = trimLws(semicolon < 0 ? text : text.slice(0, semicolon));
  const params = parseParams(semicolon < 0 ? '' : text.slice(semicolon));
  return !isToken(token) || params === undefined ? undefined : { token: token.toLowerCase(), params };
}

/** A parameter that is a number: undefined when it is not there, `'malformed'` when it is something else. */
export function numberParam(params: Params, name: string, max: number): number | undefined | 'malformed' {
  const text = params.get(name);
  return text === undefined ? undefined : (parseUint(text, max) ?? 'malformed');
}

/** Largest number of seconds in any header, RFC 3261 §20.19. */
export const SECONDS_MAX = 2 ** 32 - 1;
