import type { Clock } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Random } from '../../lib/base/random.ts';
import type { CallJournal } from '../calls/journal.ts';
import type { ConfigStore } from './config-store.ts';
import type { Outbox } from './outbox.ts';

export type { ConfigStore, KeptConfig } from './config-store.ts';
export type { Outbox, OutboxCounters } from './outbox.ts';

/** Something that the store survived; `code` is one of the health registry. */
export interface StoreWarning {
  readonly code: string;
  readonly say: string;
}

/** What must survive a power cut. One process at a time. */
export interface AgentStore {
  readonly journal: CallJournal;
  readonly outbox: Outbox;
  readonly config: ConfigStore;
  /** Eight hex digits, new at every start: the middle of every fact id. */
  readonly boot: string;
  /** Told of damage found at the opening (at once, when the listener is added) and of writes that fail later. */
  onWarning(listener: (warning: StoreWarning) => void): void;
  close(): void;
}

/**
 * Opens the store, or begins one. A damaged file is moved aside. Throws `StartupError` when the folder cannot be
 * written or another agent holds the store.
 */
export function openAgentStore(_options: {
  /** The SQLite file; the configuration files lie beside it. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly gateway: GatewayId;
}): AgentStore {
  throw new Error('not built yet');
}
