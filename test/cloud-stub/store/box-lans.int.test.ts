import { afterAll, beforeAll, expect, it } from 'vitest';
import { examplePhoneOffice } from '../../../cloud-stub/contracts/index.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import type { ContractId, GatewayId } from '../../../lib/base/ids.ts';
import { lanReportOf, phoneFactOf } from '../../support/lan-reports.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

const CONTRACT = examplePhoneOffice.id;
const OTHER = 'c-000002' as ContractId;
const GATEWAY = 'gw-000001' as GatewayId;
const approve = { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 } as const;

let postgres: TestPostgres;
let url: string;
let store: Store;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
  url = await postgres.database();
  store = await openTestStore(url);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

it('keeps the last report of a LAN, whole', async () => {
  expect(await store.boxLans.list(CONTRACT)).toEqual([]);
  await store.boxLans.save(CONTRACT, GATEWAY, lanReportOf(), 5);
  const phones = [phoneFactOf({ state: 'stale' })];
  await store.boxLans.save(CONTRACT, GATEWAY, lanReportOf({ phones, warnings: [] }), 6);
  expect(await store.boxLans.list(CONTRACT)).toEqual([
    { gateway: GATEWAY, receivedAt: 6, report: lanReportOf({ phones, warnings: [] }) },
  ]);
  expect(await store.boxLans.list(OTHER)).toEqual([]);
});

it('writes down what a gateway was told, and the first answer of that gateway', async () => {
  const sent = { id: '00c0ffee00c0ffee', gateway: GATEWAY, command: approve, by: 'operator', sentAt: 7 };
  await store.boxLans.sent(CONTRACT, sent);
  const result = { v: 1, id: sent.id, ok: false, at: 8, code: 'phone.none', say: 'No such phone.' } as const;
  const stranger = 'gw-000009' as GatewayId;
  expect(await store.boxLans.answered(CONTRACT, stranger, result, 9)).toBe(false);
  expect(await store.boxLans.answered(CONTRACT, GATEWAY, { ...result, id: '00'.repeat(8) }, 9)).toBe(false);
  expect(await store.boxLans.answered(CONTRACT, GATEWAY, result, 9)).toBe(true);
  expect(await store.boxLans.answered(CONTRACT, GATEWAY, { v: 1, id: sent.id, ok: true, at: 9 }, 10)).toBe(
    false,
  );
  expect(await store.boxLans.commands(CONTRACT)).toEqual([{ ...sent, result, answeredAt: 9 }]);
});

it('shows a contract its own LANs alone', async () => {
  const seen = (contract: ContractId) =>
    store.session(contract).ask((tx) => tx.selectFrom('lan_report').select('gateway_id').execute());
  expect(await seen(CONTRACT)).toHaveLength(1);
  expect(await seen(OTHER)).toEqual([]);
});

it('has the hardware of a desk phone in one contract at a time', async () => {
  const add = (contract: ContractId, index: number, mac: string) => ({
    contract,
    orderId: `desk-${contract}-${index}`,
    by: 'test',
    order: {
      kind: 'addDevice' as const,
      device: {
        id: `desk-${index}`,
        model: 'grandstream',
        gateway: contract === CONTRACT ? GATEWAY : ('gw-000002' as GatewayId),
        phone: { mac, type: 'GRP2612' },
      },
    },
  });
  const held = examplePhoneOffice.numbers[0]?.held;
  if (held === undefined) throw new Error('the example office has no number');
  await store.offices.add({
    ...examplePhoneOffice,
    id: OTHER,
    numbers: [{ number: '0355550200', role: 'contract', rings: [], portedIn: false, held }],
    ids: examplePhoneOffice.ids.slice(0, 1).map((id) => ({
      ...id,
      id: 'id-000002-1' as typeof id.id,
      device: 'adapter-000002',
      presents: '0355550200',
    })),
    devices: [{ id: 'adapter-000002', kind: 'adapter', gateway: 'gw-000002' as GatewayId, items: [], held }],
    options: [],
  });
  expect(await store.orders.apply(add(CONTRACT, 1, 'c074ad000001'))).toMatchObject({ ok: true });
  expect(await store.orders.apply(add(OTHER, 1, 'C0:74:AD:00:00:01'))).toMatchObject({
    ok: false,
    error: { code: 'order.nameTaken' },
  });
  const gone = { contract: CONTRACT, orderId: 'gone', by: 'test' };
  const cancelled = { ...gone, order: { kind: 'cancelDevice' as const, device: 'desk-1' } };
  expect(await store.orders.apply(cancelled)).toMatchObject({ ok: true });
  expect(await store.orders.apply(add(OTHER, 2, 'c074ad000001'))).toMatchObject({ ok: true });
});

it('reads a whole office with desk phones as it was written', async () => {
  const fresh = await openTestStore(await postgres.database());
  try {
    const contract = { ...examplePhoneOffice, id: 'c-000003' as ContractId };
    const renamed = (id: string) => id.replace('000001', '000003') as (typeof contract.ids)[number]['id'];
    const office = {
      ...contract,
      numbers: [
        { ...contract.numbers[0], number: '0355550300', rings: contract.ids.map(({ id }) => renamed(id)) },
      ],
      ids: contract.ids.map((id) => ({
        ...id,
        id: renamed(id.id),
        presents: '0355550300',
        ...(id.features?.phone === undefined
          ? {}
          : { features: { ...id.features, phone: { ...id.features.phone, rings: [] } } }),
      })),
      devices: contract.devices.map((device) => ({ ...device, gateway: 'gw-000003' as GatewayId })),
      options: contract.options.map((one) => ({ ...one, on: renamed(one.on) })),
    } as typeof contract;
    await fresh.offices.add(office);
    expect(await fresh.offices.one(office.id)).toEqual(office);
  } finally {
    await fresh.close();
  }
});
