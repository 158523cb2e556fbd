import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import {
  boxRecordOf,
  CONTRACT,
  callOut,
  endOf,
  FIRST,
  freshCall,
  GATEWAY,
  good,
  later,
} from './call-samples.ts';
import { clockAt } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(() => postgres.stop());

const NOW = later(600_000);
const GRACE_MS = 11 * 60_000;
/** 8 yen per started three minutes. */
const CALL = 8_000_000;
const MONTH_MS = 31 * 86_400_000;

/** The example office with a ceiling of 20 yen. */
async function withCeiling(work: (store: Store, db: pg.Client) => Promise<void>): Promise<void> {
  const url = await postgres.database();
  const store = await openTestStore(url, { clock: clockAt(NOW) });
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    const limit = JSON.stringify({ ceiling: { limitMicroYen: 20_000_000, warnPercent: 80 } });
    await db.query('update contract set more = more || $1::jsonb', [limit]);
    await store.directory.refresh();
    await work(store, db);
  } finally {
    await db.end();
    await store.close();
  }
}

const used = (store: Store) => store.spend.of(CONTRACT);

/** As the chore does it, every few seconds. */
async function looked(store: Store): Promise<number> {
  await store.spend.refresh();
  return used(store);
}

describe('a record of a call that no switch saw, of a contract with a ceiling [A-36]', () => {
  it('counts from the moment of its acknowledgement on, and once: also when it is charged', () =>
    withCeiling(async (store) => {
      const record = boxRecordOf(1, freshCall());
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(record));
      expect(used(store)).toBe(CALL);
      expect(await store.reports.charges(CONTRACT, 0, 9e15)).toEqual([]);
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(record));
      expect(used(store)).toBe(CALL);
      expect(await store.boxRecords.settleBoxOnly(NOW + GRACE_MS)).toBe(1);
      expect(await looked(store)).toBe(CALL);
    }));

  it('stops the next chargeable call at the switch too', () =>
    withCeiling(async (store) => {
      const ask = () => {
        const start = callOut(freshCall());
        const { call, startedAt } = start;
        const leg = {
          call,
          leg: 1,
          contract: CONTRACT,
          kind: 'network',
          id: FIRST,
          device: 'adapter',
        } as const;
        const far = {
          called: start.to,
          to: start.to,
          presents: start.from,
          destination: 'geographic',
        } as const;
        return store.authorise({ start, leg: { ...leg, ...far, startedAt } });
      };
      const records = [1, 2, 3].map((n) => boxRecordOf(n, freshCall()));
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(...records.slice(0, 2)));
      expect(await ask()).toEqual({ verdict: 'granted' });
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(...records));
      expect(await ask()).toMatchObject({ verdict: 'refused', rule: 'authorise.ceiling' });
    }));

  it('counts nothing where nothing was to pay, and nothing in another period', () =>
    withCeiling(async (store) => {
      const before = later(-MONTH_MS);
      const times = { startedAt: before, answeredAt: before, endedAt: before + 10_000 };
      const records = [
        boxRecordOf(1, freshCall(), { to: '0120555123' }),
        boxRecordOf(2, freshCall(), { answeredAt: null, talkMs: 0, end: 'callerGaveUp' }),
        boxRecordOf(3, freshCall(), { direction: 'in', from: '0612345678', to: '0355550100' }),
        boxRecordOf(4, freshCall(), times),
      ];
      const ingested = await store.boxRecords.ingest(CONTRACT, GATEWAY, good(...records));
      expect(ingested).toMatchObject({ stored: 4 });
      expect(used(store)).toBe(0);
    }));

  it('is not acknowledged before it counts: when that fails, the same batch comes again', () =>
    withCeiling(async (store, db) => {
      const batch = good(boxRecordOf(1, freshCall()));
      await db.query('alter table spend rename to away');
      await expect(store.boxRecords.ingest(CONTRACT, GATEWAY, batch)).rejects.toThrow('spend');
      await db.query('alter table away rename to spend');
      expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, batch)).toMatchObject({ duplicates: 1 });
      expect(used(store)).toBe(CALL);
    }));
});

describe('a record of a call that the switch carries, of a contract with a ceiling', () => {
  it('counts once, whichever of the two comes first', () =>
    withCeiling(async (store) => {
      const call = freshCall();
      await store.calls.begin(callOut(call));
      await store.calls.answered(call, later(1_000), null);
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(1, call)));
      expect(used(store)).toBe(CALL);
      await store.calls.ended(call, endOf(10_000));
      expect(used(store)).toBe(CALL);

      const next = freshCall();
      await store.calls.begin(callOut(next));
      await store.calls.answered(next, later(1_000), null);
      await store.calls.ended(next, endOf(10_000));
      await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(2, next)));
      expect(used(store)).toBe(2 * CALL);
      expect(await looked(store)).toBe(2 * CALL);
    }));
});
