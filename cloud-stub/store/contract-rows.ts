import type { Selectable } from 'kysely';
import { instant } from '../../lib/base/clock.ts';
import type { ContractId, GatewayId, PortNumber, ServiceId } from '../../lib/base/ids.ts';
import type { Contract } from '../contracts/index.ts';
import type { Db, Tx } from './database.ts';
import type { Tables } from './schema.ts';

interface Parts {
  readonly numbers: readonly Selectable<Tables['phone_number']>[];
  readonly rings: readonly Selectable<Tables['number_ring']>[];
  readonly ids: readonly Selectable<Tables['service_id']>[];
  readonly devices: readonly Selectable<Tables['device']>[];
  readonly options: readonly Selectable<Tables['contract_option']>[];
}

/** Reads what one contract holds. Lists come in the order of their names. */
export async function readContract(db: Db | Tx, row: Selectable<Tables['contract']>): Promise<Contract> {
  const parts = await readParts(db, [row.contract_id]);
  return assemble(row, parts);
}

/** Contracts that are read with one question. */
const CONTRACTS_AT_ONCE = 500;

/** Reads what many contracts hold, in few questions. */
export async function readContracts(
  db: Db | Tx,
  rows: readonly Selectable<Tables['contract']>[],
): Promise<readonly Contract[]> {
  const contracts: Contract[] = [];
  for (let from = 0; from < rows.length; from += CONTRACTS_AT_ONCE) {
    const some = rows.slice(from, from + CONTRACTS_AT_ONCE);
    const { numbers, rings, ids, devices, options } = await readParts(
      db,
      some.map(({ contract_id }) => contract_id),
    );
    const [numbersOf, ringsOf, idsOf] = [byContract(numbers), byContract(rings), byContract(ids)];
    const [devicesOf, optionsOf] = [byContract(devices), byContract(options)];
    for (const row of some) {
      const key = row.contract_id;
      contracts.push(
        assemble(row, {
          numbers: numbersOf(key),
          rings: ringsOf(key),
          ids: idsOf(key),
          devices: devicesOf(key),
          options: optionsOf(key),
        }),
      );
    }
  }
  return contracts;
}

function byContract<Row extends { readonly contract_id: string }>(
  rows: readonly Row[],
): (contract: string) => readonly Row[] {
  const groups = Map.groupBy(rows, ({ contract_id }) => contract_id);
  return (contract) => groups.get(contract) ?? [];
}

async function readParts(db: Db | Tx, contracts: readonly string[]): Promise<Parts> {
  const [numbers, rings, ids, devices, options] = await Promise.all([
    db
      .selectFrom('phone_number')
      .selectAll()
      .where('contract_id', 'in', contracts)
      .orderBy('number')
      .orderBy('held_from_ms')
      .execute(),
    db
      .selectFrom('number_ring')
      .selectAll()
      .where('contract_id', 'in', contracts)
      .orderBy('service_id')
      .execute(),
    db
      .selectFrom('service_id')
      .selectAll()
      .where('contract_id', 'in', contracts)
      .orderBy('service_id')
      .execute(),
    db.selectFrom('device').selectAll().where('contract_id', 'in', contracts).orderBy('device_id').execute(),
    db
      .selectFrom('contract_option')
      .selectAll()
      .where('contract_id', 'in', contracts)
      .orderBy('position')
      .execute(),
  ]);
  return { numbers, rings, ids, devices, options };
}

/** Puts a contract together from its rows. */
function assemble(row: Selectable<Tables['contract']>, parts: Parts): Contract {
  const key = row.contract_id;
  const { numbers, rings, ids, devices, options } = parts;
  return {
    ...more(row),
    id: key as ContractId,
    name: { ja: row.name_ja, en: row.name_en },
    state: row.state,
    model: row.model,
    emergency: row.emergency,
    identityVerified: row.identity_verified,
    numbers: numbers.map((entry) => ({
      ...more(entry),
      number: entry.number,
      role: entry.role,
      rings: rings
        .filter((ring) => ring.number === entry.number && ring.held_from_ms === entry.held_from_ms)
        .map((ring) => ring.service_id as ServiceId),
      portedIn: entry.ported_in,
      held: held(entry),
    })),
    ids: ids.map((entry) => ({
      ...more(entry),
      id: entry.service_id as ServiceId,
      role: entry.role,
      device: entry.device_id,
      port: entry.port as PortNumber | null,
      extension: entry.extension,
      label: entry.label,
      presents: entry.presents,
      held: held(entry),
    })),
    devices: devices.map((entry) => ({
      ...more(entry),
      id: entry.device_id,
      kind: entry.kind,
      gateway: entry.gateway_id as GatewayId | null,
      items: entry.items as readonly string[],
      held: held(entry),
    })),
    options: options.map((entry) => ({
      ...more(entry),
      items: entry.items as readonly string[],
      on: entry.on_name,
      held: held(entry),
    })),
  };
}

/** Parts that have no column of their own; written by us from a checked contract. */
function more(row: { more: unknown }): object {
  return typeof row.more === 'object' && row.more !== null ? row.more : {};
}

function held(row: {
  held_from_ms: number;
  held_until_ms: number | null;
}): Contract['numbers'][number]['held'] {
  return {
    from: instant(row.held_from_ms),
    until: row.held_until_ms === null ? null : instant(row.held_until_ms),
  };
}
