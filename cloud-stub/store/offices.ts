import { StartupError } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import type { Database, Db, Tx } from './database.ts';
import { ha1 } from './ha1.ts';
import type { OfficePlan, PlannedId } from './office-plan.ts';
import type { Vault } from './vault.ts';

/** Bytes of chance in a SIP password. */
const SIP_PASSWORD_BYTES = 18;

/** What the offices need from outside. */
export interface OfficeNeeds {
  readonly database: Database;
  readonly vault: Vault;
  /** SIP domain and digest realm. */
  readonly realm: string;
  readonly now: () => number;
  /** Chance for passwords, as text. */
  readonly secret: (bytes: number) => string;
}

/** Where a sealed SIP password belongs. */
function place(contract: string, id: string): string {
  return `sip-password/${contract}/${id}`;
}

/** Contracts, numbers, IDs and gateways, as rows. */
export class Offices {
  readonly #needs: OfficeNeeds;

  constructor(needs: OfficeNeeds) {
    this.#needs = needs;
  }

  /** True when the database knows no contract at all. */
  async empty(): Promise<boolean> {
    const row = await this.#needs.database.db.selectFrom('contract').select('contract_id').limit(1).execute();
    return row.length === 0;
  }

  /** Writes a new office with fresh SIP passwords, whole or not at all. Throws when a name is already taken. */
  async add(plan: OfficePlan): Promise<void> {
    const { database, now } = this.#needs;
    await database.transaction('add office', async (tx) => {
      const contract_id = plan.contract.id;
      const { office, state, emergency } = plan.contract;
      await tx
        .insertInto('contract')
        .values({ contract_id, office, state, emergency, created_at_ms: now() })
        .execute();
      await claimNames(tx, plan);
      for (const gateway_id of plan.gateways) {
        await tx
          .insertInto('gateway')
          .values({ contract_id, gateway_id, mqtt_credential: null, enrolled_at_ms: null })
          .execute();
      }
      for (const id of plan.ids) await this.#addId(tx, plan.contract.id, id);
      for (const { number, role, rings } of plan.numbers) {
        await tx.insertInto('phone_number').values({ contract_id, number, role }).execute();
        for (const service_id of rings) {
          await tx.insertInto('number_ring').values({ contract_id, number, service_id }).execute();
        }
      }
    });
  }

  /** Every office, in a fixed order. */
  async all(): Promise<readonly OfficePlan[]> {
    const { db } = this.#needs.database;
    const contracts = await db.selectFrom('contract').selectAll().orderBy('contract_id').execute();
    const plans: OfficePlan[] = [];
    for (const row of contracts) plans.push(await this.#plan(db, row));
    return plans;
  }

  async one(contract: ContractId): Promise<OfficePlan | undefined> {
    const { db } = this.#needs.database;
    const row = await db
      .selectFrom('contract')
      .selectAll()
      .where('contract_id', '=', contract)
      .executeTakeFirst();
    return row === undefined ? undefined : this.#plan(db, row);
  }

  /** The contract that a gateway serves. */
  async contractOf(gateway: GatewayId): Promise<ContractId | undefined> {
    const row = await this.#needs.database.db
      .selectFrom('name_owner')
      .select('contract_id')
      .where('kind', '=', 'gateway')
      .where('name', '=', gateway)
      .executeTakeFirst();
    return row?.contract_id as ContractId | undefined;
  }

  /** SIP passwords of a contract's IDs. Throws a StartupError when the key in the state folder is another one. */
  async sipPasswords(contract: ContractId): Promise<ReadonlyMap<ServiceId, string>> {
    const rows = await this.#needs.database.db
      .selectFrom('service_id')
      .select(['service_id', 'sip_password_sealed'])
      .where('contract_id', '=', contract)
      .execute();
    const passwords = new Map<ServiceId, string>();
    for (const row of rows) {
      const password = this.#needs.vault.open(place(contract, row.service_id), row.sip_password_sealed);
      if (password === undefined) {
        throw new StartupError({
          code: 'store.wrongKey',
          fault: 'environment',
          say: `The SIP password of ${row.service_id} does not open with the key in the state folder: the database and the state folder do not belong together. Give both of the same installation.`,
        });
      }
      passwords.set(row.service_id as ServiceId, password);
    }
    return passwords;
  }

  /** HA1 of every ID, by realm. */
  async credentials(): Promise<readonly { id: ServiceId; realm: string; md5: string; sha256: string }[]> {
    const rows = await this.#needs.database.db
      .selectFrom('service_id')
      .select(['service_id', 'realm', 'ha1_md5', 'ha1_sha256'])
      .execute();
    return rows.map((row) => ({
      id: row.service_id as ServiceId,
      realm: row.realm,
      md5: row.ha1_md5,
      sha256: row.ha1_sha256,
    }));
  }

  async #addId(tx: Tx, contract: ContractId, id: PlannedId): Promise<void> {
    const { realm, secret, vault } = this.#needs;
    const password = secret(SIP_PASSWORD_BYTES);
    await tx
      .insertInto('service_id')
      .values({
        contract_id: contract,
        service_id: id.id,
        role: id.role,
        device: id.device,
        presents: id.presents,
        label: id.label,
        gateway_id: id.at?.gateway ?? null,
        port: id.at?.port ?? null,
        extension: id.at?.extension ?? null,
        realm,
        sip_password_sealed: vault.seal(place(contract, id.id), password),
        ha1_md5: ha1('MD5', id.id, realm, password),
        ha1_sha256: ha1('SHA-256', id.id, realm, password),
      })
      .execute();
  }

  async #plan(
    db: Db,
    contract: {
      contract_id: string;
      office: string;
      state: OfficePlan['contract']['state'];
      emergency: 'supported' | 'refused';
    },
  ): Promise<OfficePlan> {
    const key = contract.contract_id;
    const gateways = await db
      .selectFrom('gateway')
      .select('gateway_id')
      .where('contract_id', '=', key)
      .orderBy('gateway_id')
      .execute();
    const ids = await db
      .selectFrom('service_id')
      .selectAll()
      .where('contract_id', '=', key)
      .orderBy('service_id')
      .execute();
    const numbers = await db
      .selectFrom('phone_number')
      .selectAll()
      .where('contract_id', '=', key)
      .orderBy('number')
      .execute();
    const rings = await db
      .selectFrom('number_ring')
      .selectAll()
      .where('contract_id', '=', key)
      .orderBy('service_id')
      .execute();
    return {
      contract: {
        id: key as ContractId,
        office: contract.office,
        state: contract.state,
        emergency: contract.emergency,
      },
      gateways: gateways.map((row) => row.gateway_id as GatewayId),
      ids: ids.map((row) => ({
        id: row.service_id as ServiceId,
        role: row.role,
        device: row.device,
        presents: row.presents,
        label: row.label,
        at:
          row.gateway_id === null || row.port === null || row.extension === null
            ? null
            : { gateway: row.gateway_id as GatewayId, port: row.port, extension: row.extension },
      })),
      numbers: numbers.map((row) => ({
        number: row.number,
        role: row.role,
        rings: rings.filter((ring) => ring.number === row.number).map((ring) => ring.service_id as ServiceId),
      })),
    };
  }
}

async function claimNames(tx: Tx, plan: OfficePlan): Promise<void> {
  const contract_id = plan.contract.id;
  const names = [
    ...plan.numbers.map(({ number }) => ({ kind: 'number' as const, name: number, contract_id })),
    ...plan.gateways.map((name) => ({ kind: 'gateway' as const, name, contract_id })),
    ...plan.ids.map(({ id }) => ({ kind: 'service_id' as const, name: id, contract_id })),
  ];
  if (names.length > 0) await tx.insertInto('name_owner').values(names).execute();
}
