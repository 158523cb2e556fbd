/** An alteration that no test can notice, because the program does the same. */
interface Equivalent {
  readonly path: string;
  /** What stands in the altered line. */
  readonly line: string;
  /** The alteration as the report shows it. */
  readonly what: string;
  readonly why: string;
}

const EQUIVALENT: readonly Equivalent[] = [
  {
    path: 'cloud-stub/billing/usage.ts',
    line: "throw new Error('a group of usage is never empty')",
    what: '(first === undefined) → (false && (first === undefined))',
    why: 'a group is made by its first member; the line is there for the compiler',
  },
  {
    path: 'cloud-stub/billing/period.ts',
    line: 'japanDate(instant(until - 1))',
    what: '1 → 2',
    why: 'one and two milliseconds before midnight are the same day',
  },
  {
    path: 'cloud-stub/rating/units.ts',
    line: 'talkMs <= 0 ? 0 : Math.ceil(talkMs / unitMs)',
    what: '<= → <',
    why: 'the ceiling of 0 units is 0 as well',
  },
  {
    path: 'cloud-stub/contracts/orders/parts.ts',
    line: 'if (wish === undefined) return undefined;',
    what: '(wish === undefined) → (false && (wish === undefined))',
    why: 'what is not said reads as the word "undefined", which is no day either',
  },
];

/** Whether an alteration is one of the list. */
export function isEquivalent(path: string, lineText: string, what: string): boolean {
  return EQUIVALENT.some((one) => one.path === path && one.what === what && lineText.includes(one.line));
}
