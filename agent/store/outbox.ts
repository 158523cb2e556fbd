import type { Instant } from '../../lib/base/clock.ts';
import type { BoxFact } from '../../lib/contract/box-facts.ts';
import type { BoxRecord, FaxFact } from '../../lib/contract/facts.ts';
import type { OutCall } from './acknowledged-calls.ts';
import type { ReserveState } from './reserve.ts';

/**
 * Records that may wait. Space for them is set aside on the disk. When they are so many, no more outside calls are begun but to
 * emergency numbers: a record that is made is never thrown away.
 */
export const OUTBOX_LIMIT = 50_000;

/** Counters since the store was begun; they outlive restarts. */
export interface OutboxCounters {
  readonly acknowledged: number;
  /** Facts other than records and faxes that were pushed out by newer ones. */
  readonly dropped: number;
  /** Set aside because the row on disk was unreadable. */
  readonly damaged: number;
}

/** Call records, faxes and other facts that the cloud has not committed yet. A row dies only in `acknowledge` (decision 9). */
export interface Outbox {
  size(): number;
  /** When the oldest one was put in, or null. */
  oldestAt(): Instant | null;
  /** The oldest records, at most `limit`; the same ones until they are acknowledged. */
  next(limit: number): readonly BoxRecord[];
  /** The oldest faxes, likewise. */
  nextFaxes(limit: number): readonly FaxFact[];
  /** The oldest other facts, likewise. */
  nextFacts(limit: number): readonly BoxFact[];
  /** Forgets what the cloud has committed; ids that are not waiting are ignored. Returns how many rows died. */
  acknowledge(ids: readonly string[]): number;
  /** Told after a record or a fax was put in. */
  onAdded(listener: () => void): void;
  counters(): OutboxCounters;
  /** Why the record of another call could not be kept; undefined while it can. */
  noRoom(): string | undefined;
  /** Answered calls out that the service may not have reckoned: those whose records wait, and those that are remembered. */
  unreckoned(): Iterable<OutCall>;
  /** Whether answered calls out are remembered when they are acknowledged. Not at first; no: what was is forgotten. */
  keepAcknowledged(on: boolean): void;
  /** Forgets those that were acknowledged before `at`. Never throws; what the disk does not let go stays until the next time. */
  reckoned(at: number): void;
  /** How much disk space is set aside for records. */
  reserve(): ReserveState;
}

/** Single texts that outlive a restart. */
export interface StoreTexts {
  read(name: string): string | undefined;
  /** Never throws; what the disk refuses is forgotten at the next start. */
  write(name: string, text: string): void;
}
