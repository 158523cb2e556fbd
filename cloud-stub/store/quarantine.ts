import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import type { BoxRecords } from './box-records.ts';
import type { Database } from './database.ts';
import type { Feed } from './feed.ts';
import type { NO_CONTRACT } from './schema.ts';

/** What a person decides about a record in quarantine. */
export interface QuarantineOrder {
  /** Made by whoever decides; the same one again changes nothing. */
  readonly orderId: string;
  readonly by: string;
  readonly reason: string;
  readonly record: string;
  readonly decision:
    | { readonly do: 'void' }
    /** `correct` puts fields right by their names; what is left must be a record by the rules of its kind. */
    | { readonly do: 'release'; readonly correct?: Readonly<Record<string, unknown>> };
}

/** Why a decision is not carried out. */
export interface QuarantineRefusal extends CodedError {
  readonly code: 'quarantine.unknown' | 'quarantine.decided' | 'quarantine.notGood';
  readonly fault: 'caller';
}

/** What became of a record. */
export type QuarantineFate = 'voided' | 'stored' | 'duplicate';

/** What decisions need from outside. */
export interface QuarantineNeeds {
  readonly database: Database;
  readonly boxRecords: BoxRecords;
  readonly feed: Feed;
  readonly clock: Clock;
}

/** Decisions about doubtful records: the record stays as it came, the decision stands beside it for good. */
export class Quarantine {
  readonly #needs: QuarantineNeeds;

  constructor(needs: QuarantineNeeds) {
    this.#needs = needs;
  }

  /** Voids or releases. A released record goes the way of every other one; it can be charged once only. */
  async decide(
    contract: ContractId | typeof NO_CONTRACT,
    order: QuarantineOrder,
  ): Promise<Result<QuarantineFate, QuarantineRefusal>> {
    const { db } = this.#needs.database;
    const row = await db
      .selectFrom('box_quarantine as q')
      .leftJoin('quarantine_decision as d', (join) =>
        join.onRef('d.contract_id', '=', 'q.contract_id').onRef('d.record_id', '=', 'q.record_id'),
      )
      .select(['q.record', 'q.source', 'q.gateway_id', 'd.decision', 'd.order_id'])
      .where('q.contract_id', '=', contract)
      .where('q.record_id', '=', order.record)
      .executeTakeFirst();
    if (row === undefined) {
      const say = `There is no doubtful record ${order.record} of ${contract}.`;
      return refuse({ code: 'quarantine.unknown', fault: 'caller', say });
    }
    const { decision } = order;
    if (row.decision !== null && row.order_id !== order.orderId) {
      const say = `The record ${order.record} has been ${row.decision} by the order ${row.order_id}.`;
      return refuse({ code: 'quarantine.decided', fault: 'caller', say });
    }
    if (row.decision !== null) return ok(row.decision === 'voided' ? 'voided' : 'duplicate');
    if (decision.do === 'void') {
      await this.#write(contract, order, 'voided', {});
      return ok('voided');
    }
    const correction = decision.correct ?? {};
    const record = corrected(row.record, correction);
    // First the record, whose own key makes it come once, then the decision: a kill between them asks again.
    const done =
      row.source === 'box'
        ? await this.#needs.boxRecords.release(contract as ContractId, row.gateway_id, record)
        : await this.#releaseFeed(record);
    if (!done.ok) return refuse({ code: 'quarantine.notGood', fault: 'caller', say: done.error.say });
    await this.#write(contract, order, 'released', correction);
    return done;
  }

  async #releaseFeed(record: unknown): Promise<Result<QuarantineFate>> {
    const judged = this.#needs.feed.judge(record);
    if (judged !== undefined) {
      const say = `${judged.field}: ${judged.say} Rule: ${judged.rule}.`;
      return refuse({ code: judged.code, fault: 'caller', say });
    }
    const { stored, unpriced } = await this.#needs.feed.take([record]);
    return ok(stored + unpriced > 0 ? 'stored' : 'duplicate');
  }

  async #write(
    contract: string,
    order: QuarantineOrder,
    decision: 'released' | 'voided',
    correction: object,
  ): Promise<void> {
    await this.#needs.database.transaction('quarantine decision', async (tx) => {
      await tx
        .insertInto('quarantine_decision')
        .values({
          contract_id: contract,
          record_id: order.record,
          decision,
          order_id: order.orderId,
          by_whom: order.by,
          reason: order.reason,
          correction: JSON.stringify(correction),
          at_ms: this.#needs.clock.now(),
        })
        .onConflict((conflict) => conflict.columns(['contract_id', 'record_id']).doNothing())
        .execute();
    });
  }
}

/** The record with some fields put right: `startedAt`, `usage.talkMs`. */
function corrected(record: unknown, correction: Readonly<Record<string, unknown>>): unknown {
  if (typeof record !== 'object' || record === null) return record;
  const copy = structuredClone(record) as Record<string, unknown>;
  for (const [path, value] of Object.entries(correction)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let at: Record<string, unknown> = copy;
    for (const name of names) {
      const inner = at[name];
      if (typeof inner !== 'object' || inner === null) return copy;
      at = inner as Record<string, unknown>;
    }
    if (last !== '__proto__') at[last] = value;
  }
  return copy;
}
