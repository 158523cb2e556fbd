import type { Instant } from '../../lib/base/clock.ts';
import type { MicroYen } from '../../lib/base/units.ts';
import type { DeviceClass, NumberClass, TraceLine } from '../routing/types.ts';

/** The facts of one call that decide its price. */
export interface RatableCall {
  readonly kind: 'out' | 'in' | 'internal';
  readonly device: DeviceClass;
  /** Class of the far end for `out`; ignored otherwise. */
  readonly destination: NumberClass;
  /** The time of answer decides period and tariff; null when nobody answered. */
  readonly answeredAt: Instant | null;
  /** Talk time in ms, answer to release. */
  readonly talkMs: number;
  /** The far end in national form; only prices that hold for single numbers look at it (104). [S0-049] */
  readonly number?: string;
}

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

/** One price of the catalogue for calls. */
export interface CallPrice {
  readonly item: string;
  readonly facts: readonly string[];
  readonly device: DeviceClass | 'any';
  readonly destinations: readonly NumberClass[];
  /** When given, the price holds only for these numbers of the classes. */
  readonly numbers?: readonly string[];
  readonly unitMs: number;
  readonly pricePerUnit: MicroYen;
  readonly category: UsageCategory;
  readonly validFrom: Instant;
  /** Exclusive; null while open. */
  readonly validUntil: Instant | null;
}

/** Prices of one product, as data. */
export interface Tariff {
  readonly name: string;
  readonly prices: readonly CallPrice[];
}

/** What a call costs. */
export interface Charge {
  readonly amount: MicroYen;
  readonly units: number;
  readonly item: string;
  readonly category: UsageCategory;
}

/** A charge and why, or why there is no price. */
export type Rating =
  | { readonly ok: true; readonly charge: Charge; readonly trace: readonly TraceLine[] }
  | {
      readonly ok: false;
      /** `badCall`: the facts cannot be true (a negative or endless length). */
      readonly code: 'rating.noPrice' | 'rating.badCall';
      readonly say: string;
      readonly trace: readonly TraceLine[];
    };
