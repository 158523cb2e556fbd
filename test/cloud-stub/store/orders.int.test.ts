import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Contract, exampleOffice, type Order } from '../../../cloud-stub/contracts/index.ts';
import type { OrderRequest, Store } from '../../../cloud-stub/store/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { CallId, ContractId, ServiceId } from '../../../lib/base/ids.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { clockAt, officeNumber, PERIOD_FROM } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';
import { applicationOf } from './order-samples.ts';

const FIRST = exampleOffice.id;
const NOW = instant(PERIOD_FROM + 3_600_000);
/** After the moment at which the example office was written. */
const LATER = instant(Date.UTC(2100, 0, 1));

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(() => postgres.stop());

async function withStore(work: (store: Store, url: string) => Promise<void>, now = LATER): Promise<void> {
  const url = await postgres.database();
  const store = await openTestStore(url, { clock: clockAt(now) });
  try {
    await work(store, url);
  } finally {
    await store.close();
  }
}

const verify: Order = { kind: 'verifyIdentity', method: 'icChip' };
const option: Order = { kind: 'addOption', item: 'option.voicemail', on: '0355550100' };
const APPLICANT = 'c-000777' as ContractId;
const application = applicationOf(APPLICANT);

function request(orderId: string, order: Order, more: Partial<OrderRequest> = {}): OrderRequest {
  return { contract: FIRST, order, orderId, by: 'operator', ...more };
}

/** Lists in one order, whichever way the contract came about. */
function sorted(contract: Contract | null | undefined): unknown {
  if (contract === null || contract === undefined) return contract;
  const by = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const { numbers, ids, devices, options } = contract;
  return {
    ...contract,
    numbers: [...numbers].sort(by),
    ids: [...ids].sort(by),
    devices: [...devices].sort(by),
    options: [...options].sort(by),
  };
}

describe('an order', () => {
  it('changes the contract, is written down, and changes nothing when it comes again', () =>
    withStore(async (store) => {
      const changed: string[] = [];
      store.orders.onChange((contract) => changed.push(contract));
      const done = await store.orders.apply(request('o-1', option));
      expect(done).toMatchObject({ ok: true, value: { seq: 2, again: false } });
      const after = await store.offices.one(FIRST);
      expect(after?.options.flatMap(({ items }) => items)).toContain('option.voicemail');
      expect(await store.orders.apply(request('o-1', option))).toMatchObject({
        ok: true,
        value: { seq: 2, again: true },
      });
      expect(await store.offices.one(FIRST)).toEqual(after);
      expect((await store.orders.history(FIRST)).map(({ seq, orderId }) => [seq, orderId])).toEqual([
        [1, 'opening'],
        [2, 'o-1'],
      ]);
      expect(changed).toEqual([FIRST]);
    }));

  it('that a rule refuses leaves nothing, and names the rule', () =>
    withStore(async (store) => {
      const before = await store.offices.one(FIRST);
      const refused = await store.orders.apply(
        request('o-1', { kind: 'addOption', item: 'option.answerBot', on: '0399999999' }),
      );
      expect(refused.ok).toBe(false);
      expect(await store.offices.one(FIRST)).toEqual(before);
      expect(await store.orders.history(FIRST)).toHaveLength(1);
    }));

  it('that was made without seeing the newest entry is refused, as is one of an earlier time', () =>
    withStore(async (store) => {
      const stamp = await store.offices.stamp();
      expect(await store.orders.apply(request('o-1', verify, { afterSeq: 1 }))).toMatchObject({ ok: true });
      expect(await store.offices.stamp()).not.toBe(stamp);
      const stale = await store.orders.apply(request('o-2', option, { afterSeq: 1 }));
      expect(stale).toMatchObject({ ok: false, error: { code: 'order.changedMeanwhile' } });
      const early = await store.orders.apply(request('o-3', option, { at: NOW }));
      expect(early).toMatchObject({ ok: false, error: { code: 'order.tooEarly' } });
    }));

  it('of a period that is closed is refused, and from its end on it is taken [S0-162]', () =>
    withStore(async (store, url) => {
      const db = new pg.Client({ connectionString: url });
      await db.connect();
      await db.query("update contract set closed_period = '2100-02'");
      await db.query(`insert into closing_job select contract_id, '2100-02', 'waiting', '', 0 from contract`);
      await db.end();
      const until = japanMidnight(2100, 2, 26);
      const done = async (order: Order, contract: ContractId, at: number) => {
        const outcome = await store.orders.apply(
          request(`o-${at}`, order, { contract, at: instant(until + at) }),
        );
        return outcome.ok ? 'taken' : `${outcome.error.code}: ${outcome.error.say}`;
      };
      const early = /^order.tooEarly: .*2100-02.*Give it a time from 2100-02-26 on/;
      expect(await done(option, FIRST, -1)).toMatch(early);
      expect(await store.orders.history(FIRST)).toHaveLength(1);
      expect(await done(option, FIRST, 0)).toBe('taken');
      // There is no job for a contract that is not there yet, also while nothing of the period is closed.
      expect(await done(application, APPLICANT, -1)).toMatch(early);
      expect(await store.offices.one(APPLICANT)).toBeUndefined();
      expect(await done(application, APPLICANT, 0)).toBe('taken');
    }));

  it('keeps the secrets of what stays, and makes new ones for what it adds [S0-062]', () =>
    withStore(async (store, url) => {
      const before = await store.offices.sipPasswords(FIRST);
      const id = 'id-000001-3' as ServiceId;
      const done = await store.orders.apply(
        request('o-1', {
          kind: 'addId',
          id: { id, device: 'app-1', extension: '13' },
          device: { id: 'app-1', model: 'app' },
        }),
      );
      expect(done.ok ? '' : done.error.say).toBe('');
      const after = await store.offices.sipPasswords(FIRST);
      for (const [name, password] of before) expect(after.get(name)).toBe(password);
      expect(after.get(id)).toBeDefined();
      const again = await openTestStore(url);
      expect(again.directory.device(id)).toBe('app');
      await again.close();
    }));

  it('takes a number that was given up before, by the same contract and by another one, from its day on', () =>
    withStore(async (store) => {
      const number = '0355550177';
      const day = 86_400_000;
      const on = (n: number) => instant(LATER + n * day);
      const other = officeNumber(1);
      await store.offices.add(other);
      const add: Order = { kind: 'addNumber', number: { number } };
      const cancel: Order = { kind: 'cancelNumber', number };
      const done = async (orderId: string, order: Order, at: number, contract = FIRST) => {
        const outcome = await store.orders.apply(request(orderId, order, { at: on(at), contract }));
        return outcome.ok ? 'taken' : outcome.error.code;
      };
      expect(await done('o-1', add, 1)).toBe('taken');
      expect(await done('o-2', cancel, 2)).toBe('taken');
      expect(await done('o-3', add, 3)).toBe('taken');
      const held = async (id: ContractId) =>
        (await store.offices.one(id))?.numbers
          .filter((one) => one.number === number)
          .map(({ held: { from, until }, rings }) => [from, until, rings.length]);
      // Both holdings stand, each with the IDs that it rang.
      expect(await held(FIRST)).toEqual([
        [on(1), on(2), 2],
        [on(3), null, 2],
      ]);
      expect(await done('o-1', add, 4, other.id)).toBe('order.taken');
      expect(await done('o-4', cancel, 5)).toBe('taken');
      // Given up from the fifth day on, by an order of an earlier day: until then it is not free.
      expect(await done('o-1', add, 5, other.id)).toBe('order.taken');
    }));

  it('takes a number as soon as its time at another contract is over', () =>
    withStore(async (store, url) => {
      const number = '0355550177';
      const add: Order = { kind: 'addNumber', number: { number } };
      const other = officeNumber(1);
      await store.offices.add(other);
      const soon = instant(LATER + 1_000);
      for (const [orderId, order, at] of [
        ['o-1', add, LATER],
        ['o-2', { kind: 'cancelNumber', number }, soon],
      ] as const) {
        expect(await store.orders.apply(request(orderId, order, { at }))).toMatchObject({ ok: true });
      }
      const early = await store.orders.apply(request('o-1', add, { contract: other.id, at: soon }));
      expect(early).toMatchObject({ ok: false, error: { code: 'order.taken' } });
      const next = await openTestStore(url, { clock: clockAt(soon) });
      try {
        expect(await next.orders.apply(request('o-1', add, { contract: other.id }))).toMatchObject({
          ok: true,
        });
        await next.directory.refresh();
        const ask = (at: string) =>
          next.directory.contracts().filter((one) => one.numbers.some((n) => n.number === at));
        expect(ask(number).map(({ id }) => id)).toEqual([FIRST, other.id]);
        const callIn = {
          call: 'x' as CallId,
          direction: 'in',
          from: '0312345678',
          withheld: false,
          to: number,
        } as const;
        expect(next.directory.explain(callIn).plan.contract).toBe(other.id);
        // The one that gave it up cannot have it back meanwhile.
        const back = await next.orders.apply(request('o-3', add));
        expect(back).toMatchObject({ ok: false, error: { code: 'order.taken' } });
      } finally {
        await next.close();
      }
    }));

  it('for a number of another contract is refused [S0-054]', () =>
    withStore(async (store) => {
      await store.offices.add(officeNumber(1));
      const taken = officeNumber(1).numbers[0]?.number ?? '';
      const refused = await store.orders.apply(
        request('o-1', { kind: 'addNumber', number: { number: taken } }),
      );
      expect(refused).toMatchObject({ ok: false, error: { code: expect.stringMatching(/taken/i) } });
    }));
});

describe('the history', () => {
  it('gives the same contract when it is replayed, and the one of any date', () =>
    withStore(async (store) => {
      const at = (ms: number) => instant(LATER + ms);
      const contract = APPLICANT;
      const orders: readonly Order[] = [
        application,
        {
          kind: 'addId',
          id: { id: 'id-000777-2' as ServiceId, device: 'app-2', extension: '12' },
          device: { id: 'app-2', model: 'app' },
        },
        { kind: 'addNumber', number: { number: '0355557778' } },
        { kind: 'verifyIdentity', method: 'icChip' },
        { kind: 'addOption', item: 'option.voicemail', on: '0355557777' },
        { kind: 'cancelNumber', number: '0355557778' },
        { kind: 'pause' },
      ];
      const seen: (Contract | undefined)[] = [];
      for (const [index, order] of orders.entries()) {
        const done = await store.orders.apply({
          contract,
          order,
          orderId: `o-${index}`,
          by: 'test',
          at: at(index * 1_000),
        });
        expect(done.ok ? '' : done.error.say).toBe('');
        seen.push(await store.offices.one(contract));
      }
      for (const [index, state] of seen.entries()) {
        const replayed = await store.orders.replay(contract, at(index * 1_000 + 500));
        expect(replayed.ok && sorted(replayed.value), `after order ${index}`).toEqual(sorted(state));
      }
      expect(await store.orders.replay(contract, at(-1))).toEqual({ ok: true, value: null });
    }));

  it('of an office that no order made begins with the office as it was', () =>
    withStore(async (store) => {
      const before = await store.offices.one(FIRST);
      await store.orders.apply(request('o-1', verify));
      const [opening] = await store.orders.history(FIRST);
      const replayed = await store.orders.replay(FIRST, opening?.at ?? LATER);
      expect(replayed.ok && sorted(replayed.value)).toEqual(sorted(before));
    }));

  it('takes two orders at the same moment one after the other', () =>
    withStore(async (store) => {
      const names = ['a', 'b', 'c', 'd'];
      const done = await Promise.all(names.map((name) => store.orders.apply(request(name, verify))));
      expect(done.every(({ ok }) => ok)).toBe(true);
      expect((await store.orders.history(FIRST)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    }));
});

it('an office that was written before there were orders gets its opening with the first one', () =>
  withStore(async (store, url) => {
    const db = new pg.Client({ connectionString: url });
    await db.connect();
    await db.query('delete from contract_order');
    await db.query('update contract set version = 0');
    await db.end();
    expect(await store.orders.apply(request('o-1', verify))).toMatchObject({ ok: true, value: { seq: 2 } });
    expect((await store.orders.history(FIRST))[0]?.entry.kind).toBe('opening');
  }));
