import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import {
  type AgentStore,
  inspectStore,
  type KeptConfig,
  openAgentStore,
} from '../../../agent/store/index.ts';
import { Reserve } from '../../../agent/store/reserve.ts';
import { schemaSteps } from '../../../agent/store/schema.ts';
import { SqliteFactBox } from '../../../agent/store/sqlite-fact-box.ts';
import { SqliteFaxLog } from '../../../agent/store/sqlite-fax-log.ts';
import { SqliteJournal } from '../../../agent/store/sqlite-journal.ts';
import { SqliteOutbox } from '../../../agent/store/sqlite-outbox.ts';
import { instant } from '../../../lib/base/clock.ts';
import { StartupError } from '../../../lib/base/errors.ts';
import type { FactId } from '../../../lib/base/ids.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { boxRecord } from '../../../lib/contract/facts.ts';
import { siteOf, TEST_GATEWAY } from '../../support/site-config.ts';
import { legEnd, legStart } from './legs.ts';

let folder: string;
let path: string;
let clock: VirtualClock;
let starts: number;
let opened: AgentStore[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-store-'));
  path = join(folder, 'agent.sqlite');
  clock = new VirtualClock();
  starts = 0;
  opened = [];
});
afterEach(() => {
  for (const store of opened) tryClose(store);
  rmSync(folder, { recursive: true, force: true });
});

function tryClose(store: AgentStore): void {
  try {
    store.close();
  } catch {
    // Closed by the test itself.
  }
}

function open(): AgentStore {
  const store = openAgentStore({ path, clock, random: seededRandom(++starts), gateway: TEST_GATEWAY });
  opened.push(store);
  return store;
}

function reopen(store: AgentStore): AgentStore {
  store.close();
  return open();
}

function warningsOf(store: AgentStore): readonly string[] {
  const health = createHealth(clock);
  store.reportTo(health);
  return health.list().map((warning) => warning.code);
}

describe('the journal', () => {
  it('keeps how a call sounded, within what the contract allows', () => {
    const store = open();
    const quality = {
      ...{ mos: 7, lossPercent: -1, latePercent: Number.NaN, burstMs: 180, jitterMostMs: 12.5 },
      ...{ roundTripMs: null, remoteLossPercent: 250 },
    };
    const media = { packetsSent: 9, packetsReceived: 8, packetsLost: 1, jitterMs: 1, concealedMs: 20 };
    const id = store.journal.begin(legStart(1));
    store.journal.end(id, legEnd(1, { media: { ...media, quality, encrypted: true } }));
    const [record] = store.outbox.next(50);
    expect(boxRecord.parse(record).media).toEqual({
      ...media,
      encrypted: true,
      quality: {
        ...{ mos: 4.5, lossPercent: 0, latePercent: 0, burstMs: 180, jitterMostMs: 12.5 },
        ...{ roundTripMs: null, remoteLossPercent: 100 },
      },
    });
  });

  it('turns a leg into one record of the outbox, under its own id', () => {
    const store = open();
    const id = store.journal.begin(legStart(1));
    expect(id).toBe(`gw-000001/${store.boot}/1`);
    store.journal.answered(id, instant(1_790_000_010_000));
    expect(store.outbox.size()).toBe(0);
    store.journal.end(id, legEnd(1));
    const [record] = store.outbox.next(50);
    expect(boxRecord.parse(record)).toMatchObject({ id, answeredAt: 1_790_000_010_000, talkMs: 50_000 });
    expect(store.outbox.size()).toBe(1);
  });

  it('gives an unfinished leg of an earlier run back, with its last heartbeat, until it is ended', () => {
    let store = open();
    const id = store.journal.begin(legStart(1));
    store.journal.answered(id, instant(1_790_000_010_000));
    store.journal.keep(id, { session: 's1' });
    store.journal.heartbeat(instant(1_790_000_020_000));
    expect(store.journal.unfinished()).toEqual([]);
    store = reopen(store);
    // A heartbeat of the new run, before the leg is looked at, must not move the end of the old one.
    store.journal.heartbeat(instant(1_790_099_999_000));
    expect(store.journal.unfinished()).toEqual([
      {
        id,
        start: legStart(1),
        answeredAt: 1_790_000_010_000,
        kept: { session: 's1' },
        lastSeenAt: 1_790_000_020_000,
      },
    ]);
    store.journal.end(id, legEnd(1, { interrupted: true, end: 'interrupted' }));
    expect(store.journal.unfinished()).toEqual([]);
    expect(store.outbox.next(50).map((record) => record.id)).toEqual([id]);
    store = reopen(store);
    expect(store.journal.unfinished()).toEqual([]);
    expect(store.outbox.size()).toBe(1);
  });

  it('ends a leg once, however often it is told', () => {
    const store = open();
    const id = store.journal.begin(legStart(1));
    store.journal.end(id, legEnd(1));
    store.journal.end(id, legEnd(1));
    store.journal.end('gw-000001/00000000/9' as FactId, legEnd(9));
    expect(store.outbox.size()).toBe(1);
    store.outbox.acknowledge([id]);
    store.journal.end(id, legEnd(1));
    expect(store.outbox.size()).toBe(0);
  });

  it('never gives an id twice across starts', () => {
    let store = open();
    const ids = new Set<string>();
    for (let start = 0; start < 5; start++) {
      for (let call = 0; call < 3; call++) ids.add(store.journal.begin(legStart(call)));
      store = reopen(store);
    }
    expect(ids.size).toBe(15);
  });

  it('cuts what the contract does not allow, so that no record waits for ever', () => {
    const store = open();
    const id = store.journal.begin({ ...legStart(1), to: '1'.repeat(90) });
    store.journal.end(id, legEnd(1, { because: 'x'.repeat(999), talkMs: -3.5 }));
    expect(boxRecord.safeParse(store.outbox.next(1)[0]).success).toBe(true);
  });
});

describe('the outbox', () => {
  function fill(store: AgentStore, count: number): void {
    for (let n = 1; n <= count; n++) store.journal.end(store.journal.begin(legStart(n)), legEnd(n));
  }

  it('gives the oldest records, again and again, until they are acknowledged', () => {
    const store = open();
    fill(store, 5);
    const first = store.outbox.next(3).map((record) => record.id);
    expect(store.outbox.next(3).map((record) => record.id)).toEqual(first);
    expect(store.outbox.acknowledge([...first, 'gw-000001/ffffffff/1'])).toBe(3);
    expect(store.outbox.acknowledge(first)).toBe(0);
    expect(store.outbox.size()).toBe(2);
    expect(store.outbox.counters()).toEqual({ acknowledged: 3, dropped: 0, damaged: 0 });
  });

  it('tells that a record was added, after it is on disk', () => {
    const store = open();
    const sizes: number[] = [];
    store.outbox.onAdded(() => sizes.push(store.outbox.next(50).length));
    fill(store, 2);
    expect(sizes).toEqual([1, 2]);
  });

  it('knows its oldest record', () => {
    const store = open();
    expect(store.outbox.oldestAt()).toBeNull();
    const at = clock.now();
    fill(store, 1);
    clock.advance(5_000);
    fill(store, 1);
    expect(store.outbox.oldestAt()).toBe(at);
  });

  it('sets a row aside that cannot be read, and goes on with the next', () => {
    let store = open();
    fill(store, 2);
    store.close();
    const db = new DatabaseSync(path);
    db.exec("UPDATE outbox SET record = '{broken' WHERE n = 1");
    db.close();
    store = open();
    expect(store.outbox.next(50)).toHaveLength(1);
    expect(store.outbox.size()).toBe(1);
    expect(store.outbox.counters().damaged).toBe(1);
  });
});

/** Journal and outbox on a database of the test's own. */
function bareParts(
  db: DatabaseSync,
  onTrouble: (say: string | undefined) => void,
  limit?: number,
  time: VirtualClock = clock,
) {
  for (const step of schemaSteps) db.exec(step);
  let sequence = 0;
  const nextId = (): FactId => `${TEST_GATEWAY}/00000001/${++sequence}` as FactId;
  const reserve = new Reserve(db, 0);
  const faxes = new SqliteFaxLog({ db, clock, nextId, reserve, onTrouble });
  const facts = new SqliteFactBox(db, clock, nextId);
  const outbox = new SqliteOutbox({ db, clock, faxes, facts, reserve, limit });
  return {
    outbox,
    journal: new SqliteJournal({ db, outbox, clock: time, nextId, boot: '00000001', onTrouble }),
  };
}

describe('a disk that refuses', () => {
  it('does not stop a call: it is a warning, and the record is written when the disk takes it again', () => {
    const db = new DatabaseSync(path);
    const troubles: (string | undefined)[] = [];
    const { journal, outbox } = bareParts(db, (say) => troubles.push(say));
    // As a full or read-only disk: every write fails, reading goes on.
    db.exec('PRAGMA query_only = ON');
    const ended = journal.begin(legStart(1));
    journal.answered(ended, instant(1_790_000_001_000));
    journal.end(ended, legEnd(1));
    journal.begin(legStart(2));
    expect(troubles.every((say) => say?.includes('Check the disk'))).toBe(true);
    expect(outbox.size()).toBe(0);
    expect(outbox.noRoom()).toContain('could not be written');
    db.exec('PRAGMA query_only = OFF');
    journal.heartbeat(clock.now());
    expect(outbox.noRoom()).toBeUndefined();
    expect(outbox.next(50)).toMatchObject([{ id: ended, answeredAt: 1_790_000_001_000 }]);
    expect(troubles.at(-1)).toBeUndefined();
    db.close();
  });

  it('is asked again while nobody calls, and keeps when a call was answered', () => {
    const db = new DatabaseSync(path);
    const time = new VirtualClock();
    const { journal, outbox } = bareParts(db, () => {}, undefined, time);
    const refused = journal.begin(legStart(1));
    db.exec('PRAGMA query_only = ON');
    journal.answered(refused, instant(1_790_000_001_000));
    const unwritten = journal.begin(legStart(2));
    journal.answered(unwritten, instant(1_790_000_002_000));
    expect(outbox.noRoom()).toContain('could not be written');
    db.exec('PRAGMA query_only = OFF');
    time.advance(5_000);
    expect(outbox.noRoom()).toBeUndefined();
    const legs = db.prepare('SELECT id, answered_at FROM leg ORDER BY id').all();
    expect(legs.map((leg) => leg['answered_at'])).toEqual([1_790_000_001_000, 1_790_000_002_000]);
    journal.end(refused, legEnd(1));
    journal.end(unwritten, legEnd(2));
    expect(outbox.next(50)).toMatchObject([
      { id: refused, answeredAt: 1_790_000_001_000 },
      { id: unwritten, answeredAt: 1_790_000_002_000 },
    ]);
    expect(time.names()).toEqual([]);
    db.close();
  });

  it('says when as many records wait as there is room for, and keeps those that are made all the same', () => {
    const db = new DatabaseSync(path);
    const { journal, outbox } = bareParts(db, () => {}, 2);
    journal.end(journal.begin(legStart(1)), legEnd(1));
    expect(outbox.noRoom()).toBeUndefined();
    for (let n = 2; n <= 4; n++) journal.end(journal.begin(legStart(n)), legEnd(n));
    expect(outbox.noRoom()).toBe('4 call records wait for the service');
    expect(outbox.next(50).map((record) => record.id.split('/')[2])).toEqual(['1', '2', '3', '4']);
    outbox.acknowledge(outbox.next(3).map(({ id }) => id));
    expect(outbox.noRoom()).toBeUndefined();
    db.close();
  });
});

describe('the store file', () => {
  it('is private, and so are its companions and the configuration', () => {
    const store = open();
    store.config.save(kept(1));
    store.journal.begin(legStart(1));
    for (const name of readdirSync(folder)) {
      expect([name, (statSync(join(folder, name)).mode & 0o777).toString(8)]).toEqual([name, '600']);
    }
  });

  it('is held by one agent', () => {
    open();
    expect(() => open()).toThrow(StartupError);
    expect(inspectStore(path)).toEqual({ kind: 'held' });
  });

  it.each([
    ['garbage', Buffer.alloc(8_192, 0x5a)],
    ['a text', Buffer.from('hello, this is not a database at all\n'.repeat(40))],
  ])('that is %s is moved aside with a warning', (_what, content) => {
    writeFileSync(path, content);
    const store = open();
    expect(warningsOf(store)).toEqual(['W-STO-701']);
    const id = store.journal.begin(legStart(1));
    store.journal.end(id, legEnd(1));
    expect(store.outbox.size()).toBe(1);
    const aside = readdirSync(folder).find((name) => name.includes('.damaged-'));
    expect(aside).toBeDefined();
    expect(readFileSync(join(folder, aside ?? ''))).toEqual(content);
  });

  it('that was torn in the middle is moved aside, and the configuration stays', () => {
    let store = open();
    store.config.save(kept(4));
    for (let n = 0; n < 40; n++) store.journal.end(store.journal.begin(legStart(n)), legEnd(n));
    store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4_096, bytes.length - 100);
    writeFileSync(path, bytes);
    store = open();
    expect(warningsOf(store)).toEqual(['W-STO-701']);
    expect(store.config.load()?.rev).toBe(4);
    expect(store.outbox.size()).toBe(0);
  });

  it('of a newer agent is moved aside, so that phones work after a rollback', () => {
    open().close();
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(warningsOf(open())).toEqual(['W-STO-701']);
  });

  it('in a folder that cannot be made stops the start with a sentence', () => {
    writeFileSync(join(folder, 'file'), '');
    path = join(folder, 'file', 'agent.sqlite');
    expect(() => open()).toThrow(/cannot be opened.*permissions/);
  });

  it('can be looked at from outside without changing it', () => {
    expect(inspectStore(path)).toEqual({ kind: 'none' });
    const store = open();
    store.journal.begin(legStart(1));
    store.journal.end(store.journal.begin(legStart(2)), legEnd(2));
    store.close();
    expect(inspectStore(path)).toEqual({ kind: 'good', records: 1, openLegs: 1, aside: [] });
    writeFileSync(path, 'broken');
    expect(inspectStore(path).kind).toBe('damaged');
  });
});

function kept(rev: number): KeptConfig {
  return { rev, issuedAt: 1_790_000_000_000, sha256: 'a'.repeat(64), keyId: 'k1', config: siteOf() };
}

describe('the last good configuration', () => {
  const current = (): string => join(folder, 'config.json');
  const previous = (): string => join(folder, 'config.previous.json');

  it('is none at first, without a warning', () => {
    const store = open();
    expect(store.config.load()).toBeUndefined();
    expect(warningsOf(store)).toEqual([]);
  });

  it('is the one saved last, with the one before it as a spare', () => {
    const store = open();
    store.config.save(kept(1));
    store.config.save(kept(2));
    expect(store.config.load()).toEqual(kept(2));
    expect(JSON.parse(readFileSync(previous(), 'utf8'))).toMatchObject({ rev: 1 });
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it.each([
    ['torn', (text: string) => text.slice(0, 300)],
    ['empty', () => ''],
    ['edited by hand', (text: string) => text.replace('0355550100', '0355550999')],
    ['for another gateway', (text: string) => text.replaceAll('gw-000001', 'gw-000002')],
    ['without its check', (text: string) => text.replace(/"check": "[0-9a-f]{4}/, '"check": "0000')],
  ])('that is %s gives way to the one before it, with a warning', (_what, spoil) => {
    const store = open();
    store.config.save(kept(1));
    store.config.save(kept(2));
    writeFileSync(current(), spoil(readFileSync(current(), 'utf8')));
    expect(store.config.load()?.rev).toBe(1);
    expect(warningsOf(store)).toEqual(['W-CFG-503']);
    // The next save must not make the broken one the spare.
    store.config.save(kept(3));
    expect(JSON.parse(readFileSync(previous(), 'utf8'))).toMatchObject({ rev: 1 });
  });

  it('is none when both are damaged', () => {
    const store = open();
    store.config.save(kept(1));
    store.config.save(kept(2));
    writeFileSync(current(), 'x');
    writeFileSync(previous(), '\u0000'.repeat(50));
    expect(store.config.load()).toBeUndefined();
  });

  const takenBack = (rev: number) => ({
    name: kept(rev),
    reason: { code: 'probation.board', fault: 'peer', say: 'The board is away.' } as const,
  });

  it('gives way to the spare when it is taken back, and stays to be looked at', () => {
    const store = open();
    store.config.save(kept(1));
    store.config.save({ ...kept(2), trial: { starts: 1, before: null } });
    store.config.rollBack(takenBack(2));
    expect([store.config.load()?.rev, store.config.failed()?.rev]).toEqual([1, 2]);
  });

  it('stays when what is taken back was never saved', () => {
    const store = open();
    store.config.save(kept(1));
    store.config.save(kept(2));
    store.config.rollBack(takenBack(3));
    expect([store.config.load()?.rev, store.config.previous()?.rev]).toEqual([2, 1]);
    expect(store.config.rolledBack()?.name.rev).toBe(3);
  });

  it.each([
    ['on trial itself', (config: AgentStore['config']) => config.setTrial({ starts: 1, before: null })],
    ['torn', () => writeFileSync(current(), '{"v": 1')],
    ['gone', () => rmSync(current())],
  ])('gives way to the spare when it is %s and what is taken back was never saved', (_what, spoil) => {
    const store = open();
    store.config.save(kept(1));
    store.config.save(kept(2));
    spoil(store.config);
    store.config.rollBack(takenBack(3));
    expect(JSON.parse(readFileSync(current(), 'utf8'))).toMatchObject({ rev: 1 });
    expect(store.config.failed()).toBeUndefined();
    expect(warningsOf(store)).toEqual([]);
  });
});
