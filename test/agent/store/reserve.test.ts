import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import { machineDisk, type StoreDisk } from '../../../agent/store/disk.ts';
import { type AgentStore, openAgentStore } from '../../../agent/store/index.ts';
import { RECORD_ROOM_BYTES } from '../../../agent/store/reserve.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { legEnd, legStart } from './legs.ts';

const RECORDS = 150;

let folder: string;
let path: string;
let clock: VirtualClock;
let disk: FullDisk;
let store: AgentStore;

/** A disk on which the store file may not grow: SQLite says so as it does on a full disk. */
class FullDisk implements StoreDisk {
  readonly files = machineDisk.files;
  db: DatabaseSync | undefined;
  #full = false;

  database(name: string): DatabaseSync {
    const db = new DatabaseSync(name, { timeout: 0 });
    const exec = db.exec.bind(db);
    db.exec = (sql) => exec(this.#full && sql.includes('max_page_count') ? 'PRAGMA max_page_count = 1' : sql);
    this.db = db;
    return db;
  }

  /** No page more than now. */
  fill(): void {
    this.#full = true;
    this.db?.exec('PRAGMA max_page_count = 1');
  }

  empty(): void {
    this.#full = false;
  }
}

function open(setAside = RECORDS): AgentStore {
  disk = new FullDisk();
  return openAgentStore({ path, clock, random: seededRandom(5), gateway: TEST_GATEWAY, setAside, disk });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-reserve-'));
  path = join(folder, 'agent.sqlite');
  clock = new VirtualClock();
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function call(n: number): void {
  store.journal.end(store.journal.begin(legStart(n)), legEnd(n, { because: 'a long reason '.repeat(20) }));
}

describe('space for call records', () => {
  it('is set aside little by little, and stays through a restart', () => {
    expect(store.outbox.reserve().heldBytes).toBe(0);
    clock.advance(60_000);
    const { heldBytes, wantedBytes } = store.outbox.reserve();
    expect(heldBytes).toBe(wantedBytes);
    expect(heldBytes).toBeGreaterThanOrEqual(RECORDS * RECORD_ROOM_BYTES);
    store.close();
    expect(statSync(path).size).toBeGreaterThan(heldBytes);
    store = open();
    expect(store.outbox.reserve().heldBytes).toBe(heldBytes);
  });

  it('is there when the disk is full: every record that it is meant for is kept, and the file does not grow', () => {
    clock.advance(60_000);
    disk.fill();
    for (let n = 1; n <= RECORDS; n++) {
      expect(store.outbox.noRoom()).toBeUndefined();
      call(n);
    }
    expect(store.outbox.size()).toBe(RECORDS);
    expect(store.outbox.noRoom()).toBe(`${RECORDS} call records wait for the service`);
    // Calls that go on, emergency calls: they are kept too.
    for (let n = 1; n <= 20; n++) call(RECORDS + n);
    expect(store.outbox.size()).toBe(RECORDS + 20);
  });

  it('is laid again when the service has taken the records', () => {
    clock.advance(60_000);
    const before = store.outbox.reserve().heldBytes;
    for (let n = 1; n <= 100; n++) call(n);
    expect(store.outbox.reserve().heldBytes).toBeLessThan(before);
    while (store.outbox.size() > 0) store.outbox.acknowledge(store.outbox.next(50).map(({ id }) => id));
    clock.advance(120_000);
    expect(store.outbox.reserve().heldBytes).toBe(before);
  });

  it('that the disk does not have is a warning, until it has', () => {
    const health = createHealth(clock);
    store.reportTo(health);
    disk.fill();
    clock.advance(20_000);
    expect(health.list().map(({ code }) => code)).toContain('W-OUT-603');
    disk.empty();
    clock.advance(120_000);
    expect(health.list()).toEqual([]);
  });

  it('keeps room for the journal while no agent runs', () => {
    clock.advance(60_000);
    store.close();
    const spare = statSync(`${path}-spare`).size;
    store = open();
    expect(existsSync(`${path}-spare`)).toBe(false);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(4_000_000);
    expect(spare).toBeGreaterThan(statSync(`${path}-wal`).size);
  });

  it('is not asked for by who opens the store for something else', () => {
    store.close();
    store = open(0);
    clock.advance(600_000);
    expect(store.outbox.reserve()).toEqual({ records: 0, heldBytes: 0, wantedBytes: 0 });
  });
});

describe('facts that may be dropped', () => {
  const warning = (n: number) => ({
    kind: 'warning' as const,
    at: clock.now(),
    raised: true,
    warning: {
      code: `W-LIN-151/${n}`,
      severity: 'error' as const,
      say: '',
      means: '',
      remedy: '',
      since: 0,
      lines: [],
      calls: [],
    },
  });
  const state = (version: string) => ({
    kind: 'state' as const,
    ...{ at: clock.now(), version, board: true, media: true, lines: [], phones: [], warnings: [] },
  });

  it('go after call records, the newest state alone, and wait for their acknowledgement', () => {
    for (let n = 1; n <= 3; n++) {
      store.facts.write(state(String(n)));
      store.facts.write(warning(n));
    }
    const facts = store.outbox.nextFacts(50);
    expect(facts.map(({ kind }) => kind)).toEqual(['warning', 'warning', 'warning', 'state']);
    expect(facts.at(-1)).toMatchObject({ version: '3' });
    expect(store.outbox.acknowledge(facts.map(({ id }) => id))).toBe(4);
    expect(store.outbox.nextFacts(50)).toEqual([]);
    expect(store.outbox.counters().dropped).toBe(0);
  });

  it('push out the oldest of their kind, and what is lost is counted and told', () => {
    for (let n = 1; n <= 1_003; n++) store.facts.write(warning(n));
    store.facts.write({ kind: 'counters', at: clock.now(), figures: { engawa_box_calls: 3 } });
    const facts = store.outbox.nextFacts(2_000);
    expect(facts).toHaveLength(1_001);
    expect(facts[0]).toMatchObject({ warning: { code: 'W-LIN-151/4' } });
    expect(facts.at(-1)).toMatchObject({ kind: 'counters', dropped: 3 });
    expect(store.outbox.counters().dropped).toBe(3);
  });

  it('never stop a call: what the service must refuse, and what the disk refuses, is counted', () => {
    store.facts.write({ kind: 'counters', at: clock.now(), figures: { 'Not a name': 3 } });
    disk.db?.exec('PRAGMA query_only = ON');
    store.facts.write(state('1'));
    disk.db?.exec('PRAGMA query_only = OFF');
    store.facts.write({ kind: 'counters', at: clock.now(), figures: {} });
    expect(store.outbox.nextFacts(50)).toMatchObject([{ dropped: 2 }]);
  });
});
