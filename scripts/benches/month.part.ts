import pg from 'pg';
import { type Period, periodNamed } from '../../cloud-stub/billing/index.ts';
import { type Contract, exampleOffice } from '../../cloud-stub/contracts/index.ts';
import { type FeedRecord, openStore, type Store, standardRules } from '../../cloud-stub/store/index.ts';
import { type Clock, instant, systemClock } from '../../lib/base/clock.ts';
import type { ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { type MixedUse, productOf, seededMix } from './mix.part.ts';

/** The month that is measured. */
export const PERIOD: Period = periodNamed('2026-11') ?? fail('no such period');
/** IDs of a contract in the mix. */
const IDS = 4;

function fail(say: string): never {
  throw new Error(say);
}

/** The clock of a day after the month. */
export const afterwards: Clock = { ...systemClock, now: () => instant(PERIOD.until + 3_600_000) };

/** Opens the store as the service does, with real rules. */
export function openBenchStore(url: string): Promise<Store> {
  return openStore({
    databaseUrl: url,
    vaultKey: Buffer.alloc(32, 7),
    realm: 'engawa.example',
    rules: standardRules(),
    clock: afterwards,
    random: systemRandom,
    log: createLog('bench', 'error'),
    waitMs: 10_000,
  });
}

function six(contract: number): string {
  return String(contract + 1).padStart(6, '0');
}

/** The nth contract: an office of the product that the mix deals to it, with four IDs. */
function contractOf(n: number): Contract {
  const number = `0350${six(n)}`;
  const adapter = `adapter-${six(n)}`;
  const [first] = exampleOffice.ids;
  const [device] = exampleOffice.devices;
  if (first === undefined || device === undefined) return fail('the example office is empty');
  const { held } = first;
  const ids = Array.from({ length: IDS }, (_, k) => ({
    ...first,
    id: `id-${six(n)}-${k + 1}` as ServiceId,
    role: k === 0 ? ('base' as const) : ('additional' as const),
    device: k === 0 ? adapter : `app-${six(n)}-${k}`,
    port: k === 0 ? first.port : null,
    extension: String(11 + k),
    presents: number,
  }));
  const apps = ids
    .slice(1)
    .map((id) => ({ id: id.device, kind: 'app' as const, gateway: null, items: [], held }));
  return {
    ...exampleOffice,
    id: `c-${six(n)}` as ContractId,
    product: productOf(n),
    numbers: [{ number, role: 'contract', rings: ids.map(({ id }) => id), portedIn: false, held }],
    ids,
    devices: [{ ...device, id: adapter, gateway: `gw-${six(n)}` as GatewayId, held }, ...apps],
    options: [],
  };
}

/** Writes the contracts straight into their tables: what is measured comes afterwards. */
export async function writeContracts(url: string, count: number): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  const contracts = Array.from({ length: count }, (_, n) => contractOf(n));
  const insert = async (table: string, rows: readonly object[]): Promise<void> => {
    const names = Object.keys(rows[0] ?? {}).join(', ');
    const text = `insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)`;
    await db.query(text, [JSON.stringify(rows)]);
  };
  await db.query('begin');
  await insert(
    'contract',
    contracts.map((one) => ({
      contract_id: one.id,
      name_ja: one.name.ja,
      name_en: one.name.en,
      state: one.state,
      model: one.model,
      emergency: one.emergency,
      identity_verified: true,
      created_at_ms: 0,
      more: { product: one.product },
    })),
  );
  const parts = partRows(contracts);
  for (const [table, rows] of Object.entries(parts)) await insert(table, rows);
  await db.query('commit');
  await db.query('analyze');
  await db.end();
}

function partRows(contracts: readonly Contract[]): Readonly<Record<string, readonly object[]>> {
  const since = { held_from_ms: 0 };
  return {
    gateway: contracts.map((one) => ({ contract_id: one.id, gateway_id: one.devices[0]?.gateway })),
    device: contracts.flatMap((one) =>
      one.devices.map(({ id, kind, gateway, items }) => ({
        ...{ contract_id: one.id, device_id: id, kind, gateway_id: gateway, items, more: {} },
        ...since,
      })),
    ),
    phone_number: contracts.flatMap((one) =>
      one.numbers.map(({ number, role }) => ({
        ...{ contract_id: one.id, number, role, ported_in: false, more: {} },
        ...since,
      })),
    ),
    service_id: contracts.flatMap((one) =>
      one.ids.map(({ id, role, device, port, extension, label, presents }) => ({
        ...{ contract_id: one.id, service_id: id, role, device_id: device, port, extension, label, presents },
        ...{ realm: 'engawa.example', sip_password_sealed: '', ha1_md5: '', ha1_sha256: '', more: {} },
        ...since,
      })),
    ),
  };
}

/** A month of uses of all five services, in the order in which they happened. */
export function monthOf(uses: number, contracts: number): readonly FeedRecord[] {
  const { from, until } = PERIOD;
  return seededMix({ seed: 3, uses, contracts, from, until: instant(until - 3_600_000) }).map(recordOf);
}

function recordOf({ id, contract, usage }: MixedUse): FeedRecord {
  const own = six(contract);
  const at = 'at' in usage ? usage.at : (usage.answeredAt ?? PERIOD.from);
  const base = { id, contract: `c-${own}`, startedAt: at };
  // The mix names IDs and numbers in its own way: what counts is which of the contract's they are.
  if ('id' in usage && usage.id !== undefined) {
    const position = (Number(usage.id.slice(-1)) || 0) % IDS;
    return { ...base, usage: { ...usage, id: `id-${own}-${position + 1}` } };
  }
  if ('at' in usage) return { ...base, usage: { ...usage, number: `0350${own}` } };
  return { ...base, usage };
}
