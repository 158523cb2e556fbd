import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/base/clock.ts';
import type { FactId, GatewayId } from '../../lib/base/ids.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import type { CallJournal } from '../calls/journal.ts';
import type { Health } from '../ports.ts';
import type { CommandMemory } from './command-memory.ts';
import { ConfigFiles } from './config-files.ts';
import type { ConfigStore } from './config-store.ts';
import { diskTrouble, openDatabase } from './database.ts';
import { machineDisk, type StoreDisk } from './disk.ts';
import type { FactBox } from './fact-box.ts';
import type { FaxLog } from './fax-log.ts';
import type { Outbox, StoreTexts } from './outbox.ts';
import { isFull, Reserve } from './reserve.ts';
import { freeBytesOf, leaveSpare, ReserveKeeper, takeSpare } from './reserve-keeper.ts';
import { SqliteCommandMemory } from './sqlite-command-memory.ts';
import { SqliteFactBox } from './sqlite-fact-box.ts';
import { SqliteFaxLog } from './sqlite-fax-log.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { SqliteOutbox } from './sqlite-outbox.ts';
import { SqliteTexts } from './sqlite-texts.ts';
import { TroubleReport } from './trouble-report.ts';

export { knowsTime } from './clock-mark.ts';
export type { CommandMemory } from './command-memory.ts';
export { isNamed } from './config-files.ts';
export type { ConfigStore, KeptConfig } from './config-store.ts';
export type { DiskFiles, StoreDisk } from './disk.ts';
export type { FactBox, FactEntry } from './fact-box.ts';
export type { FaxEntry, FaxLog } from './fax-log.ts';
export { inspectConfig, inspectStore } from './inspect.ts';
export { OUTBOX_LIMIT, type Outbox, type StoreTexts } from './outbox.ts';

/** What must survive a power cut. One process at a time. */
export interface AgentStore {
  readonly journal: CallJournal;
  readonly outbox: Outbox;
  readonly faxes: FaxLog;
  /** What else the service is told: warnings, states, figures. */
  readonly facts: FactBox;
  readonly texts: StoreTexts;
  readonly commands: CommandMemory;
  readonly config: ConfigStore;
  /** Eight hex digits, new at every start: the middle of every fact id. */
  readonly boot: string;
  /** Raises in `health` what was found damaged so far, and raises and clears there what goes wrong later. */
  reportTo(health: Health): void;
  close(): void;
}

/**
 * Opens the store, or begins one. A damaged file is moved aside; a disk that is full, broken or read-only is a store in memory.
 * Throws `StartupError` when the agent may not write the folder or another agent holds the store.
 */
export function openAgentStore(options: {
  /** The SQLite file; the configuration files lie beside it. */
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly gateway: GatewayId;
  /** Records for which disk space is set aside, {@link OUTBOX_LIMIT} in a box. Default: none. */
  readonly setAside?: number | undefined;
  /** Default: the machine's own. */
  readonly disk?: StoreDisk | undefined;
}): AgentStore {
  const { path, clock, gateway, disk = machineDisk, setAside = 0 } = options;
  const trouble = new TroubleReport();
  takeSpare(disk.files, path);
  const { db, damage, inMemory } = openDatabase(path, clock, disk);
  if (inMemory !== undefined) trouble.raise('store.memory', `The store is in memory alone: ${inMemory}.`);
  if (damage !== undefined) trouble.raise('store.damaged', damage);
  // Memory is not what is to be set aside.
  const room = inMemory === undefined ? setAside : 0;
  const reserve = new Reserve(db, room);
  const boot = newBoot(db, clock, options.random, reserve);
  reserve.lengthenJournal();
  const onTrouble = (say: string | undefined): void => {
    if (say !== undefined) trouble.raise('store.write', say);
    else trouble.clear('store.write');
  };
  let sequence = 0;
  const nextId = (): FactId => `${gateway}/${boot}/${++sequence}` as FactId;
  const faxes = new SqliteFaxLog({ db, clock, nextId, reserve, onTrouble });
  const facts = new SqliteFactBox(db, clock, nextId);
  const limit = setAside > 0 ? setAside : undefined;
  const outbox = new SqliteOutbox({ db, clock, faxes, facts, reserve, limit });
  const journal = new SqliteJournal({ db, outbox, clock, nextId, boot, onTrouble });
  const keeper = new ReserveKeeper({
    ...{ reserve, clock, trouble, waiting: () => outbox.records() },
    freeBytes: () => freeBytesOf(dirname(path)),
  });
  if (room > 0) keeper.start();
  return {
    journal,
    outbox,
    faxes,
    facts,
    texts: new SqliteTexts(db, reserve),
    commands: new SqliteCommandMemory(db, clock, reserve),
    config: new ConfigFiles(
      dirname(path),
      gateway,
      (say) => trouble.raise('config.damaged', say),
      disk.files,
    ),
    boot,
    reportTo: (health) => trouble.forwardTo(health),
    close() {
      journal.stop();
      keeper.stop();
      const held = reserve.state(0).heldBytes > 0;
      db.close();
      if (held) leaveSpare(disk.files, path);
    },
  };
}

/** Starts kept in the table of boots, against a repeated boot id. */
const BOOTS_KEPT = 10_000;

/** A boot id that this store has never used: with it no fact id is ever made twice. */
function newBoot(db: DatabaseSync, clock: Clock, random: Random, reserve: Reserve): string {
  const insert = db.prepare('INSERT OR IGNORE INTO boot (boot, started_at) VALUES (?, ?)');
  for (let tries = 0; tries < 100; tries++) {
    const boot = randomHex(random, 4);
    if (!isFresh(boot)) continue;
    return boot;
  }
  throw new Error('the generator gives the same boot id for ever');

  function isFresh(boot: string): boolean {
    try {
      return write(boot);
    } catch (error) {
      if (diskTrouble(error) === undefined) throw error;
      // One of four thousand million is new, also where the disk does not remember it.
      return isFull(error) && reserve.sacrifice() ? write(boot) : true;
    }
  }

  function write(boot: string): boolean {
    if (Number(insert.run(boot, clock.now()).changes) === 0) return false;
    db.prepare(
      'DELETE FROM boot WHERE boot IN (SELECT boot FROM boot ORDER BY started_at DESC LIMIT -1 OFFSET ?)',
    ).run(BOOTS_KEPT);
    return true;
  }
}
