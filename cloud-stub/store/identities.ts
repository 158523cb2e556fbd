import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Database, Tx } from './database.ts';

/** A claim code as it is kept: by its digest. */
export interface KeptClaim {
  readonly contract: ContractId;
  readonly gateway: GatewayId;
  readonly digest: string;
  readonly madeAt: number;
  readonly expiresAt: number;
}

/** A certificate as it is kept. */
export interface KeptCertificate {
  readonly contract: ContractId;
  readonly gateway: GatewayId;
  /** 32 hex digits. */
  readonly serial: string;
  /** SHA-256 of the public key, hex. */
  readonly keyDigest: string;
  readonly issuedAt: number;
  readonly endsAt: number;
}

/** Who may speak as a gateway, and who may no more. */
export class Identities {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a new claim code; those of the gateway that nobody has used end with it. */
  async addClaim(claim: KeptClaim): Promise<void> {
    const { contract, gateway, digest, madeAt, expiresAt } = claim;
    await this.#database.transaction('claim', async (tx) => {
      await tx
        .deleteFrom('gateway_claim')
        .where('contract_id', '=', contract)
        .where('gateway_id', '=', gateway)
        .where('used_at_ms', 'is', null)
        .execute();
      await tx
        .insertInto('gateway_claim')
        .values({
          ...{ contract_id: contract, gateway_id: gateway, claim_digest: digest },
          ...{ made_at_ms: madeAt, expires_at_ms: expiresAt },
          ...{ used_at_ms: null, used_by_key: null, serial_number: null },
        })
        .execute();
    });
  }

  /** Whose a claim code is; undefined when there is none, or the gateway is in that contract no more. */
  async claimOf(
    digest: string,
  ): Promise<{ readonly contract: ContractId; readonly gateway: GatewayId } | undefined> {
    const row = await this.#database.db
      .selectFrom('gateway_claim as c')
      .innerJoin('name_owner as n', (join) =>
        join.onRef('n.contract_id', '=', 'c.contract_id').onRef('n.name', '=', 'c.gateway_id'),
      )
      .select(['c.contract_id', 'c.gateway_id'])
      .where('n.kind', '=', 'gateway')
      .where('c.claim_digest', '=', digest)
      .executeTakeFirst();
    return row && { contract: row.contract_id as ContractId, gateway: row.gateway_id as GatewayId };
  }

  /**
   * Spends a claim code on a certificate. The same key may do so again, since the answer may have been lost; for any other
   * one it is used. The first time, all other codes of the gateway end and all certificates that it had are revoked: there is
   * one box of a name, and the one before does not come back by the code that it once used.
   */
  async claim(
    digest: string,
    certificate: KeptCertificate,
    serialNumber: string,
  ): Promise<'claimed' | 'unknown' | 'used' | 'expired'> {
    const { contract, gateway, keyDigest, issuedAt } = certificate;
    return this.#database.transaction('claim a gateway', async (tx) => {
      const row = await tx
        .selectFrom('gateway_claim')
        .select(['expires_at_ms', 'used_by_key'])
        .where('claim_digest', '=', digest)
        .where('gateway_id', '=', gateway)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined) return 'unknown';
      if (row.used_by_key !== null && row.used_by_key !== keyDigest) return 'used';
      if (row.expires_at_ms < issuedAt) return 'expired';
      if (row.used_by_key === null) {
        // The codes first: a box that is using one right now is waited for, and what it got is revoked as well.
        await tx
          .deleteFrom('gateway_claim')
          .where('contract_id', '=', contract)
          .where('gateway_id', '=', gateway)
          .where('claim_digest', '<>', digest)
          .execute();
        await revokeAll(tx, contract, gateway, 'enrolled anew', issuedAt);
        await tx
          .updateTable('gateway_claim')
          .set({ used_at_ms: issuedAt, used_by_key: keyDigest, serial_number: serialNumber })
          .where('claim_digest', '=', digest)
          .execute();
      }
      await insertCertificate(tx, certificate);
      await tx
        .updateTable('gateway')
        .set({ enrolled_at_ms: issuedAt })
        .where('contract_id', '=', contract)
        .where('gateway_id', '=', gateway)
        .execute();
      return 'claimed';
    });
  }

  /** Keeps a certificate that follows `serial`. False when that one is revoked or unknown by now. */
  async renew(serial: string, certificate: KeptCertificate): Promise<boolean> {
    return this.#database.transaction('renew a certificate', async (tx) => {
      await lockGateway(tx, certificate.contract, certificate.gateway);
      const row = await tx
        .selectFrom('gateway_certificate')
        .select('revoked_at_ms')
        .where('serial', '=', serial)
        .where('gateway_id', '=', certificate.gateway)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined || row.revoked_at_ms !== null) return false;
      await insertCertificate(tx, certificate);
      return true;
    });
  }

  /** Whose a certificate is, while it is good; undefined for all others. */
  async holderOf(
    serial: string,
    nowMs: number,
  ): Promise<{ readonly contract: ContractId; readonly gateway: GatewayId } | undefined> {
    const row = await this.#database.db
      .selectFrom('gateway_certificate as c')
      .innerJoin('name_owner as n', (join) =>
        join.onRef('n.contract_id', '=', 'c.contract_id').onRef('n.name', '=', 'c.gateway_id'),
      )
      .select(['c.contract_id', 'c.gateway_id'])
      .where('n.kind', '=', 'gateway')
      .where('c.serial', '=', serial)
      .where('c.revoked_at_ms', 'is', null)
      .where('c.ends_at_ms', '>', nowMs)
      .executeTakeFirst();
    return row && { contract: row.contract_id as ContractId, gateway: row.gateway_id as GatewayId };
  }

  /** Revokes every certificate and claim code of a gateway; answers how many certificates there were. */
  async revoke(contract: ContractId, gateway: GatewayId, why: string, nowMs: number): Promise<number> {
    return this.#database.transaction('revoke a gateway', async (tx) => {
      await tx
        .deleteFrom('gateway_claim')
        .where('contract_id', '=', contract)
        .where('gateway_id', '=', gateway)
        .execute();
      return revokeAll(tx, contract, gateway, why, nowMs);
    });
  }

  /**
   * Revokes every certificate of a gateway, which gave its identity back. The codes that led to them end too; one that nobody
   * has used stays, for the next box.
   */
  async endCertificates(contract: ContractId, gateway: GatewayId, why: string, nowMs: number): Promise<void> {
    await this.#database.transaction('end certificates', async (tx) => {
      await tx
        .deleteFrom('gateway_claim')
        .where('contract_id', '=', contract)
        .where('gateway_id', '=', gateway)
        .where('used_at_ms', 'is not', null)
        .execute();
      await revokeAll(tx, contract, gateway, why, nowMs);
    });
  }

  /** Whether a gateway has had more than one key in its life: another box may still know what it was told. */
  async hadOtherKeys(gateway: GatewayId): Promise<boolean> {
    const rows = await this.#database.db
      .selectFrom('gateway_certificate')
      .select('key_digest')
      .distinct()
      .where('gateway_id', '=', gateway)
      .limit(2)
      .execute();
    return rows.length > 1;
  }

  /** Revoked certificates that have not ended by themselves yet, for a broker's list. */
  async revoked(nowMs: number): Promise<readonly { readonly serial: string; readonly atMs: number }[]> {
    const rows = await this.#database.db
      .selectFrom('gateway_certificate')
      .select(['serial', 'revoked_at_ms'])
      .where('revoked_at_ms', 'is not', null)
      .where('ends_at_ms', '>', nowMs)
      .orderBy('serial')
      .execute();
    return rows.flatMap(({ serial, revoked_at_ms }) =>
      revoked_at_ms === null ? [] : [{ serial, atMs: revoked_at_ms }],
    );
  }

  /** Certificates that are good, for a broker that must be told whom it may let in. */
  async good(nowMs: number): Promise<readonly { readonly gateway: GatewayId; readonly serial: string }[]> {
    const rows = await this.#database.db
      .selectFrom('gateway_certificate')
      .select(['gateway_id', 'serial'])
      .where('revoked_at_ms', 'is', null)
      .where('ends_at_ms', '>', nowMs)
      .orderBy('serial')
      .execute();
    return rows.map(({ gateway_id, serial }) => ({ gateway: gateway_id as GatewayId, serial }));
  }
}

async function insertCertificate(tx: Tx, certificate: KeptCertificate): Promise<void> {
  const { contract, gateway, serial, keyDigest, issuedAt, endsAt } = certificate;
  await tx
    .insertInto('gateway_certificate')
    .values({
      ...{ contract_id: contract, gateway_id: gateway, serial, key_digest: keyDigest },
      ...{ issued_at_ms: issuedAt, ends_at_ms: endsAt, revoked_at_ms: null, why: null },
    })
    .onConflict((conflict) => conflict.columns(['contract_id', 'gateway_id', 'serial']).doNothing())
    .execute();
}

/** Certificates of a gateway change one transaction after the other: a revocation sees those that were being made. */
async function lockGateway(tx: Tx, contract: ContractId, gateway: GatewayId): Promise<void> {
  await tx
    .selectFrom('gateway')
    .select('gateway_id')
    .where('contract_id', '=', contract)
    .where('gateway_id', '=', gateway)
    .forNoKeyUpdate()
    .execute();
}

async function revokeAll(
  tx: Tx,
  contract: ContractId,
  gateway: GatewayId,
  why: string,
  nowMs: number,
): Promise<number> {
  await lockGateway(tx, contract, gateway);
  const done = await tx
    .updateTable('gateway_certificate')
    .set({ revoked_at_ms: nowMs, why })
    .where('contract_id', '=', contract)
    .where('gateway_id', '=', gateway)
    .where('revoked_at_ms', 'is', null)
    .executeTakeFirst();
  return Number(done.numUpdatedRows);
}
