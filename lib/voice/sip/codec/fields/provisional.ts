import { isToken, parseUint, splitLws } from '../text.ts';
import { single } from './field.ts';

/** RAck, RFC 3262 §7.2: which reliable provisional response a PRACK is for. */
export interface RAck {
  readonly rseq: number;
  readonly sequence: number;
  readonly method: string;
}

const NUMBER_MAX = 2 ** 32 - 1;

/** RSeq, RFC 3262 §7.1: 1 to 2³² − 1. */
export const RSEQ = single('rseq', (value) => parseUint(value, NUMBER_MAX) || undefined);

/** RFC 3262 §7.2: `776656 1 INVITE`. */
export const RACK = single('rack', (value): RAck | undefined => {
  const [first, second, method, ...more] = splitLws(value);
  const rseq = parseUint(first ?? '', NUMBER_MAX);
  const sequence = parseUint(second ?? '', NUMBER_MAX);
  if (rseq === undefined || sequence === undefined || more.length > 0) return undefined;
  return method === undefined || !isToken(method) ? undefined : { rseq, sequence, method };
});
