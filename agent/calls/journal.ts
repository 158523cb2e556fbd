import type { Instant } from '../../lib/base/clock.ts';
import type { CallId, FactId } from '../../lib/base/ids.ts';
import type { BoxRecord, EndReason } from '../../lib/contract/facts.ts';

/** What is known when a leg starts. */
export interface LegStart {
  readonly call: CallId;
  readonly direction: BoxRecord['direction'];
  readonly line: number;
  readonly serviceId: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: Instant;
}

/** How a leg ended. */
export interface LegEnd {
  readonly endedAt: Instant;
  readonly talkMs: number;
  readonly end: EndReason;
  readonly because: string;
  readonly interrupted: boolean;
  readonly media: BoxRecord['media'];
}

/** A leg that an earlier run of the agent began and did not end. */
export interface UnfinishedLeg {
  readonly id: FactId;
  readonly start: LegStart;
  readonly answeredAt: Instant | null;
  /** What `keep` last stored, parsed. */
  readonly kept: unknown;
  /** Last heartbeat before the run ended. */
  readonly lastSeenAt: Instant;
}

/**
 * Where call records begin and end (decision 10). Every call returns only after the row is synced to disk, so that a
 * power cut at any moment still yields one record.
 */
export interface CallJournal {
  /** Before the call is offered to the other side, and so before any answer is signalled. */
  begin(start: LegStart): FactId;
  answered(id: FactId, at: Instant): void;
  /** Keeps what a later run needs to adopt the call: small JSON, replaced whole. */
  keep(id: FactId, adoptable: unknown): void;
  /** Moves the leg to the outbox, in one transaction. */
  end(id: FactId, end: LegEnd): void;
  /** Marks all open legs as still alive. Called every 5 s while there are any. */
  heartbeat(at: Instant): void;
  /** Open legs of earlier runs; each must be adopted or ended by the caller. */
  unfinished(): readonly UnfinishedLeg[];
}
