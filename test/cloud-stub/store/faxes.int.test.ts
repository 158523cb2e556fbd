import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBatch, type Store } from '../../../cloud-stub/store/index.ts';
import type { CallId } from '../../../lib/base/ids.ts';
import type { FaxFact } from '../../../lib/contract/facts.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { boxRecordOf, CONTRACT, FIRST, freshCall, GATEWAY, later, START } from './call-samples.ts';
import { clockAt } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
let store: Store;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
  store = await openTestStore(await postgres.database(), { clock: clockAt(later(3_600_000)) });
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

function faxOf(sequence: number, changed: Partial<FaxFact> = {}): FaxFact {
  return {
    id: `gw-000001/00c0ffee/${sequence}`,
    call: freshCall(),
    line: 1,
    serviceId: FIRST,
    from: '0355550100',
    to: '0355550160',
    direction: 'sent',
    remoteIdent: '+81355550160',
    localIdent: null,
    pages: 3,
    bitRate: 14_400,
    ecm: true,
    retrains: 0,
    path: 't38Gateway',
    result: 'ok',
    say: '3 pages were confirmed',
    trace: '<CED <DIS >TSI >DCS <CFR >PPS-EOP <MCF >DCN',
    packets: { sent: 900, received: 120, recovered: 1, lost: 0 },
    startedAt: START + sequence,
    endedAt: START + 60_000,
    durationMs: 60_000,
    ...changed,
  };
}

async function deliver(batch: { records?: readonly unknown[]; faxes: readonly unknown[] }) {
  const read = readBatch(Buffer.from(JSON.stringify({ v: 1, records: [], ...batch })));
  if (!read.ok) throw new Error(read.error.say);
  return store.boxRecords.ingest(CONTRACT, GATEWAY, read.value.items);
}

it('a fax is kept as it came, once, beside the records of its batch, and shown', async () => {
  const [one, two] = [faxOf(1), faxOf(2, { direction: 'received', result: 'cut', pages: 0 })];
  const record = boxRecordOf(3, one.call as CallId, { direction: 'internal' });
  const first = await deliver({ records: [record], faxes: [one, two] });
  expect(first).toMatchObject({ ids: [record.id, one.id, two.id], stored: 3, quarantined: 0 });
  // Alone, and again: acknowledged, and nothing more than before.
  expect(await deliver({ faxes: [two, one] })).toMatchObject({ ids: [two.id, one.id], duplicates: 2 });
  const shown = await store.faxes(CONTRACT, 0);
  expect(shown.map(({ gateway: _g, receivedAt: _r, ...fax }) => fax)).toEqual([two, one]);
  expect(await store.faxes(CONTRACT, START + 2)).toHaveLength(1);
  // It costs nothing by itself: the call does.
  const charges = (await store.reports.calls(CONTRACT, 0)).map(({ charge }) => charge?.amountMicroYen);
  expect(charges).toEqual([0]);
});

it('one that is not believed is acknowledged, kept apart, and released by an order', async () => {
  const foreign = faxOf(11, { serviceId: 'id-000009-1' });
  const broken = { ...faxOf(12), pages: -1 };
  const outcome = await deliver({ faxes: [foreign, broken] });
  expect(outcome).toMatchObject({ ids: [foreign.id, broken.id], quarantined: 2, stored: 0 });
  const waiting = await store.reports.quarantine(CONTRACT);
  expect(new Map(waiting.map(({ id, code, field }) => [id, [code, field]]))).toEqual(
    new Map([
      [foreign.id, ['record.foreignService', 'serviceId']],
      [broken.id, ['record.schema', 'pages']],
    ]),
  );
  const released = await store.quarantine.decide(CONTRACT, {
    ...{ orderId: 'q-1', by: 'operator', reason: 'a slip of the box', record: broken.id },
    decision: { do: 'release', correct: { pages: 2 } },
  });
  expect(released.ok ? '' : released.error.say).toBe('');
  expect((await store.faxes(CONTRACT, 0)).find(({ id }) => id === broken.id)).toMatchObject({ pages: 2 });
});
