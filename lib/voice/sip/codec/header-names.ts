/**
 * Names that have a number, in their usual spelling. The first 32 are those that every message is asked about: a bit
 * mask answers for them. Behind a name stands its compact form (RFC 3261 §7.3.3 and the registrations after it).
 */
const NAMES: readonly (readonly [name: string, compact?: string])[] = [
  ['Via', 'v'],
  ['From', 'f'],
  ['To', 't'],
  ['Call-ID', 'i'],
  ['CSeq'],
  ['Max-Forwards'],
  ['Content-Length', 'l'],
  ['Content-Type', 'c'],
  ['Contact', 'm'],
  ['Expires'],
  ['Date'],
  ['Route'],
  ['Record-Route'],
  ['Require'],
  ['Proxy-Require'],
  ['Supported', 'k'],
  ['Reason'],
  ['Accept'],
  ['Authorization'],
  ['Proxy-Authorization'],
  ['WWW-Authenticate'],
  ['Proxy-Authenticate'],
  ['Content-Encoding', 'e'],
  ['Event', 'o'],
  ['Refer-To', 'r'],
  ['Session-Expires', 'x'],
  ['Min-SE'],
  ['RSeq'],
  ['RAck'],
  ['Replaces'],
  ['P-Asserted-Identity'],
  ['Privacy'],
  // From here on without a bit.
  ['Accept-Contact', 'a'],
  ['Alert-Info'],
  ['Allow'],
  ['Allow-Events', 'u'],
  ['Content-Disposition'],
  ['Identity', 'y'],
  ['Identity-Info', 'n'],
  ['Min-Expires'],
  ['P-Preferred-Identity'],
  ['Referred-By', 'b'],
  ['Reject-Contact', 'j'],
  ['Request-Disposition', 'd'],
  ['Retry-After'],
  ['Server'],
  ['Subject', 's'],
  ['Subscription-State'],
  ['User-Agent'],
  ['Warning'],
];

/** Every usual way to write a known name. */
const NUMBERS = new Map<string, number>();
for (const [number, [name, compact]] of NAMES.entries()) {
  NUMBERS.set(name, number).set(name.toLowerCase(), number);
  if (compact !== undefined) NUMBERS.set(compact, number).set(compact.toUpperCase(), number);
}

/** The number of a known name in any case and form, or the lower-case name itself. */
export function nameId(name: string): number | string {
  const number = NUMBERS.get(name);
  if (number !== undefined) return number;
  const lower = name.toLowerCase();
  return NUMBERS.get(lower) ?? lower;
}

/** The known names, and their compact forms, by their length: few to compare with, and no new string for any of them. */
const BY_LENGTH: { readonly name: string; readonly id: number }[][] = [];
for (const [id, [name, compact]] of NAMES.entries()) {
  for (const usual of compact === undefined ? [name] : [name, compact]) {
    const some = BY_LENGTH[usual.length] ?? [];
    BY_LENGTH[usual.length] = some;
    some.push({ name: usual, id });
  }
}

/** The known name that stands in a text from `from` to `to` in its usual spelling: then it is a token for certain. */
export function usualName(
  text: string,
  from: number,
  to: number,
): { readonly name: string; readonly id: number } | undefined {
  const some = BY_LENGTH[to - from];
  if (some === undefined) return undefined;
  const first = text.charCodeAt(from);
  for (const one of some) {
    if (one.name.charCodeAt(0) === first && text.startsWith(one.name, from)) return one;
  }
  return undefined;
}

/** The usual spelling of a numbered name. */
export function nameOf(number: number): string {
  return NAMES[number]?.[0] ?? '';
}

/** The bits of some names that have one. */
export function nameMask(...names: readonly string[]): number {
  let mask = 0;
  for (const name of names) {
    const id = nameId(name);
    if (typeof id !== 'number' || id > 31) throw new Error(`${name} has no bit`);
    mask |= 1 << id;
  }
  return mask;
}
