import type { Brand } from './brand.ts';

/** Money in millionths of a yen. Plain integers stay exact up to 9 billion yen. */
export type MicroYen = Brand<number, 'MicroYen'>;

/** Micro-yen in one yen. */
export const MICRO_YEN_PER_YEN = 1_000_000;

/** Yen, with at most six decimals, as micro-yen. Throws on anything inexact: that is a mistake of ours. */
export function yen(amount: number): MicroYen {
  const micro = Math.round(amount * MICRO_YEN_PER_YEN);
  if (!Number.isSafeInteger(micro) || Math.abs(micro / MICRO_YEN_PER_YEN - amount) > 1e-9) {
    throw new RangeError(`not an exact amount of micro-yen: ${amount}`);
  }
  return micro as MicroYen;
}

/** A whole number of micro-yen. */
export function microYen(amount: number): MicroYen {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not a whole number of micro-yen: ${amount}`);
  return amount as MicroYen;
}

/** For people: `8`, `17.5`, `0`. */
export function formatYen(amount: MicroYen): string {
  return String(amount / MICRO_YEN_PER_YEN);
}
