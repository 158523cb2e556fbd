import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberFaults, type Period, periodNamed } from '../../../cloud-stub/billing/index.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import type { ContractId } from '../../../lib/base/ids.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import {
  clockAt,
  feedRecord,
  feedRecords,
  officeNumber,
  PERIOD,
  PERIOD_FROM,
  PERIOD_UNTIL,
} from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';
import { applicationOf } from './order-samples.ts';

const OFFICES = 4;
const FIRST = 'c-000001' as ContractId;
/** Comes by an application. */
const NEW = 'c-000777' as ContractId;

function period(name: string): Period {
  const found = periodNamed(name);
  if (found === undefined) throw new Error(`no period ${name}`);
  return found;
}
const NOVEMBER = period(PERIOD);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(async (url) => {
    // Taken over on the first day of the period: their earlier ones may be closed, and need not be.
    const store = await openTestStore(url, { clock: clockAt(PERIOD_FROM) });
    for (let n = 0; n < OFFICES; n++) await store.offices.add(officeNumber(n));
    await store.close();
  });
});
afterAll(() => postgres.stop());

interface Books {
  readonly store: Store;
  readonly db: pg.Client;
  /** The same database at another time. */
  at(now: Instant): Promise<Store>;
}

async function withBooks(work: (books: Books) => Promise<void>): Promise<void> {
  const url = await postgres.database();
  const stores: Store[] = [];
  const at = async (now: Instant): Promise<Store> => {
    const store = await openTestStore(url, { clock: clockAt(now) });
    stores.push(store);
    return store;
  };
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await work({ store: await at(PERIOD_UNTIL), db, at });
  } finally {
    await db.end();
    for (const store of stores) await store.close();
  }
}

/** All that closing wrote, to the byte. */
async function papers(db: pg.Client): Promise<unknown> {
  const documents = await db.query('select * from document order by contract_id, number');
  const ledger = await db.query('select * from ledger_entry order by contract_id, document, position');
  const jobs = await db.query('select contract_id, period, state from closing_job order by 1, 2');
  const charges = await db.query(
    'select contract_id, call_id, amount_micro_yen, billed_in from charge order by 1, 2',
  );
  return [documents.rows, ledger.rows, jobs.rows, charges.rows];
}

async function close(store: Store, which: Period = NOVEMBER): Promise<void> {
  expect((await store.closing.open(which)).ok).toBe(true);
  await store.closing.work(which);
}

/** Bodies of the invoices, without number and day of issue. */
async function bodies(db: pg.Client): Promise<readonly unknown[]> {
  const rows = await db.query<{ body: string }>('select body from document order by contract_id, number');
  return rows.rows.map(({ body }) => {
    const { number: _number, issuedOn: _day, ...rest } = JSON.parse(body) as Record<string, unknown>;
    return rest;
  });
}

describe('closing a period', () => {
  it('makes the invoice that the draft promised, with balanced bookings [S0-160]', () =>
    withBooks(async ({ store, db }) => {
      await store.feed.take(feedRecords(400, OFFICES));
      await close(store);
      const invoice = await store.documents.invoice(FIRST, PERIOD);
      expect(invoice).toMatchObject({
        status: 'issued',
        number: 'E-00000001',
        recipient: { contract: FIRST },
      });
      const usage = invoice?.lines.find((line) => line.kind === 'usage' && line.category === 'deviceCalls');
      const booked = await db.query(
        `select sum(amount_micro_yen)::float8 as sum from charge
         where contract_id = $1 and category = 'deviceCalls' and answered`,
        [FIRST],
      );
      expect(usage?.exactMicroYen).toBe(booked.rows[0].sum);
      const balance = await db.query('select sum(debit_yen - credit_yen)::int as left from ledger_entry');
      expect(balance.rows[0].left).toBe(0);
      expect(await store.closing.state(NOVEMBER)).toMatchObject({ waiting: 0, closed: OFFICES, failed: [] });
    }));

  it('twice changes nothing', () =>
    withBooks(async ({ store, db }) => {
      await store.feed.take(feedRecords(200, OFFICES));
      await close(store);
      const first = await papers(db);
      await close(store);
      // Also when somebody puts the jobs back by hand.
      await db.query("update closing_job set state = 'waiting'");
      await store.closing.work(NOVEMBER);
      expect(await papers(db)).toEqual(first);
    }));

  it('gives the same invoices in whatever order the records arrived', async () => {
    const seen: unknown[] = [];
    const records = feedRecords(300, OFFICES);
    const orders = [
      records,
      [...records].reverse(),
      [...records].sort(
        (a, b) => ((a.id.length * 31 + a.startedAt) % 97) - ((b.id.length * 31 + b.startedAt) % 97),
      ),
    ];
    for (const order of orders) {
      await withBooks(async ({ store, db }) => {
        // Free sheets make the order matter: the 500th is the same one whenever it arrives.
        await db.query(
          `insert into contract_option select contract_id, 1, '["option.faxUnlimited500"]', replace(contract_id, 'c-', 'id-') || '-1', 0, null from contract`,
        );
        await store.directory.refresh();
        const faxes = order.map((record) =>
          record.usage.kind === 'fax'
            ? { ...record, usage: { ...record.usage, client: 'app', pages: 60, pagesConfirmed: 60 } }
            : record,
        );
        for (let from = 0; from < faxes.length; from += 40)
          await store.feed.take(faxes.slice(from, from + 40));
        await close(store);
        seen.push(await papers(db));
      });
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(JSON.stringify(seen[0])).toContain('cloudFax');
  });

  it('is shared by several workers: every contract once, numbers without gaps', () =>
    withBooks(async ({ store, db, at }) => {
      await store.feed.take(feedRecords(400, OFFICES));
      const other = await at(PERIOD_UNTIL);
      await store.closing.open(NOVEMBER);
      const done = await Promise.all([
        store.closing.work(NOVEMBER),
        other.closing.work(NOVEMBER),
        store.closing.work(NOVEMBER),
      ]);
      expect(done.reduce((sum, each) => sum + each.invoices, 0)).toBe(OFFICES);
      const given = await db.query<{ number: string }>('select number from document');
      const numbers = given.rows.map((row) => row.number);
      expect(numberFaults({ series: 'E', next: OFFICES + 1 }, numbers)).toEqual([]);
    }));

  it('goes through the periods of a contract in their order, whichever is worked on first', () =>
    withBooks(async ({ store }) => {
      const october = period('2026-10');
      await store.closing.open(october);
      await store.closing.open(NOVEMBER);
      expect(await store.closing.work(NOVEMBER)).toEqual({ closed: 0, failed: 0, invoices: 0 });
      const first = await store.closing.work(october);
      expect(first).toMatchObject({ failed: 0 });
      expect(await store.closing.work(NOVEMBER)).toMatchObject({ closed: first.closed, failed: 0 });
    }));

  it('waits for an earlier period that has failed, contract by contract', () =>
    withBooks(async ({ store, db }) => {
      const october = period('2026-10');
      await close(store, period('2026-09'));
      await store.closing.open(october);
      await db.query("update closing_job set state = 'failed', say = 'no price' where contract_id = $1", [
        FIRST,
      ]);
      await db.query("update closing_job set state = 'closed' where period = '2026-09'");
      await store.closing.work(october);
      await store.closing.open(NOVEMBER);
      expect(await store.closing.work(NOVEMBER)).toMatchObject({ closed: OFFICES - 1, failed: 1 });
      const { failed } = await store.closing.state(NOVEMBER);
      expect(failed).toMatchObject([{ contract: FIRST, say: expect.stringContaining('2026-10') }]);
      await close(store, october);
      await close(store);
      expect(await store.closing.state(NOVEMBER)).toMatchObject({ closed: OFFICES, failed: [] });
    }));

  it('does not wait for one that was overtaken for good', () =>
    withBooks(async ({ store, at }) => {
      await close(store);
      await close(store, period('2026-10'));
      const december = period('2026-12');
      const then = await at(december.until);
      await close(then, december);
      expect(await then.closing.state(december)).toMatchObject({ closed: OFFICES, failed: [] });
    }));

  it('is refused while the period runs, and after a later one', () =>
    withBooks(async ({ store, at }) => {
      const early = await at(instant(PERIOD_UNTIL - 1));
      expect(await early.closing.open(NOVEMBER)).toMatchObject({
        ok: false,
        error: { code: 'closing.periodOpen' },
      });
      await close(store);
      await store.closing.open(period('2026-10'));
      expect(await store.closing.work(period('2026-10'))).toEqual({
        closed: 0,
        failed: OFFICES,
        invoices: 0,
      });
      const state = await store.closing.state(period('2026-10'));
      expect(state.failed[0]?.say).toContain('2026-11');
    }));
});

describe('a period that is left out', () => {
  const january = period('2027-01');
  const december = period('2026-12');
  const DAY = 86_400_000;

  /** Applied for on a day of November, with what it needs. */
  async function apply(store: Store, at: Instant) {
    const order = applicationOf(NEW);
    const done = await store.orders.apply({ contract: NEW, order, orderId: 'o-1', by: 'test', at });
    return done.ok ? 'taken' : done.error.code;
  }
  const fees = async (store: Store, name: string): Promise<readonly string[]> =>
    ((await store.documents.invoice(NEW, name))?.lines ?? []).flatMap((line) =>
      line.kind === 'initial' || line.kind === 'recurring' ? [line.item] : [],
    );

  it('is asked for before the next one, so that its fees are on its invoice [S0-160] [S0-162]', () =>
    withBooks(async ({ store, db, at }) => {
      await close(store);
      const then = await at(january.until);
      expect(await apply(then, instant(december.from + DAY))).toBe('taken');
      const written = await papers(db);
      expect(await then.closing.open(january)).toMatchObject({
        ok: false,
        error: { code: 'closing.outOfOrder', say: expect.stringContaining('2026-12 was never closed') },
      });
      expect(await papers(db)).toEqual(written);
      await close(then, december);
      await close(then, january);
      expect(await fees(then, '2026-12')).toEqual(['number.contract', 'id.base', 'id.base.initial']);
      expect(await fees(then, '2027-01')).toEqual(['number.contract', 'id.base']);
      expect(await then.closing.state(january)).toMatchObject({ closed: OFFICES + 1, failed: [] });
    }));

  it('is asked for also when it is the first one of a contract [S0-162]', () =>
    withBooks(async ({ store, db, at }) => {
      await db.query("update contract set closed_period = '2026-11'");
      expect(await apply(store, instant(PERIOD_FROM + DAY))).toBe('taken');
      const then = await at(december.until);
      expect(await then.closing.open(december)).toMatchObject({
        ok: false,
        error: { code: 'closing.outOfOrder', say: expect.stringContaining('2026-11 was never closed') },
      });
      await close(then);
      await close(then, december);
      expect(await fees(then, PERIOD)).toContain('id.base.initial');
    }));

  it('is not skipped by a job that is there all the same: neither the first nor one in between', () =>
    withBooks(async ({ store, db, at }) => {
      const then = await at(january.until);
      const job = (name: string) =>
        db.query(`insert into closing_job select contract_id, '${name}', 'waiting', '', 0 from contract`);
      await job(december.name);
      expect(await then.closing.work(december)).toEqual({ closed: 0, failed: OFFICES, invoices: 0 });
      const { failed } = await then.closing.state(december);
      expect(failed[0]?.say).toContain('no invoice of 2026-11');
      await close(store);
      await db.query('delete from closing_job where period = $1', [december.name]);
      await job(january.name);
      expect(await then.closing.work(january)).toEqual({ closed: 0, failed: OFFICES, invoices: 0 });
      expect((await then.closing.state(january)).failed[0]?.say).toContain('no invoice of 2026-12');
      await close(then, december);
      await close(then, january);
      expect(await then.closing.state(january)).toMatchObject({ closed: OFFICES, failed: [] });
    }));
});

describe('usage that comes after its period', () => {
  const tollFree = { ...feedRecord(1), id: 'toll-free-1' };
  const lines = async (store: Store, name: string): Promise<readonly string[]> =>
    ((await store.documents.invoice(FIRST, name))?.lines ?? [])
      .filter((line) => line.kind === 'usage' || line.kind === 'lateUsage')
      .map((line) => `${line.kind} ${line.category} ${line.quantity}`);

  it('toll-free calls are on the invoice two periods later, once [A-25] [S0-165]', () =>
    withBooks(async ({ store, at }) => {
      await store.feed.take([tollFree]);
      await close(store);
      expect(await lines(store, PERIOD)).toEqual([]);
      for (const [name, expected] of [
        ['2026-12', []],
        ['2027-01', ['lateUsage tollFreeIn 1']],
        ['2027-02', []],
      ] as const) {
        const then = await at(period(name).until);
        await close(then, period(name));
        expect(await lines(then, name), name).toEqual(expected);
      }
    }));

  it('stand on the draft of the period that will bill them, as on its invoice [A-25]', () =>
    withBooks(async ({ store, at }) => {
      await store.feed.take([tollFree, feedRecord(2)]);
      const draftOf = async (from: Store, name: string) => {
        const [office] = from.directory.contracts().filter(({ id }) => id === FIRST);
        if (office === undefined) throw new Error('no office');
        const draft = await from.closing.draft(office, period(name));
        if (!draft.ok) throw new Error(draft.error.say);
        return draft.value;
      };
      const kinds = (draft: { readonly lines: readonly { readonly kind: string }[] }) =>
        draft.lines.map(({ kind }) => kind).filter((kind) => /usage/i.test(kind));
      expect(kinds(await draftOf(store, PERIOD))).toEqual(['usage']);
      expect(kinds(await draftOf(store, '2026-12'))).toEqual([]);
      const before = await draftOf(store, '2027-01');
      expect(kinds(before)).toEqual(['lateUsage']);
      // A draft writes nothing: closing makes of the same facts what it would have made without it.
      for (const name of [PERIOD, '2026-12', '2027-01']) {
        const then = await at(period(name).until);
        await close(then, period(name));
      }
      const then = await at(period('2027-01').until);
      const sent = await then.documents.invoice(FIRST, '2027-01');
      expect(sent?.lines).toEqual(before.lines);
      // Of a period that is closed the draft still shows what it was.
      expect(kinds(await draftOf(then, '2027-01'))).toEqual(['lateUsage']);
    }));

  it('records that arrive after closing are on the next invoice, and the sent one stays as it is', () =>
    withBooks(async ({ store, db, at }) => {
      await store.feed.take([feedRecord(2)]);
      await close(store);
      const sent = await bodies(db);
      await store.feed.take([{ ...feedRecord(3), id: 'late-1' }]);
      const then = await at(period('2026-12').until);
      await close(then, period('2026-12'));
      expect(await lines(then, '2026-12')).toEqual(['lateUsage deviceCalls 1']);
      expect((await bodies(db)).slice(0, 1)).toEqual(sent.slice(0, 1));
      const after = await at(period('2027-01').until);
      await close(after, period('2027-01'));
      expect(await lines(after, '2027-01')).toEqual([]);
    }));

  it('a record that arrives while its contract is being closed is on this invoice or on the next', () =>
    withBooks(async ({ store, db, at }) => {
      const records = feedRecords(600).filter(({ usage }) => usage.kind === 'out');
      await store.feed.take(records.slice(0, 5));
      await store.closing.open(NOVEMBER);
      const feeding = (async () => {
        for (let from = 5; from < records.length; from += 5)
          await store.feed.take(records.slice(from, from + 5));
      })();
      await store.closing.work(NOVEMBER);
      await feeding;
      const then = await at(period('2026-12').until);
      await close(then, period('2026-12'));
      const shown = async (name: string): Promise<number> =>
        ((await then.documents.invoice(FIRST, name))?.lines ?? [])
          .filter((line) => line.kind === 'usage' || line.kind === 'lateUsage')
          .reduce((sum, line) => sum + line.quantity, 0);
      expect((await shown(PERIOD)) + (await shown('2026-12'))).toBe(records.length);
      expect((await db.query('select 1 from charge where late and billed_in is null')).rowCount).toBe(0);
    }));
});

describe('a credit note', () => {
  it('is made once for an order, numbered without gaps, and refused beyond what is left', () =>
    withBooks(async ({ store, db }) => {
      await store.feed.take(feedRecords(50, OFFICES));
      await close(store);
      const invoice = await store.documents.invoice(FIRST, PERIOD);
      const credit = (order: string, amountYen: number) =>
        store.documents.credit(FIRST, {
          order,
          invoice: invoice?.number ?? '',
          reason: '障害',
          lines: [{ say: '通話料', amountYen, taxPercent: 10 }],
        });
      const note = await credit('o-1', 100);
      expect(note).toMatchObject({ ok: true, value: { number: 'C-00000001', totalYen: -110 } });
      expect(await credit('o-1', 100)).toEqual(note);
      expect(await credit('o-2', 10_000_000)).toMatchObject({ ok: false, error: { code: 'credit.tooMuch' } });
      expect(await credit('o-3', 50)).toMatchObject({ ok: true, value: { number: 'C-00000002' } });
      const balance = await db.query('select sum(debit_yen - credit_yen)::int as left from ledger_entry');
      expect(balance.rows[0].left).toBe(0);
    }));
});
