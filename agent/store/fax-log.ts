import type { FaxFact } from '../../lib/contract/facts.ts';

/** Faxes that the box remembers for people to look at, whether the cloud has them or not. */
export const FAX_LOG_LIMIT = 1_000;

/** A fax without the id that the store gives it. */
export type FaxEntry = Omit<FaxFact, 'id'>;

/** The faxes of this box: a log for people, and facts that wait for the cloud. */
export interface FaxLog {
  /** On disk when this returns; a disk that refuses it is a warning (`store.write`) and never ends a call. */
  write(entry: FaxEntry): void;
  /** The newest ones, newest first. */
  list(limit: number): readonly FaxFact[];
  /** Told after a fax was written. */
  onAdded(listener: () => void): void;
}
