import { StartupError } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import { type Contract, checkContract } from '../contracts/index.ts';
import { type InsertWith, insertContract } from './contract-insert.ts';
import { readContract, readContracts } from './contract-rows.ts';
import type { Database } from './database.ts';
import { ha1 } from './ha1.ts';
import { appendEntry, openingOf } from './orders.ts';
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

/** What the registrar needs of an ID. */
export interface SipCredential {
  readonly id: ServiceId;
  readonly realm: string;
  readonly md5: string;
  readonly sha256: string;
}

/** Where a sealed SIP password belongs. */
function place(contract: string, id: string): string {
  return `sip-password/${contract}/${id}`;
}

/** Contracts with all that they hold. */
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

  /**
   * Writes a new contract with fresh SIP passwords, whole or not at all. Throws when it breaks a rule of contracts or
   * when one of its names is already taken.
   */
  async add(contract: Contract): Promise<void> {
    const checked = checkContract(contract);
    if (!checked.ok) throw new Error(checked.error.say);
    const { database, now } = this.#needs;
    await database.transaction('add contract', async (tx) => {
      const nowMs = now();
      await insertContract(tx, contract, this.insertWith(contract.id));
      await appendEntry(tx, openingOf(contract, nowMs), nowMs);
    });
  }

  /** What new rows of a contract are made with: fresh SIP passwords, sealed for their place. */
  insertWith(contract: ContractId): InsertWith {
    const { now, realm, secret, vault } = this.#needs;
    return {
      nowMs: now(),
      realm,
      password: () => secret(SIP_PASSWORD_BYTES),
      seal: (id, password) => vault.seal(place(contract, id), password),
    };
  }

  /** Changes whenever a contract was added or changed, by whichever process. */
  async stamp(): Promise<string> {
    const row = await this.#needs.database.db
      .selectFrom('contract')
      .select((each) => [each.fn.countAll().as('count'), each.fn.sum('version').as('versions')])
      .executeTakeFirstOrThrow();
    return `${row.count}/${row.versions}`;
  }

  /** Every contract, in a fixed order. */
  async all(): Promise<readonly Contract[]> {
    const { db } = this.#needs.database;
    const rows = await db.selectFrom('contract').selectAll().orderBy('contract_id').execute();
    return readContracts(db, rows);
  }

  async one(contract: ContractId): Promise<Contract | undefined> {
    const { db } = this.#needs.database;
    const row = await db
      .selectFrom('contract')
      .selectAll()
      .where('contract_id', '=', contract)
      .executeTakeFirst();
    return row === undefined ? undefined : readContract(db, row);
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

  /**
   * New SIP passwords for all IDs of a gateway, lines and desk phones: what the box knew opens nothing any more. Answers whose
   * they are.
   */
  async renewSipPasswords(contract: ContractId, gateway: GatewayId): Promise<readonly ServiceId[]> {
    const { database, realm, secret, vault } = this.#needs;
    return database.transaction('renew SIP passwords', async (tx) => {
      const rows = await tx
        .selectFrom('service_id as s')
        .innerJoin('device as d', (join) =>
          join.onRef('d.contract_id', '=', 's.contract_id').onRef('d.device_id', '=', 's.device_id'),
        )
        .select('s.service_id')
        .where('s.contract_id', '=', contract)
        .where('d.gateway_id', '=', gateway)
        .orderBy('s.service_id')
        .execute();
      for (const { service_id: id } of rows) {
        const password = secret(SIP_PASSWORD_BYTES);
        await tx
          .updateTable('service_id')
          .set({
            sip_password_sealed: vault.seal(place(contract, id), password),
            ha1_md5: ha1('MD5', id, realm, password),
            ha1_sha256: ha1('SHA-256', id, realm, password),
          })
          .where('contract_id', '=', contract)
          .where('service_id', '=', id)
          .execute();
      }
      return rows.map(({ service_id }) => service_id as ServiceId);
    });
  }

  /** What the registrar needs of every ID. */
  async credentials(): Promise<readonly SipCredential[]> {
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
}
