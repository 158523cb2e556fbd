import type { CallPrice, Grant, RatingProblem, UsePrice } from './types.ts';

/** Why something costs nothing without a price being asked. */
export type FreeRule = 'unanswered' | 'internal' | 'incoming' | 'failedFax' | 'trial';

/** What the price of one use is and what it rests on; the sentences are made from it, only when they are wanted. */
export type Outcome =
  | { readonly how: 'refused'; readonly code: RatingProblem }
  | { readonly how: 'free'; readonly rule: FreeRule; readonly amount: 0 }
  /** By time: `chargedMs` of the talk after what an option made free. */
  | {
      readonly how: 'timed';
      readonly price: CallPrice;
      readonly amount: number;
      readonly units: number;
      readonly talkMs: number;
      readonly chargedMs: number;
      readonly grant: Grant | undefined;
    }
  /** By the time of a fax: that of `chargedPages` of all. */
  | {
      readonly how: 'fax';
      readonly price: UsePrice;
      readonly amount: number;
      readonly units: number;
      readonly chargedPages: number;
      readonly grant: Grant | undefined;
      readonly countedAs: string;
      readonly on: string;
      readonly before: number;
      readonly pieces: number;
    }
  /** By the piece: this one is number `before + 1`. */
  | {
      readonly how: 'counted';
      readonly price: UsePrice;
      readonly amount: number;
      readonly units: number;
      readonly included: number;
      readonly grant: Grant | undefined;
      readonly countedAs: string;
      readonly on: string;
      readonly before: number;
      readonly pieces: number;
    };

export const refusedBad: Outcome = { how: 'refused', code: 'rating.badCall' };
export const refusedUnpriced: Outcome = { how: 'refused', code: 'rating.noPrice' };

/** An outcome that costs nothing. */
export function freeOutcome(rule: FreeRule): Outcome {
  return { how: 'free', rule, amount: 0 };
}
