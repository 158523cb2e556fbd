import { createPublicKey } from 'node:crypto';
import pg from 'pg';
import { newDeviceKey } from '../../agent/enrol/index.ts';
import { exampleOffice } from '../../cloud-stub/contracts/index.ts';
import type { Store } from '../../cloud-stub/store/index.ts';
import type { ServiceKeys } from '../../cloud-stub/sync/index.ts';
import { Issuer } from '../../cloud-stub/sync/issuer.ts';
import type { ContractId, GatewayId, PortNumber, ServiceId } from '../../lib/base/ids.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';

const CERTIFICATE_LIVES_MS = 30 * 86_400_000;
/** Offices that are written at a time. */
const LANES = 6;

/** What a fleet is made from. */
export interface FleetPlan {
  readonly store: Store;
  readonly databaseUrl: string;
  readonly keys: ServiceKeys;
  readonly count: number;
  /** Where the broker is. */
  readonly mqtt: Enrolment['mqtt'];
}

/** An office with one gateway, by its number. */
export function officeNumber(n: number): { readonly contract: ContractId; readonly gateway: GatewayId } {
  const six = String(n).padStart(6, '0');
  return { contract: `c-${six}` as ContractId, gateway: `gw-${six}` as GatewayId };
}

/** Orders `count` offices of one gateway each, and enrols their gateways without a technician. */
export async function makeFleet(plan: FleetPlan): Promise<readonly Enrolment[]> {
  const numbers = Array.from({ length: plan.count }, (_unused, index) => index + 1);
  const lanes = Array.from({ length: LANES }, async (_unused, lane) => {
    for (const n of numbers.filter((each) => each % LANES === lane)) await plan.store.offices.add(office(n));
  });
  await Promise.all(lanes);
  await plan.store.directory.refresh();
  const issuer = new Issuer(plan.keys.caPem, plan.keys.caKey, systemRandom);
  const certificates = numbers.map((n) => {
    const { contract, gateway } = officeNumber(n);
    const key = newDeviceKey();
    const issued = issuer.issue(gateway, createPublicKey(key as never), Date.now(), CERTIFICATE_LIVES_MS);
    return { contract, gateway, key, issued };
  });
  await keep(
    plan.databaseUrl,
    certificates.map(({ contract, gateway, issued }) => ({
      ...{ contract_id: contract, gateway_id: gateway, serial: issued.serial, key_digest: '' },
      ...{ issued_at_ms: issued.issuedAt, ends_at_ms: issued.endsAt },
    })),
  );
  const { host } = plan.mqtt;
  return certificates.map(({ gateway, issued, key }) => ({
    ...{ v: 2, gateway, mqtt: plan.mqtt, enrol: { host, port: 8_884 } },
    sip: { host, port: 5_061, domain: 'engawa.example' },
    ...{ caPem: plan.keys.caPem, configKeyPem: plan.keys.configPublicPem },
    device: {
      certificatePem: issued.pem,
      privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  }));
}

/** Gives every office another name: a change of each configuration. */
export async function renameOffices(databaseUrl: string, name: string): Promise<void> {
  await withDatabase(databaseUrl, (db) =>
    db.query('update contract set name_ja = $1, version = version + 1', [name]),
  );
}

/** Rows of a question. */
export async function rowsOf<Row extends object>(databaseUrl: string, sql: string): Promise<readonly Row[]> {
  return withDatabase(databaseUrl, async (db) => (await db.query<Row>(sql)).rows);
}

async function keep(databaseUrl: string, rows: readonly object[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {}).join(', ');
  const table = 'gateway_certificate';
  const text = `insert into ${table} (${names}) select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)`;
  await withDatabase(databaseUrl, (db) => db.query(text, [JSON.stringify(rows)]));
}

async function withDatabase<Value>(url: string, work: (db: pg.Client) => Promise<Value>): Promise<Value> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

function office(n: number): typeof exampleOffice {
  const six = String(n).padStart(6, '0');
  const [first] = exampleOffice.ids;
  if (first === undefined) throw new Error('the example office is empty');
  const { held } = first;
  const id = `id-${six}-1` as ServiceId;
  const number = `0355${six}`;
  const port = 1 as PortNumber;
  return {
    ...exampleOffice,
    id: officeNumber(n).contract,
    numbers: [{ number, role: 'contract', rings: [id], portedIn: false, held }],
    ids: [
      {
        ...{ id, role: 'base', device: `adapter-${six}`, port, extension: '11', label: 'x' },
        ...{ presents: number, held },
      },
    ],
    devices: [{ id: `adapter-${six}`, kind: 'adapter', gateway: officeNumber(n).gateway, items: [], held }],
  };
}
