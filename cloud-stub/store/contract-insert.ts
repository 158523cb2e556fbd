import { sql } from 'kysely';
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
  await tx
    .insertInto('contract')
    .values({ contract_id: contract.id, created_at_ms: made.nowMs, ...contractColumns(contract) })
    .execute();
  await claimNames(tx, contract, made.nowMs);
  await writeParts(tx, contract, made);
}

/** A name that an order asks for and another contract has. */
export class NameTaken extends Error {
  readonly taken: string;

  constructor(taken: string) {
    super(`${taken} belongs to another contract`);
    this.taken = taken;
  }
}

/**
 * Writes what an order has made of a contract: rows are changed, added and taken away until they say the same. Secrets
 * of what stays are kept. Throws {@link NameTaken} when a name belongs to another contract.
 */
export async function updateContract(tx: Tx, contract: Contract, made: InsertWith): Promise<void> {
  const contract_id = contract.id;
  await tx
    .updateTable('contract')
    .set(contractColumns(contract))
    .where('contract_id', '=', contract_id)
    .execute();
  await claimNames(tx, contract, made.nowMs);
  await tx.deleteFrom('number_ring').where('contract_id', '=', contract_id).execute();
  await tx.deleteFrom('contract_option').where('contract_id', '=', contract_id).execute();
  await deleteOthers(tx, contract);
  await writeParts(tx, contract, made);
}

async function writeParts(tx: Tx, contract: Contract, made: InsertWith): Promise<void> {
  for (const gateway_id of gatewaysOf(contract)) {
    await tx
      .insertInto('gateway')
      .values({ contract_id: contract.id, gateway_id, enrolled_at_ms: null })
      .onConflict((conflict) => conflict.columns(['contract_id', 'gateway_id']).doNothing())
      .execute();
  }
  await writeDevices(tx, contract);
  await writeIds(tx, contract, made);
  await writeNumbers(tx, contract);
  await insertOptions(tx, contract);
}

function contractColumns(contract: Contract) {
  return {
    name_ja: contract.name.ja,
    name_en: contract.name.en,
    state: contract.state,
    model: contract.model,
    emergency: contract.emergency,
    identity_verified: contract.identityVerified,
    more: rest(contract, CONTRACT_COLUMNS),
  };
}

function gatewaysOf(contract: Contract): readonly string[] {
  const named = contract.devices.flatMap(({ gateway }) => (gateway === null ? [] : [gateway as string]));
  return [...new Set(named)];
}

/** Hardware addresses of the desk phones that the contract has now. */
function phonesOf(contract: Contract): readonly string[] {
  return contract.devices.flatMap(({ phone, held }) =>
    phone === undefined || held.until !== null ? [] : [phone.mac],
  );
}

interface Name {
  readonly kind: 'number' | 'gateway' | 'service_id' | 'phone';
  readonly name: string;
  readonly contract_id: string;
  readonly held_until_ms: number | null;
}

/** Names that a contract has for itself. A number that it gave up is free for others again, from the day of its end on. */
function namesOf(contract: Contract, nowMs: number): readonly Name[] {
  const contract_id = contract.id;
  const all = [...contract.numbers, ...(contract.tollFree ?? [])].filter((one) => !isOver(one, nowMs));
  // Of several holdings of one number the last one counts.
  const held = new Map(
    all.toSorted((a, b) => a.held.from - b.held.from).map((one) => [one.number, one.held]),
  );
  const always = { contract_id, held_until_ms: null };
  return [
    ...[...held].map(([name, { until }]) => ({
      kind: 'number' as const,
      name,
      contract_id,
      held_until_ms: until,
    })),
    ...gatewaysOf(contract).map((name) => ({ kind: 'gateway' as const, name, ...always })),
    ...contract.ids.map(({ id }) => ({ kind: 'service_id' as const, name: id, ...always })),
    ...phonesOf(contract).map((name) => ({ kind: 'phone' as const, name, ...always })),
  ];
}

function isOver({ held }: Pick<Contract['numbers'][number], 'held'>, nowMs: number): boolean {
  return held.until !== null && held.until <= nowMs;
}

/**
 * Takes the names for the contract: those that are free, its own, and those whose time at another contract is over. What
 * another one still has is not taken: {@link NameTaken}.
 */
async function claimNames(tx: Tx, contract: Contract, nowMs: number): Promise<void> {
  const names = namesOf(contract, nowMs);
  if (names.length === 0) return;
  const keep = names.map(({ name }) => name);
  await tx
    .deleteFrom('name_owner')
    .where('contract_id', '=', contract.id)
    .where('kind', 'in', ['number', 'phone'])
    .where('name', 'not in', keep)
    .execute();
  const claimed = await tx
    .insertInto('name_owner')
    .values([...names])
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'name'])
        .doUpdateSet({
          contract_id: sql<string>`excluded.contract_id`,
          held_until_ms: sql<number | null>`excluded.held_until_ms`,
        })
        .where(({ eb, or, ref }) =>
          or([
            eb('name_owner.contract_id', '=', ref('excluded.contract_id')),
            eb('name_owner.held_until_ms', '<=', nowMs),
          ]),
        ),
    )
    .returning(['kind', 'name'])
    .execute();
  const taken = names.find(
    ({ kind, name }) => !claimed.some((row) => row.kind === kind && row.name === name),
  );
  if (taken !== undefined) throw new NameTaken(taken.name);
}

/** What a contract does not hold any more, and never will have held. */
async function deleteOthers(tx: Tx, contract: Contract): Promise<void> {
  const none = [''];
  const numbers = contract.numbers.map(({ number, held }) => `${number} ${held.from}`);
  const ids = contract.ids.map(({ id }) => id as string);
  const devices = contract.devices.map(({ id }) => id);
  await tx
    .deleteFrom('phone_number')
    .where('contract_id', '=', contract.id)
    .where(sql<string>`number || ' ' || held_from_ms`, 'not in', [...none, ...numbers])
    .execute();
  await tx
    .deleteFrom('service_id')
    .where('contract_id', '=', contract.id)
    .where('service_id', 'not in', [...none, ...ids])
    .execute();
  await tx
    .deleteFrom('device')
    .where('contract_id', '=', contract.id)
    .where('device_id', 'not in', [...none, ...devices])
    .execute();
}

async function writeDevices(tx: Tx, contract: Contract): Promise<void> {
  for (const device of contract.devices) {
    const columns = {
      kind: device.kind,
      gateway_id: device.gateway,
      items: JSON.stringify(device.items),
      ...heldColumns(device),
      more: rest(device, ['id', 'kind', 'gateway', 'items', 'held']),
    };
    await tx
      .insertInto('device')
      .values({ contract_id: contract.id, device_id: device.id, ...columns })
      .onConflict((conflict) => conflict.columns(['contract_id', 'device_id']).doUpdateSet(columns))
      .execute();
  }
}

async function writeIds(tx: Tx, contract: Contract, made: InsertWith): Promise<void> {
  // What ended first: a port is free for the next one before that is written.
  const ids = [...contract.ids].sort((a, b) => Number(a.held.until === null) - Number(b.held.until === null));
  for (const id of ids) {
    const password = made.password();
    const columns = {
      role: id.role,
      device_id: id.device,
      port: id.port,
      extension: id.extension,
      label: id.label,
      presents: id.presents,
      ...heldColumns(id),
      more: rest(id, ID_COLUMNS),
    };
    await tx
      .insertInto('service_id')
      .values({
        contract_id: contract.id,
        service_id: id.id,
        realm: made.realm,
        sip_password_sealed: made.seal(id.id, password),
        ha1_md5: ha1('MD5', id.id, made.realm, password),
        ha1_sha256: ha1('SHA-256', id.id, made.realm, password),
        ...columns,
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'service_id']).doUpdateSet(columns))
      .execute();
  }
}

async function writeNumbers(tx: Tx, contract: Contract): Promise<void> {
  const contract_id = contract.id;
  for (const entry of contract.numbers) {
    const { number } = entry;
    const columns = {
      role: entry.role,
      ported_in: entry.portedIn,
      more: rest(entry, ['number', 'role', 'rings', 'portedIn', 'held']),
      ...heldColumns(entry),
    };
    await tx
      .insertInto('phone_number')
      .values({ contract_id, number, ...columns })
      .onConflict((conflict) =>
        conflict.columns(['contract_id', 'number', 'held_from_ms']).doUpdateSet(columns),
      )
      .execute();
    for (const service_id of entry.rings) {
      await tx
        .insertInto('number_ring')
        .values({ contract_id, number, held_from_ms: entry.held.from, service_id })
        .execute();
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
