import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import {
  type BoxFact,
  type BoxWarning,
  boxWarning,
  type CountersFact,
  countersFact,
  type StateFact,
  stateFact,
} from '../../lib/contract/box-facts.ts';
import type { Database, Tx } from './database.ts';

/** Events that one question answers at most. */
const EVENTS_MOST = 500;
/** Events are kept for so long: somebody asks about last month. */
export const EVENTS_KEPT_MS = 90 * 86_400_000;

/** How a box is, as it told last. */
export interface BoxView {
  readonly contract: ContractId;
  readonly gateway: GatewayId;
  readonly online: boolean;
  /** Null before it has told anything. */
  readonly state: StateFact | null;
  readonly counters: CountersFact | null;
}

/** A warning that came or went. */
export interface BoxEvent {
  readonly gateway: GatewayId;
  readonly at: number;
  readonly raised: boolean;
  readonly warning: BoxWarning;
}

/** Writes a fact down in the transaction that takes its batch; one that came before changes nothing. True when it is new. */
export async function insertFact(
  tx: Tx,
  from: { readonly contract: string; readonly gateway: string },
  fact: BoxFact,
  nowMs: number,
): Promise<boolean> {
  const where = { contract_id: from.contract, gateway_id: from.gateway };
  if (fact.kind === 'warning') {
    const { id, at, raised, warning } = fact;
    const done = await tx
      .insertInto('box_event')
      .values({
        ...{ ...where, fact_id: id, code: warning.code, raised, at_ms: at },
        ...{ warning: JSON.stringify(warning), received_at_ms: nowMs },
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'fact_id']).doNothing())
      .executeTakeFirst();
    return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
  const [, boot = '', seq = '0'] = fact.id.split('/');
  const values = {
    boot,
    seq: Number(seq),
    at_ms: fact.at,
    fact: JSON.stringify(fact),
    received_at_ms: nowMs,
  };
  const done = await tx
    .insertInto('box_view')
    .values({ ...where, kind: fact.kind, ...values })
    .onConflict((conflict) =>
      conflict
        .columns(['contract_id', 'gateway_id', 'kind'])
        .doUpdateSet(values)
        // One that comes late, again, never takes the place of a newer one.
        .where((when) =>
          when.or([
            when.and([when('box_view.boot', '=', boot), when('box_view.seq', '<', Number(seq))]),
            when.and([when('box_view.boot', '<>', boot), when('box_view.at_ms', '<=', fact.at)]),
          ]),
        ),
    )
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** What boxes have told of themselves. */
export class BoxFacts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of every gateway, or of those of a contract, in the order of their names. */
  async views(contract?: ContractId): Promise<readonly BoxView[]> {
    let query = this.#database.db
      .selectFrom('gateway as g')
      .leftJoin('presence as p', (join) =>
        join.onRef('p.contract_id', '=', 'g.contract_id').onRef('p.gateway_id', '=', 'g.gateway_id'),
      )
      .leftJoin('box_view as s', (join) =>
        join
          .onRef('s.contract_id', '=', 'g.contract_id')
          .onRef('s.gateway_id', '=', 'g.gateway_id')
          .on('s.kind', '=', 'state'),
      )
      .leftJoin('box_view as c', (join) =>
        join
          .onRef('c.contract_id', '=', 'g.contract_id')
          .onRef('c.gateway_id', '=', 'g.gateway_id')
          .on('c.kind', '=', 'counters'),
      )
      .select(['g.contract_id', 'g.gateway_id', 'p.online', 's.fact as state', 'c.fact as counters'])
      .orderBy('g.gateway_id');
    if (contract !== undefined) query = query.where('g.contract_id', '=', contract);
    const rows = await query.execute();
    return rows.map((row) => ({
      contract: row.contract_id as ContractId,
      gateway: row.gateway_id as GatewayId,
      online: row.online ?? false,
      state: row.state === null ? null : stateFact.parse(row.state),
      counters: row.counters === null ? null : countersFact.parse(row.counters),
    }));
  }

  /** Warnings of a contract's boxes that came or went since a moment, newest first. */
  async events(contract: ContractId, sinceMs: number): Promise<readonly BoxEvent[]> {
    const rows = await this.#database.db
      .selectFrom('box_event')
      .select(['gateway_id', 'at_ms', 'raised', 'warning'])
      .where('contract_id', '=', contract)
      .where('at_ms', '>=', sinceMs)
      .orderBy('at_ms', 'desc')
      .orderBy('fact_id')
      .limit(EVENTS_MOST)
      .execute();
    return rows.map((row) => ({
      gateway: row.gateway_id as GatewayId,
      at: row.at_ms,
      raised: row.raised,
      warning: boxWarning.parse(row.warning),
    }));
  }

  /** Forgets events that nobody asks about any more. Answers how many. */
  async prune(nowMs: number): Promise<number> {
    const done = await this.#database.db
      .deleteFrom('box_event')
      .where('received_at_ms', '<', nowMs - EVENTS_KEPT_MS)
      .executeTakeFirst();
    return Number(done.numDeletedRows);
  }
}
