import type { SipHeaders } from '../api.ts';
import type { Field } from './fields/field.ts';
import { CODE, splitOutside } from './text.ts';

/** Compact forms, RFC 3261 §7.3.3 and the registrations after it. */
const COMPACT: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

/** The lower-case long form of a header name. */
function headerKey(name: string): string {
  const lower = name.toLowerCase();
  return COMPACT.get(lower) ?? lower;
}

/** Headers of a message in the order of the wire; unknown ones kept as they came. Looked up by name in any form. */
export class Headers {
  readonly entries: SipHeaders;
  readonly #index: ReadonlyMap<string, readonly string[]>;

  constructor(entries: SipHeaders) {
    this.entries = entries;
    const index = new Map<string, string[]>();
    for (const [name, value] of entries) {
      const key = headerKey(name);
      const values = index.get(key);
      if (values === undefined) index.set(key, [value]);
      else values.push(value);
    }
    this.#index = index;
  }

  /** The first value, or undefined. */
  get(name: string): string | undefined {
    return this.#index.get(headerKey(name))?.[0];
  }

  /** All values, one for each line. */
  all(name: string): readonly string[] {
    return this.#index.get(headerKey(name)) ?? [];
  }

  /** All elements of a comma-separated header, over all its lines; empty elements left out. */
  list(name: string): string[] {
    return this.all(name)
      .flatMap((value) => splitOutside(value, CODE.comma) ?? [])
      .filter((item) => item !== '');
  }

  /**
   * The parsed content of a header, as one of the fields in `fields/` reads it: undefined when it is not there,
   * `'malformed'` when it is not what its grammar wants.
   */
  read<Value>(field: Field<Value>): Value | undefined | 'malformed' {
    const values = this.all(field.name);
    return values.length === 0 ? undefined : (field.parse(values) ?? 'malformed');
  }
}
