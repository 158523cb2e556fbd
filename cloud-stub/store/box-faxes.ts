import type { FaxFact } from '../../lib/contract/facts.ts';
import { faxFact } from '../../lib/contract/facts.ts';
import type { Db, Tx } from './database.ts';

/** Most faxes that one question answers. */
const REPORT_LIMIT = 500;

/** A fax as the box reported it. */
export interface FaxView extends FaxFact {
  readonly gateway: string;
  readonly receivedAt: number;
}

/** Writes a fax down; one that came before changes nothing. True when it is new. */
export async function insertFax(
  tx: Tx,
  from: { readonly contract: string; readonly gateway: string },
  fax: FaxFact,
  nowMs: number,
): Promise<boolean> {
  const done = await tx
    .insertInto('box_fax')
    .values({
      contract_id: from.contract,
      fax_id: fax.id,
      gateway_id: from.gateway,
      call_id: fax.call,
      service_id: fax.serviceId,
      started_at_ms: fax.startedAt,
      result: fax.result,
      pages: fax.pages,
      fact: JSON.stringify(fax),
      received_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.columns(['contract_id', 'fax_id']).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The faxes of a contract since a moment, newest first, at most {@link REPORT_LIMIT}. */
export async function readFaxes(db: Db, contract: string, sinceMs: number): Promise<readonly FaxView[]> {
  const rows = await db
    .selectFrom('box_fax')
    .select(['gateway_id', 'fact', 'received_at_ms'])
    .where('contract_id', '=', contract)
    .where('started_at_ms', '>=', sinceMs)
    .orderBy('started_at_ms', 'desc')
    .orderBy('fax_id')
    .limit(REPORT_LIMIT)
    .execute();
  return rows.map(({ gateway_id, fact, received_at_ms }) => ({
    ...faxFact.parse(fact),
    gateway: gateway_id,
    receivedAt: received_at_ms,
  }));
}
