import type { Contract } from '../contracts/index.ts';
import type { Tx } from './database.ts';
import { ha1 } from './ha1.ts';

/** What the rows of a new contract are made with. */
export interface InsertWith {
  readonly nowMs: number;
  readonly realm: string;
  /** A fresh SIP password. */
  password(): string;
  seal(id: string, password: string): string;
}

/** Writes all rows of a new contract. Fails, with everything undone, when a name belongs to another contract. */
export async function insertContract(tx: Tx, contract: Contract, made: InsertWith): Promise<void> {
  const contract_id = contract.id;
  await tx
    .insertInto('contract')
    .values({
      contract_id,
      name_ja: contract.name.ja,
      name_en: contract.name.en,
      state: contract.state,
      model: contract.model,
      emergency: contract.emergency,
      identity_verified: contract.identityVerified,
      created_at_ms: made.nowMs,
      more: rest(contract, CONTRACT_COLUMNS),
    })
    .execute();
  await claimNames(tx, contract);
  for (const gateway_id of gatewaysOf(contract)) {
    await tx
      .insertInto('gateway')
      .values({ contract_id, gateway_id, mqtt_credential: null, enrolled_at_ms: null })
      .execute();
  }
  await insertDevices(tx, contract);
  await insertIds(tx, contract, made);
  await insertNumbers(tx, contract);
  await insertOptions(tx, contract);
}

function gatewaysOf(contract: Contract): readonly string[] {
  const named = contract.devices.flatMap(({ gateway }) => (gateway === null ? [] : [gateway as string]));
  return [...new Set(named)];
}

async function claimNames(tx: Tx, contract: Contract): Promise<void> {
  const contract_id = contract.id;
  const names = [
    ...contract.numbers.map(({ number }) => ({ kind: 'number' as const, name: number, contract_id })),
    ...gatewaysOf(contract).map((name) => ({ kind: 'gateway' as const, name, contract_id })),
    ...contract.ids.map(({ id }) => ({ kind: 'service_id' as const, name: id, contract_id })),
  ];
  if (names.length > 0) await tx.insertInto('name_owner').values(names).execute();
}

async function insertDevices(tx: Tx, contract: Contract): Promise<void> {
  for (const device of contract.devices) {
    await tx
      .insertInto('device')
      .values({
        contract_id: contract.id,
        device_id: device.id,
        kind: device.kind,
        gateway_id: device.gateway,
        items: JSON.stringify(device.items),
        ...heldColumns(device),
        more: rest(device, ['id', 'kind', 'gateway', 'items', 'held']),
      })
      .execute();
  }
}

async function insertIds(tx: Tx, contract: Contract, made: InsertWith): Promise<void> {
  for (const id of contract.ids) {
    const password = made.password();
    await tx
      .insertInto('service_id')
      .values({
        contract_id: contract.id,
        service_id: id.id,
        role: id.role,
        device_id: id.device,
        port: id.port,
        extension: id.extension,
        label: id.label,
        presents: id.presents,
        realm: made.realm,
        sip_password_sealed: made.seal(id.id, password),
        ha1_md5: ha1('MD5', id.id, made.realm, password),
        ha1_sha256: ha1('SHA-256', id.id, made.realm, password),
        ...heldColumns(id),
        more: rest(id, ID_COLUMNS),
      })
      .execute();
  }
}

async function insertNumbers(tx: Tx, contract: Contract): Promise<void> {
  const contract_id = contract.id;
  for (const entry of contract.numbers) {
    const { number, role } = entry;
    await tx
      .insertInto('phone_number')
      .values({
        contract_id,
        number,
        role,
        ported_in: entry.portedIn,
        more: rest(entry, ['number', 'role', 'rings', 'portedIn', 'held']),
        ...heldColumns(entry),
      })
      .execute();
    for (const service_id of entry.rings) {
      await tx.insertInto('number_ring').values({ contract_id, number, service_id }).execute();
    }
  }
}

async function insertOptions(tx: Tx, contract: Contract): Promise<void> {
  for (const [index, option] of contract.options.entries()) {
    await tx
      .insertInto('contract_option')
      .values({
        contract_id: contract.id,
        position: index + 1,
        items: JSON.stringify(option.items),
        on_name: option.on,
        ...heldColumns(option),
        more: rest(option, ['items', 'on', 'held']),
      })
      .execute();
  }
}

const CONTRACT_COLUMNS = [
  ...['id', 'name', 'state', 'model', 'emergency', 'identityVerified'],
  ...['numbers', 'ids', 'devices', 'options'],
];
const ID_COLUMNS = ['id', 'role', 'device', 'port', 'extension', 'label', 'presents', 'held'];

/** What has no column of its own, as JSON: nothing of a contract is dropped because the schema does not know it yet. */
function rest(entry: object, columns: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(Object.entries(entry).filter(([key]) => !columns.includes(key))));
}

function heldColumns(entry: Pick<Contract['numbers'][number], 'held'>): {
  held_from_ms: number;
  held_until_ms: number | null;
} {
  return { held_from_ms: entry.held.from, held_until_ms: entry.held.until };
}
