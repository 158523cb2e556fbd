import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import { machineDisk, type StoreDisk } from '../../../agent/store/disk.ts';
import { type AgentStore, type KeptConfig, openAgentStore } from '../../../agent/store/index.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { siteOf, TEST_GATEWAY } from '../../support/site-config.ts';
import { legEnd, legStart } from './legs.ts';

const RECORDS = 150;
/** SQLITE_IOERR_WRITE (sqlite.org/rescode.html). */
const IOERR_WRITE = 778;
const WRITES = /BEGIN IMMEDIATE|^\s*(INSERT|UPDATE|DELETE|CREATE)/;

let folder: string;
let clock: VirtualClock;
let starts: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-broken-disk-'));
  clock = new VirtualClock();
  starts = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A disk that gives what lies on it and refuses some writes of the store, as flash does that is worn out. */
function brokenDisk(refuses: RegExp): StoreDisk {
  return {
    files: machineDisk.files,
    database(path) {
      const db = machineDisk.database(path);
      return path === ':memory:' ? db : refusing(db, refuses);
    },
  };
}

function refusing(db: DatabaseSync, refuses: RegExp): DatabaseSync {
  const [exec, prepare] = [db.exec.bind(db), db.prepare.bind(db)];
  const check = (sql: string): void => {
    if (refuses.test(sql)) throw Object.assign(new Error('disk I/O error'), { errcode: IOERR_WRITE });
  };
  db.exec = (sql) => {
    check(sql);
    exec(sql);
  };
  db.prepare = (sql) => {
    const statement = prepare(sql);
    const run = statement.run.bind(statement) as typeof statement.run;
    statement.run = ((...values: Parameters<typeof run>) => {
      check(sql);
      return run(...values);
    }) as typeof run;
    return statement;
  };
  return db;
}

function open(disk: StoreDisk = machineDisk): AgentStore {
  return openAgentStore({
    ...{ path: join(folder, 'agent.sqlite'), clock, random: seededRandom(++starts), gateway: TEST_GATEWAY },
    ...{ setAside: RECORDS, disk },
  });
}

function warningsOf(store: AgentStore): readonly string[] {
  const health = createHealth(clock);
  store.reportTo(health);
  return health.list().map(({ code }) => code);
}

/** What a box has that was in use before: a configuration, a record that waits, and space set aside. */
function used(): void {
  const store = open();
  clock.advance(60_000);
  const config: KeptConfig = { rev: 4, issuedAt: 1, sha256: 'a'.repeat(64), keyId: 'k1', config: siteOf() };
  store.config.save(config);
  store.journal.end(store.journal.begin(legStart(1)), legEnd(1));
  expect(store.outbox.reserve().heldBytes).toBeGreaterThan(0);
  store.close();
}

describe('a start on a disk that refuses writes', () => {
  it('works from memory, with the last good configuration, and leaves what lies on the disk', () => {
    used();
    const store = open(brokenDisk(WRITES));
    expect(warningsOf(store)).toEqual(['W-STO-703']);
    expect(store.config.load()?.rev).toBe(4);
    store.journal.end(store.journal.begin(legStart(2)), legEnd(2));
    expect(store.outbox.size()).toBe(1);
    // Memory is not filled with space for records.
    clock.advance(600_000);
    expect(store.outbox.reserve()).toMatchObject({ heldBytes: 0, wantedBytes: 0 });
    store.close();
    expect(open().outbox.size()).toBe(1);
  });

  it.each([
    ['its journal cannot be made as long as it may become', /INSERT INTO reserve/],
    ['the name of the start cannot be written down', /INTO boot/],
  ])('goes on where only %s', (_what, refuses) => {
    used();
    const store = open(brokenDisk(refuses));
    expect(warningsOf(store)).toEqual([]);
    store.journal.end(store.journal.begin(legStart(2)), legEnd(2));
    expect(store.outbox.size()).toBe(2);
    store.close();
  });
});
