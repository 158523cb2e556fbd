import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QuarantineOrder, Store } from '../../../cloud-stub/store/index.ts';
import { NO_CONTRACT } from '../../../cloud-stub/store/schema.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { boxRecordOf, CONTRACT, freshCall, GATEWAY, good, START } from './call-samples.ts';
import { clockAt, feedRecord, PERIOD_UNTIL } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(() => postgres.stop());

async function withStore(work: (store: Store, db: pg.Client) => Promise<void>): Promise<void> {
  const url = await postgres.database();
  const store = await openTestStore(url, { clock: clockAt(PERIOD_UNTIL) });
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await work(store, db);
  } finally {
    await db.end();
    await store.close();
  }
}

function decide(record: string, decision: QuarantineOrder['decision'], orderId = 'q-1'): QuarantineOrder {
  return { orderId, by: 'operator', reason: 'looked at it', record, decision };
}

const charges = async (db: pg.Client): Promise<number> =>
  (await db.query('select 1 from charge')).rowCount ?? 0;

describe('a doubtful record of the feed', () => {
  const negative = { ...feedRecord(2), usage: { ...feedRecord(2).usage, talkMs: -5 } };

  it('is released by an order that puts it right, once', () =>
    withStore(async (store, db) => {
      await store.feed.take([negative]);
      const wrong = await store.quarantine.decide(CONTRACT, decide(negative.id, { do: 'release' }));
      expect(wrong).toMatchObject({
        ok: false,
        error: { code: 'quarantine.notGood', say: expect.stringContaining('usage.talkMs') },
      });
      expect(await charges(db)).toBe(0);
      const order = decide(negative.id, { do: 'release', correct: { 'usage.talkMs': 60_000 } });
      expect(await store.quarantine.decide(CONTRACT, order)).toEqual({ ok: true, value: 'stored' });
      expect(await store.quarantine.decide(CONTRACT, order)).toEqual({ ok: true, value: 'duplicate' });
      const other = await store.quarantine.decide(CONTRACT, decide(negative.id, { do: 'void' }, 'q-2'));
      expect(other).toMatchObject({ ok: false, error: { code: 'quarantine.decided' } });
      expect(await charges(db)).toBe(1);
      // The sender may go on sending it: it is known.
      expect(await store.feed.take([negative])).toMatchObject({ duplicates: 1, quarantined: 0 });
      expect(await charges(db)).toBe(1);
    }));

  it('is voided by an order, and shown with the decision', () =>
    withStore(async (store, db) => {
      await store.feed.take([negative]);
      expect(await store.quarantine.decide(CONTRACT, decide(negative.id, { do: 'void' }))).toEqual({
        ok: true,
        value: 'voided',
      });
      const [shown] = await store.reports.quarantine(CONTRACT);
      expect(shown).toMatchObject({
        code: 'feed.negativeTalk',
        field: 'usage.talkMs',
        source: 'feed',
        record: negative,
        decision: { what: 'voided', by: 'operator' },
      });
      expect(await charges(db)).toBe(0);
    }));

  it('of a contract that is not there waits under no contract, and may be given to the right one', () =>
    withStore(async (store, db) => {
      await store.feed.take([{ ...feedRecord(2), contract: 'c-999999' }]);
      const order = decide(feedRecord(2).id, { do: 'release', correct: { contract: CONTRACT } });
      expect(await store.quarantine.decide(NO_CONTRACT, order)).toEqual({ ok: true, value: 'stored' });
      expect(await charges(db)).toBe(1);
    }));

  it('that nobody knows is refused', () =>
    withStore(async (store) => {
      const answer = await store.quarantine.decide(CONTRACT, decide('nothing', { do: 'void' }));
      expect(answer).toMatchObject({ ok: false, error: { code: 'quarantine.unknown' } });
    }));
});

describe('a doubtful record of a box', () => {
  it('is released with its field put right, and charged once', () =>
    withStore(async (store, db) => {
      const record = boxRecordOf(1, freshCall(), { direction: 'internal', talkMs: 9_999_999 });
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(record));
      const [shown] = await store.reports.quarantine(CONTRACT);
      expect(shown).toMatchObject({ code: 'record.times', field: 'talkMs', source: 'box', decision: null });
      expect(shown?.rule).not.toBe('');
      const still = await store.quarantine.decide(CONTRACT, decide(record.id, { do: 'release' }));
      expect(still).toMatchObject({ ok: false, error: { say: expect.stringContaining('talkMs') } });
      const order = decide(record.id, { do: 'release', correct: { talkMs: 10_000 } });
      expect(await store.quarantine.decide(CONTRACT, order)).toEqual({ ok: true, value: 'stored' });
      expect(await charges(db)).toBe(1);
    }));
});

describe('a record made before the box knew the time', () => {
  const EARLY = Date.UTC(1970, 0, 1, 0, 0, 30);
  /** The box started 100 s before START; the call began 30 s later by its wrong clock. */
  const early = (sequence: number) =>
    boxRecordOf(sequence, freshCall(), {
      direction: 'internal',
      startedAt: EARLY,
      answeredAt: EARLY + 1_000,
      endedAt: EARLY + 11_000,
      clock: { upMs: 30_000, set: false },
    });
  const knowing = (sequence: number) =>
    boxRecordOf(sequence, freshCall(), { direction: 'internal', clock: { upMs: 100_000, set: true } });
  const times = async (db: pg.Client, record: string) =>
    (
      await db.query(
        'select started_at_ms, answered_at_ms, ended_at_ms from box_record where record_id = $1',
        [record],
      )
    ).rows[0];
  const RIGHT = {
    started_at_ms: String(START - 70_000),
    answered_at_ms: String(START - 69_000),
    ended_at_ms: String(START - 59_000),
  };

  it('waits until a later record of the same start tells the time, and is put right then', () =>
    withStore(async (store, db) => {
      const [first, second] = [early(1), early(2)];
      expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(first, second))).toMatchObject({
        quarantined: 2,
        stored: 0,
      });
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(knowing(3)));
      expect(await times(db, first.id)).toEqual(RIGHT);
      expect(await times(db, second.id)).toEqual(RIGHT);
      expect(await charges(db)).toBe(3);
      const shown = await store.reports.quarantine(CONTRACT);
      expect(shown.map(({ code, decision }) => [code, decision?.by])).toEqual([
        ['record.noTime', 'clock'],
        ['record.noTime', 'clock'],
      ]);
    }));

  it('is put right at once when the time of its start is known already', () =>
    withStore(async (store, db) => {
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(knowing(1)));
      const late = early(2);
      expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(late))).toMatchObject({ stored: 1 });
      expect(await times(db, late.id)).toEqual(RIGHT);
    }));

  it('is not put right by another start of the box', () =>
    withStore(async (store) => {
      const other = { ...knowing(1), id: 'gw-000001/0badcafe/1' };
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(early(1), other));
      expect((await store.reports.quarantine(CONTRACT)).map(({ decision }) => decision)).toEqual([null]);
    }));

  it('whose clock was set while it talked keeps the end that is right', () =>
    withStore(async (store, db) => {
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(knowing(1)));
      const across = { ...early(2), endedAt: START - 59_000 };
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(across));
      expect(await times(db, across.id)).toEqual(RIGHT);
    }));
});
