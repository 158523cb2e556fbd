import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Presence, ReportedConfig } from '../../lib/contract/facts.ts';
import type { Database } from './database.ts';

/** One gateway for the operator. */
export interface GatewayRow {
  readonly gateway: GatewayId;
  readonly contract: ContractId;
  readonly enrolledAt: number | null;
  /** Who the box is that was claimed last: as on its label; null before the first claim. */
  readonly serialNumber: string | null;
  /** SHA-256 of its public key, hex, as it stands on its console; null while it has no good certificate. */
  readonly keyFingerprint: string | null;
  readonly online: boolean;
  readonly presenceChangedAt: number | null;
  readonly desiredRev: number;
  readonly reported: ReportedConfig | null;
}

/** A stored desired configuration. */
export interface StoredDesired {
  readonly rev: number;
  readonly contentSha256: string;
  readonly envelope: string;
}

/** What the service knows of its boxes. */
export class Gateways {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<readonly GatewayRow[]> {
    const rows = await this.#database.db
      .selectFrom('gateway as g')
      .leftJoin('presence as p', (join) =>
        join.onRef('p.contract_id', '=', 'g.contract_id').onRef('p.gateway_id', '=', 'g.gateway_id'),
      )
      .leftJoin('reported_config as r', (join) =>
        join.onRef('r.contract_id', '=', 'g.contract_id').onRef('r.gateway_id', '=', 'g.gateway_id'),
      )
      .select((build) => [
        'g.contract_id',
        'g.gateway_id',
        'g.enrolled_at_ms',
        'p.online',
        'p.changed_at_ms',
        'r.report',
        build
          .selectFrom('desired_config as d')
          .select((inner) => inner.fn.max('d.rev').as('rev'))
          .whereRef('d.contract_id', '=', 'g.contract_id')
          .whereRef('d.gateway_id', '=', 'g.gateway_id')
          .as('rev'),
        build
          .selectFrom('gateway_claim as c')
          .select('c.serial_number')
          .whereRef('c.contract_id', '=', 'g.contract_id')
          .whereRef('c.gateway_id', '=', 'g.gateway_id')
          .where('c.used_at_ms', 'is not', null)
          .orderBy('c.used_at_ms', 'desc')
          .limit(1)
          .as('serial_number'),
        build
          .selectFrom('gateway_certificate as k')
          .select('k.key_digest')
          .whereRef('k.contract_id', '=', 'g.contract_id')
          .whereRef('k.gateway_id', '=', 'g.gateway_id')
          .where('k.revoked_at_ms', 'is', null)
          .orderBy('k.issued_at_ms', 'desc')
          .limit(1)
          .as('key_digest'),
      ])
      .orderBy('g.gateway_id')
      .execute();
    return rows.map((row) => ({
      gateway: row.gateway_id as GatewayId,
      contract: row.contract_id as ContractId,
      enrolledAt: row.enrolled_at_ms,
      serialNumber: row.serial_number,
      keyFingerprint: row.key_digest,
      online: row.online ?? false,
      presenceChangedAt: row.changed_at_ms,
      desiredRev: row.rev ?? 0,
      reported: (row.report ?? null) as ReportedConfig | null,
    }));
  }

  /** Whether a gateway is connected, as far as is known. */
  async online(gateway: GatewayId): Promise<boolean> {
    const row = await this.#database.db
      .selectFrom('presence')
      .select('online')
      .where('gateway_id', '=', gateway)
      .where('online', '=', true)
      .executeTakeFirst();
    return row !== undefined;
  }

  async latestDesired(contract: ContractId, gateway: GatewayId): Promise<StoredDesired | undefined> {
    const row = await this.#database.db
      .selectFrom('desired_config')
      .select(['rev', 'content_sha256', 'envelope'])
      .where('contract_id', '=', contract)
      .where('gateway_id', '=', gateway)
      .orderBy('rev', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && { rev: row.rev, contentSha256: row.content_sha256, envelope: row.envelope };
  }

  /** One revision as it was published; undefined when there is none. */
  async desiredAt(contract: ContractId, gateway: GatewayId, rev: number): Promise<string | undefined> {
    const row = await this.#database.db
      .selectFrom('desired_config')
      .select('envelope')
      .where('contract_id', '=', contract)
      .where('gateway_id', '=', gateway)
      .where('rev', '=', rev)
      .executeTakeFirst();
    return row?.envelope;
  }

  /** Stores a revision. False when somebody else stored the same revision first. */
  async addDesired(
    contract: ContractId,
    gateway: GatewayId,
    desired: StoredDesired,
    atMs: number,
  ): Promise<boolean> {
    const done = await this.#database.db
      .insertInto('desired_config')
      .values({
        contract_id: contract,
        gateway_id: gateway,
        rev: desired.rev,
        content_sha256: desired.contentSha256,
        envelope: desired.envelope,
        made_at_ms: atMs,
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'gateway_id', 'rev']).doNothing())
      .executeTakeFirst();
    return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async reported(
    contract: ContractId,
    gateway: GatewayId,
  ): Promise<{ readonly report: ReportedConfig; readonly receivedAt: number } | undefined> {
    const row = await this.#database.db
      .selectFrom('reported_config')
      .select(['report', 'received_at_ms'])
      .where('contract_id', '=', contract)
      .where('gateway_id', '=', gateway)
      .executeTakeFirst();
    return row && { report: row.report as ReportedConfig, receivedAt: row.received_at_ms };
  }

  async saveReported(
    contract: ContractId,
    gateway: GatewayId,
    report: ReportedConfig,
    atMs: number,
  ): Promise<void> {
    const values = { report: JSON.stringify(report), received_at_ms: atMs };
    await this.#database.transaction('reported', (tx) =>
      tx
        .insertInto('reported_config')
        .values({ contract_id: contract, gateway_id: gateway, ...values })
        .onConflict((conflict) => conflict.columns(['contract_id', 'gateway_id']).doUpdateSet(values))
        .execute(),
    );
  }

  /**
   * Keeps who is there. A last will is believed only when it belongs to the connection that is there now: a box that
   * reconnects faster than its old connection is missed would otherwise be shown as gone.
   */
  async savePresence(
    contract: ContractId,
    gateway: GatewayId,
    presence: Presence,
    atMs: number,
  ): Promise<void> {
    const { boot, connection, online } = presence;
    const values = { online, boot, connection, changed_at_ms: atMs };
    await this.#database.transaction('presence', (tx) =>
      tx
        .insertInto('presence')
        .values({ contract_id: contract, gateway_id: gateway, ...values })
        .onConflict((conflict) => {
          const update = conflict.columns(['contract_id', 'gateway_id']).doUpdateSet(values);
          return online
            ? update
            : update.where('presence.boot', '=', boot).where('presence.connection', '=', connection);
        })
        .execute(),
    );
  }

  /** When a broker starts nobody is connected, whatever the last run knew. What is newer than `atMs` stays. */
  async everybodyGone(atMs: number): Promise<void> {
    await this.#database.db
      .updateTable('presence')
      .set({ online: false, changed_at_ms: atMs })
      .where('online', '=', true)
      .where('changed_at_ms', '<=', atMs)
      .execute();
  }
}
