import type { OpenOrClosed } from './features.ts';
import type { TimeTable } from './time-table.ts';
import type { Held } from './types.ts';

/** An area that callers are in. Names as the numbering room writes them. [S2-021] */
export type OriginArea =
  | { readonly area: 'japan' }
  | { readonly area: 'region'; readonly name: string }
  | { readonly area: 'prefecture'; readonly name: string }
  | { readonly area: 'chargeArea'; readonly name: string };

/** One number that answers toll-free calls: the contract's own, or a line outside. */
export interface AnswerNumber {
  readonly number: string;
  /** When it is open; null: always. After-hours guidance goes by this. [S2-035] [S2-043] */
  readonly hours: TimeTable<OpenOrClosed> | null;
}

/** How a group picks one of its answer numbers. */
export type Distribution =
  /** The first one; the rest only by detour. */
  | { readonly by: 'order' }
  /** In exact ratios; percentages add up to 100. [S2-033] */
  | {
      readonly by: 'percentage';
      readonly shares: readonly { readonly number: string; readonly percent: number }[];
    };

/** The answer numbers for callers of some areas. [S2-031] [S2-040] */
export interface AnswerGroup {
  readonly id: string;
  /** `rest`: accepted callers that no other group takes; at most one group is that. */
  readonly origins: 'rest' | readonly OriginArea[];
  /** Takes mobile callers of its areas; one group a prefecture when it is split by charge area. [S2-022] [S2-041] */
  readonly mobile: boolean;
  /** Numbers of {@link TollFreeNumber.answerNumbers}; the first is the one that is rung. */
  readonly numbers: readonly string[];
  readonly distribution: Distribution;
  /** Where a call goes when the number is busy, in order; empty: nowhere. Excludes percentages. [S2-032] [S2-042] */
  readonly busyDetour: readonly string[];
  /** Other answer numbers at set times; null in the table: no change. [S2-034] */
  readonly destinationChange: TimeTable<readonly string[] | null> | null;
}

/** Who hears that a connection is toll-free. [S2-024] */
export interface TollFreeGuidance {
  readonly connection: 'nobody' | 'caller' | 'callee' | 'both';
  /** Callers from outside the accepted areas hear why. [S2-025] */
  readonly restriction: boolean;
  /** Closed: the guidance plays twice and the call is cut. [S2-035] [S2-037] */
  readonly afterHours: boolean;
}

/** A toll-free number: the callee pays. [S0-145] [S2-017] */
export interface TollFreeNumber {
  readonly number: string;
  readonly prefix: '0120' | '0800';
  readonly portedIn: boolean;
  readonly held: Held;
  /** Specific number notification: contracted through an option; switched on by 135-1, off by 135-0. [S2-014] [S2-015] */
  readonly presents: boolean;
  /** Callers that are let in. [S2-020] [S2-021] */
  readonly accepts: readonly OriginArea[];
  readonly acceptsMobile: boolean;
  readonly guidance: TollFreeGuidance;
  readonly answerNumbers: readonly AnswerNumber[];
  readonly groups: readonly AnswerGroup[];
}

/** A toll-free number that takes everybody and rings one number. */
export function plainTollFree(number: string, answeredBy: string, held: Held): TollFreeNumber {
  return {
    number,
    prefix: number.startsWith('0800') ? '0800' : '0120',
    portedIn: false,
    held,
    presents: false,
    accepts: [{ area: 'japan' }],
    acceptsMobile: true,
    guidance: { connection: 'nobody', restriction: true, afterHours: false },
    answerNumbers: [{ number: answeredBy, hours: null }],
    groups: [
      {
        id: 'all',
        origins: 'rest',
        mobile: true,
        numbers: [answeredBy],
        distribution: { by: 'order' },
        busyDetour: [],
        destinationChange: null,
      },
    ],
  };
}
