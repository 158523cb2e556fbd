import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/base/clock.ts';
import type { FactId, GatewayId } from '../../lib/base/ids.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import type { CallJournal } from '../calls/journal.ts';
import type { Health } from '../ports.ts';
import { ConfigFiles } from './config-files.ts';
import type { ConfigStore } from './config-store.ts';
import { openDatabase } from './database.ts';
import { machineDisk, type StoreDisk } from './disk.ts';
import type { FaxLog } from './fax-log.ts';
import type { Outbox } from './outbox.ts';
import { SqliteFaxLog } from './sqlite-fax-log.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { SqliteOutbox } from './sqlite-outbox.ts';
import { TroubleReport } from './trouble-report.ts';

export type { ConfigStore, KeptConfig, RolledBackConfig } from './config-store.ts';
export type { DiskFiles, StoreDisk } from './disk.ts';
export type { FaxEntry, FaxLog } from './fax-log.ts';
export { inspectConfig, inspectStore } from './inspect.ts';
export { OUTBOX_LIMIT, type Outbox } from './outbox.ts';

/** What must survive a power cut. One process at a time. */
export interface AgentStore {
  readonly journal: CallJournal;
  readonly outbox: Outbox;
  readonly faxes: FaxLog;
  readonly config: ConfigStore;
  /** Eight hex digits, new at every start: the middle of every fact id. */
  readonly boot: string;
  /** Raises in `health` what was found damaged so far, and raises and clears there what goes wrong later. */
  reportTo(health: Health): void;
  close(): void;
}

/**
 * Opens the store, or begins one. A damaged file is moved aside. Throws `StartupError` when the folder cannot be
 * written or another agent holds the store.
 */
export function openAgentStore(options: {
  /** The SQLite file; the configuration files lie beside it. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly gateway: GatewayId;
  /** Default: the machine's own. */
  readonly disk?: StoreDisk | undefined;
}): AgentStore {
  const { path, clock, gateway, disk = machineDisk } = options;
  const trouble = new TroubleReport();
  const { db, damage } = openDatabase(path, clock, disk);
  if (damage !== undefined) trouble.raise('store.damaged', damage);
  const boot = newBoot(db, clock, options.random);
  const onTrouble = (say: string | undefined): void => {
    if (say !== undefined) trouble.raise('store.write', say);
    else trouble.clear('store.write');
  };
  let sequence = 0;
  const nextId = (): FactId => `${gateway}/${boot}/${++sequence}` as FactId;
  const faxes = new SqliteFaxLog({ db, clock, nextId, onTrouble });
  const outbox = new SqliteOutbox(db, clock, faxes);
  const journal = new SqliteJournal({ db, outbox, clock, nextId, boot, onTrouble });
  return {
    journal,
    outbox,
    faxes,
    config: new ConfigFiles(
      dirname(path),
      gateway,
      (say) => trouble.raise('config.damaged', say),
      disk.files,
    ),
    boot,
    reportTo: (health) => trouble.forwardTo(health),
    close: () => db.close(),
  };
}

/** Starts kept in the table of boots, against a repeated boot id. */
const BOOTS_KEPT = 10_000;

/** A boot id that this store has never used: with it no fact id is ever made twice. */
function newBoot(db: DatabaseSync, clock: Clock, random: Random): string {
  const insert = db.prepare('INSERT OR IGNORE INTO boot (boot, started_at) VALUES (?, ?)');
  for (let tries = 0; tries < 100; tries++) {
    const boot = randomHex(random, 4);
    if (Number(insert.run(boot, clock.now()).changes) === 0) continue;
    db.prepare(
      'DELETE FROM boot WHERE boot IN (SELECT boot FROM boot ORDER BY started_at DESC LIMIT -1 OFFSET ?)',
    ).run(BOOTS_KEPT);
    return boot;
  }
  throw new Error('the generator gives the same boot id for ever');
}
