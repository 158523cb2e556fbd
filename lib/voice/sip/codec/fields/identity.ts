import { type NameAddr, parseNameAddr } from '../name-addr.ts';
import { CODE, isToken, splitOutside } from '../text.ts';
import { type Field, listed } from './field.ts';

/** P-Asserted-Identity, RFC 3325 §9.1: one address, or a `sip:` and a `tel:` one. */
export const P_ASSERTED_IDENTITY: Field<readonly NameAddr[]> = listed('p-asserted-identity', parseNameAddr);
/** P-Preferred-Identity, RFC 3325 §9.2. */
export const P_PREFERRED_IDENTITY: Field<readonly NameAddr[]> = listed('p-preferred-identity', parseNameAddr);
/** Diversion, RFC 5806 §5: newest first, each with `reason` and `counter` among its parameters. */
export const DIVERSION: Field<readonly NameAddr[]> = listed('diversion', parseNameAddr);

/** Privacy, RFC 3323 §4.2: `id;critical`. Words in lower case. */
export const PRIVACY: Field<ReadonlySet<string>> = {
  name: 'privacy',
  parse(values) {
    const out = new Set<string>();
    for (const value of values) {
      // RFC 3323 separates with semicolons; commas are seen in the wild and mean the same.
      for (const part of splitOutside(value, CODE.comma) ?? ['']) {
        for (const word of splitOutside(part, CODE.semicolon) ?? ['']) {
          if (!isToken(word)) return undefined;
          out.add(word.toLowerCase());
        }
      }
    }
    return out;
  },
};
