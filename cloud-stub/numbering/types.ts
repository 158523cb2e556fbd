import type { Instant } from '../../lib/base/clock.ts';
import type { NumberClass } from '../routing/types.ts';

/** What a prefix in front of the number asks for: nothing (the line's own setting), 184 withhold, 186 present. */
export type Privacy = 'asSet' | 'withhold' | 'present';

/**
 * Numbers inside a class with a meaning of their own: docomo's remote-control numbers [S3-005], SoftBank's numbers for
 * forwarding, voicemail and call notice [S3-006], ship telephones and satellite telephones [S3-013].
 */
export type SpecialNumber = 'docomoRemote' | 'softbankService' | 'ship' | 'satellite';

/** What the numbering plan says about a number at a moment. */
export interface Classified {
  readonly class: NumberClass;
  /** The number in national form, prefixes removed: `0355550123`. International ones keep `010`. */
  readonly national: string;
  /** It has exactly the digits that its class needs. */
  readonly complete: boolean;
  /** Whether the plan has it in use at that moment. 104 is `ended` from 2026-04-01. */
  readonly service: 'open' | 'ended' | 'notYet' | 'unassigned';
  readonly privacy: Privacy;
  /** A carrier's prefix that was dialled and dropped. */
  readonly droppedPrefix: string | null;
  /** Set for numbers inside a class that some products treat otherwise. */
  readonly special?: SpecialNumber;
  /** Requirement or ambiguity numbers that the answer rests on. */
  readonly facts: readonly string[];
  /** For a person, in one sentence. */
  readonly say: string;
}

/** One row of the plan. */
export interface PlanRow {
  /** Beginnings of national numbers, or whole numbers. */
  readonly numbers: readonly string[];
  readonly class: NumberClass;
  /** Total digits; `[from, to]` when they vary. */
  readonly digits: readonly [from: number, to: number];
  readonly facts: readonly string[];
  readonly name: string;
  readonly validFrom?: Instant;
  /** Exclusive. */
  readonly validUntil?: Instant;
  readonly special?: SpecialNumber;
  /** Set for ranges that the plan gives to nobody. */
  readonly unassigned?: true;
}
