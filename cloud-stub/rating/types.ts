import type { Instant } from '../../lib/base/clock.ts';
import type { MicroYen } from '../../lib/base/units.ts';
import type { DeviceClass, NumberClass, TraceLine } from '../routing/types.ts';

/** The far end as a price sees it; a payphone shows only as a caller of toll-free numbers. [S0-051] */
export type RatedFarEnd = NumberClass | 'payphone';

/**
 * `out`: a device calls. `in`: the caller pays. `internal`: inside the office. `forwarded`: the leg to a forwarding
 * target or to an outside member of a group [S0-047] [S1-005]; `forwardedToAnswering`: to the operators [S0-052].
 * `tollFreeIn`: the office pays by the caller's class [S0-051].
 */
export type CallKind = 'out' | 'in' | 'internal' | 'forwarded' | 'forwardedToAnswering' | 'tollFreeIn';

/** The facts of one call, or of one leg, that decide its price. */
export interface RatableCall {
  readonly kind: CallKind;
  /** The device that calls out; ignored otherwise. */
  readonly device: DeviceClass;
  /** Class of the far end: of the dialled number, of the forwarding target, of the toll-free caller. */
  readonly destination: RatedFarEnd;
  /** The time of answer decides period and tariff; null when nobody answered. */
  readonly answeredAt: Instant | null;
  /** Talk time in ms, answer to release. */
  readonly talkMs: number;
  /** The far end in national form; prices that hold for single numbers (104) look at it. [S0-049] [S3-033] */
  readonly number?: string;
  /** The ID that calls: its ten free minutes count. [S0-016] */
  readonly id?: string;
  /** When it began to ring; only the other reading of a call across a change asks. */
  readonly startedAt?: Instant;
  /** When the network let the call go: where it is known, the charge runs until then. [S3-051] */
  readonly networkReleasedAt?: Instant;
  /**
   * The far end's provider is called free of charge. Routing says so, by the operator's one list
   * (`partners.free` of its policy); rating keeps none. [S3-033] [S3-035]
   */
  readonly freePartner?: boolean;
}

/** One fax job. A fax machine on an adapter makes calls, not fax jobs. */
export interface RatableFax {
  readonly kind: 'fax';
  readonly direction: 'send' | 'receive';
  /** The free sheets cover what the app sends; a browser or a machine pays. [S0-104] */
  readonly client: 'app' | 'browser' | 'machine';
  readonly id: string;
  readonly answeredAt: Instant | null;
  readonly talkMs: number;
  /** Pages that the job set out to send. */
  readonly pages: number;
  /** Pages that the far machine confirmed. */
  readonly pagesConfirmed: number;
}

/** One message that the answer bot of a number took. [S0-023] */
export interface RatableBotItem {
  readonly kind: 'botItem';
  readonly number: string;
  readonly at: Instant;
}

/** One call that an operator answered. [S0-028] */
export interface RatableAnswer {
  readonly kind: 'answeredCall';
  readonly number: string;
  readonly at: Instant;
  /** A sales call that the operator turned away. [S0-155] */
  readonly refusedSales: boolean;
}

/** One printing of a toll-free number in a directory. [S2-012] */
export interface RatableListing {
  readonly kind: 'listing';
  readonly number: string;
  /** Which printing: `2025-10`. */
  readonly issue: string;
  readonly at: Instant;
}

/** Everything that is charged by use. */
export type RatableUsage = RatableCall | RatableFax | RatableBotItem | RatableAnswer | RatableListing;

/** Usage categories: one line each on an invoice. */
export type UsageCategory =
  | 'deviceCalls'
  | 'appCalls'
  | 'forwardedLegs'
  | 'cloudFax'
  | 'botBlocks'
  | 'answeringCalls'
  | 'ip050Calls'
  | 'groupForwarding'
  | 'tollFreeIn'
  | 'free';

/** `unitMs` of a price per call: the first unit never ends. */
export const WHOLE_CALL_MS = Number.MAX_SAFE_INTEGER;

/** What every usage price of a tariff has. */
interface PriceRow {
  readonly item: string;
  readonly facts: readonly string[];
  readonly pricePerUnit: MicroYen;
  readonly category: UsageCategory;
  readonly validFrom: Instant;
  /** Exclusive; null while open. */
  readonly validUntil: Instant | null;
}

/** One price of the catalogue for calls. */
export interface CallPrice extends PriceRow {
  readonly device: DeviceClass | 'any';
  readonly destinations: readonly RatedFarEnd[];
  /** When given, the price holds only for these numbers of the classes. */
  readonly numbers?: readonly string[];
  readonly unitMs: number;
  /** Absent: `out`. */
  readonly direction?: Exclude<CallKind, 'in' | 'internal'>;
  /** The ten free minutes of an ID may cover it. [S0-048] [S0-093] */
  readonly tenMinutes?: boolean;
  /** Holds only for far ends of which this is known. [S3-033] */
  readonly only?: 'freePartner';
}

/** One price of the catalogue for faxes and for what is counted by the piece. */
export interface UsePrice extends PriceRow {
  readonly use: 'faxSend' | 'faxReceive' | 'botItem' | 'answeredCall' | 'listing';
  /** Faxes: the length of a unit. */
  readonly unitMs: number;
  /** Pieces in a block; 1 when each is charged by itself. */
  readonly blockSize: number;
  /** Free pieces that come with the price itself, where no option brings them. */
  readonly included: number;
}

/** Prices of one product, as data. */
export interface Tariff {
  readonly name: string;
  readonly prices: readonly CallPrice[];
  readonly uses?: readonly UsePrice[];
}

/** What is included in a fee, by period or by call; in a trial everything is. [S4-003] */
export type IncludedUse = 'secondsPerCall' | 'faxSheets' | 'botItems' | 'answeredCalls' | 'trialDays';

/** Where an allowance keeps what holds for the whole contract. */
export const WHOLE_CONTRACT = '*';

/** An option that changes a price, with when it is held: once it is taken away, its time is over. */
export interface Grant {
  readonly item: string;
  readonly facts: readonly string[];
  readonly of: IncludedUse;
  readonly count: number;
  readonly from: Instant;
  /** Exclusive; null while it is held. */
  readonly until: Instant | null;
}

/** What one contract may use free of charge in one period, and how much of that is used up. Plain data: a new one each time. */
export interface Allowance {
  /** By the ID or number that holds the option; {@link WHOLE_CONTRACT} for a trial. */
  readonly grants: Readonly<Record<string, readonly Grant[]>>;
  /** Pieces used so far, by counter: `faxSheets id-000001-1`. */
  readonly used: Readonly<Record<string, number>>;
}

/** What a call, fax or piece costs. */
export interface Charge {
  readonly amount: MicroYen;
  readonly units: number;
  readonly item: string;
  readonly category: UsageCategory;
}

/** Why something cannot be rated. `badCall`: the facts cannot be true (a negative or endless length). */
export type RatingProblem = 'rating.noPrice' | 'rating.badCall';

/** A charge and why, or why there is no price. */
export type Rating =
  | { readonly ok: true; readonly charge: Charge; readonly trace: readonly TraceLine[] }
  | {
      readonly ok: false;
      readonly code: RatingProblem;
      readonly say: string;
      readonly trace: readonly TraceLine[];
    };

/** A {@link Rating} and what is left of the allowance after it. A refusal uses nothing up. */
export type UsageRating = Rating & { readonly allowance: Allowance };
