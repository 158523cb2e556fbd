import type { Instant } from '../../lib/base/clock.ts';
import type { BoxRecord, FaxFact } from '../../lib/contract/facts.ts';

/** Most records that wait; the next ones are counted and thrown away, never the older ones. */
export const OUTBOX_LIMIT = 50_000;

/** Counters since the store was begun; they outlive restarts. */
export interface OutboxCounters {
  readonly acknowledged: number;
  /** Not kept because the outbox was full. */
  readonly dropped: number;
  /** Set aside because the row on disk was unreadable. */
  readonly damaged: number;
}

/** Call records and faxes that the cloud has not committed yet. A row dies only in `acknowledge` (decision 9). */
export interface Outbox {
  size(): number;
  /** When the oldest one was put in, or null. */
  oldestAt(): Instant | null;
  /** The oldest records, at most `limit`; the same ones until they are acknowledged. */
  next(limit: number): readonly BoxRecord[];
  /** The oldest faxes, likewise. */
  nextFaxes(limit: number): readonly FaxFact[];
  /** Forgets what the cloud has committed; ids that are not waiting are ignored. Returns how many rows died. */
  acknowledge(ids: readonly string[]): number;
  /** Told after a record or a fax was put in. */
  onAdded(listener: () => void): void;
  counters(): OutboxCounters;
}
