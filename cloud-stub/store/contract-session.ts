import { sql } from 'kysely';
import type { ContractId } from '../../lib/base/ids.ts';
import type { Database, Tx } from './database.ts';
import { Documents, type IssuedDocument } from './documents.ts';
import { type ChargeView, Reports } from './reports.ts';

/** What somebody who stands for one contract may read. */
export interface ContractSession {
  readonly contract: ContractId;
  charges(fromMs: number, untilMs: number): Promise<readonly ChargeView[]>;
  documents(): Promise<readonly IssuedDocument[]>;
  /** Any question at all: the database answers with rows of this contract only. */
  ask<Row>(question: (tx: Tx) => Promise<Row>): Promise<Row>;
}

/**
 * A session for one contract. Every question runs read-only, as a role that row-level policies bind to the contract: a
 * mistake in a query shows nothing of anybody else, and no secrets.
 */
export function contractSession(database: Database, contract: ContractId): ContractSession {
  const ask = <Value>(question: (tx: Tx) => Promise<Value>): Promise<Value> =>
    database.transaction('contract session', async (tx) => {
      await sql`set transaction read only`.execute(tx);
      await sql`select set_config('engawa.contract', ${contract}, true)`.execute(tx);
      await sql`set local role engawa_contract`.execute(tx);
      return question(tx);
    });
  return {
    contract,
    ask,
    charges: (fromMs, untilMs) => ask((tx) => Reports.chargesIn(tx, contract, fromMs, untilMs)),
    documents: () => ask((tx) => Documents.listIn(tx, contract)),
  };
}
