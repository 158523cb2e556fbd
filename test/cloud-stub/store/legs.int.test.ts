import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../cloud-stub/store/index.ts';
import type { SwitchLegStart } from '../../../cloud-stub/switch/ports.ts';
import type { CallId } from '../../../lib/base/ids.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { CONTRACT, callIn, callOut, endOf, FIRST, freshCall, later } from './call-samples.ts';
import { clockAt } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(() => postgres.stop());

async function withStore(work: (store: Store, db: pg.Client, url: string) => Promise<void>): Promise<void> {
  const url = await postgres.database();
  const store = await openTestStore(url, { clock: clockAt(later(600_000)) });
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await work(store, db, url);
  } finally {
    await db.end();
    await store.close();
  }
}

function leg(call: CallId, number: number, changed: Partial<SwitchLegStart> = {}): SwitchLegStart {
  return {
    call,
    leg: number,
    contract: CONTRACT,
    kind: 'member',
    id: FIRST,
    device: 'adapter',
    called: '0355550100',
    to: FIRST,
    presents: '0612345678',
    destination: 'unknown',
    startedAt: later(0),
    ...changed,
  };
}

const outside = {
  kind: 'forward',
  id: null,
  device: null,
  to: '09012345678',
  destination: 'mobile',
} as const;

/** A call in that rings a member, is forwarded outside, and talks there for a minute. */
async function forwarded(store: Store, call: CallId): Promise<void> {
  await store.calls.begin(callIn(call));
  await store.calls.legBegin(leg(call, 1));
  await store.calls.legEnded(call, 1, { ...endOf(0), end: 'notAnswered' });
  await store.calls.legBegin(leg(call, 2, outside));
  await store.calls.legAnswered(call, 2, later(1_000));
  await store.calls.answered(call, later(1_000), null);
}

const charges = async (db: pg.Client) =>
  (await db.query('select call_id, kind, destination, talk_ms::int from charge order by call_id')).rows;

describe('legs of a call', () => {
  it('are kept one by one, and a forwarded one is charged to the contract [S0-047] [S1-003]', () =>
    withStore(async (store, db) => {
      const call = freshCall();
      await forwarded(store, call);
      await store.calls.legEnded(call, 2, endOf(60_000));
      await store.calls.legEnded(call, 2, endOf(99_000));
      await store.calls.ended(call, endOf(60_000));
      const legs = await db.query(
        'select leg, kind, end_reason, talk_ms::int, interrupted from call_leg order by leg',
      );
      expect(legs.rows).toEqual([
        { leg: 1, kind: 'member', end_reason: 'notAnswered', talk_ms: 0, interrupted: false },
        {
          leg: 2,
          kind: 'forward',
          end_reason: 'answeredThenCallerHungUp',
          talk_ms: 60_000,
          interrupted: false,
        },
      ]);
      expect(await charges(db)).toEqual([
        { call_id: call, kind: 'in', destination: 'geographic', talk_ms: 60_000 },
        { call_id: `${call}/2`, kind: 'forwarded', destination: 'mobile', talk_ms: 60_000 },
      ]);
      const spent = await db.query(
        'select s.micro_yen = (select sum(amount_micro_yen) from charge) as same, s.micro_yen > 0 as some from spend s',
      );
      expect(spent.rows).toEqual([{ same: true, some: true }]);
    }));

  it('to the operators of the answering service are charged at their price [S0-052]', () =>
    withStore(async (store, db) => {
      const call = freshCall();
      await store.calls.begin(callIn(call));
      const operators = { ...outside, kind: 'answering', to: '05012345678', destination: 'ip050' } as const;
      await store.calls.legBegin(leg(call, 1, operators));
      await store.calls.legAnswered(call, 1, later(1_000));
      await store.calls.answered(call, later(1_000), null);
      await store.calls.legEnded(call, 1, endOf(180_001));
      await store.calls.ended(call, endOf(180_001));
      const charged = await db.query(
        `select kind, item, (amount_micro_yen / 1000000)::int as yen from charge where call_id like '%/1'`,
      );
      expect(charged.rows).toEqual([
        { kind: 'forwardedToAnswering', item: 'call.forwarded.answering', yen: 16 },
      ]);
    }));

  it('that a run left open are closed and charged with their call', () =>
    withStore(async (store, db, url) => {
      const call = freshCall();
      await forwarded(store, call);
      await store.calls.heartbeat([call], later(31_000));
      const next = await openTestStore(url, { clock: clockAt(later(900_000)) });
      expect(await next.calls.recover()).toBe(1);
      await next.close();
      const open = await db.query('select leg, talk_ms::int, interrupted from call_leg where leg = 2');
      expect(open.rows).toEqual([{ leg: 2, talk_ms: 30_000, interrupted: true }]);
      expect((await charges(db)).map((row) => row.kind)).toEqual(['in', 'forwarded']);
    }));
});

describe('authorisation', () => {
  it('refuses what costs money at the ceiling, from the books, and never what is free [A-36]', () =>
    withStore(async (store, db) => {
      const limit = '{"ceiling": {"limitMicroYen": 20000000, "warnPercent": 80}}';
      await db.query('update contract set more = more || $1::jsonb', [limit]);
      await store.directory.refresh();
      const ask = (changed: Partial<SwitchLegStart>) => {
        const call = freshCall();
        const network = { kind: 'network', to: '0355550123', destination: 'geographic' } as const;
        return store.authorise({ start: callOut(call), leg: leg(call, 1, { ...network, ...changed }) });
      };
      expect(await ask({})).toEqual({ verdict: 'granted' });
      const call = freshCall();
      await store.calls.begin(callOut(call));
      await store.calls.answered(call, later(1_000), null);
      // 8 yen per started 3 minutes: 24 yen, past the ceiling of 20.
      await store.calls.ended(call, endOf(500_000));
      expect(await ask({})).toMatchObject({ verdict: 'refused', rule: 'authorise.ceiling' });
      expect(await ask({ to: '0120000000', destination: 'tollFree' })).toEqual({ verdict: 'granted' });
      const levels = await db.query('select level from spend_notice order by level');
      expect(levels.rows.map((row) => row.level)).toEqual(['reached', 'warned']);
    }));
});
