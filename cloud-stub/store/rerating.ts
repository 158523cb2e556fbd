import { sql } from 'kysely';
import { type Clock, instant } from '../../lib/base/clock.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import { microYen } from '../../lib/base/units.ts';
import { type Period, periodOf } from '../billing/index.ts';
import type { Contract } from '../contracts/index.ts';
import type { Adjustment, ChargedUsage } from '../rating/index.ts';
import type { Charge } from '../rating/types.ts';
import type { Account, Accounts } from './accounts.ts';
import { type Chargeable, writeCharge } from './charges.ts';
import { readContract } from './contract-rows.ts';
import type { Database, Tx } from './database.ts';
import { isCounted, rateCounted } from './feed-rows.ts';
import type { ServiceRules } from './rules.ts';
import { settlePeriod } from './settling.ts';
import { addToSpend } from './spend-book.ts';
import { type UsageRow, usageFrom } from './usage-row.ts';

/** Why the uses of a period are rated again. */
export interface RerateRequest {
  /** Made by whoever orders: the same one again adjusts nothing more. */
  readonly order: string;
  readonly reason: string;
}

/** What rating again did. */
export interface Rerated {
  readonly adjustments: readonly Adjustment[];
  /** Uses that had no price and have one now: charged for the first time. */
  readonly priced: number;
  readonly unpriced: number;
}

/** What rating again needs from outside. */
export interface ReratingNeeds {
  readonly database: Database;
  readonly rules: ServiceRules;
  readonly accounts: Accounts;
  readonly clock: Clock;
}

/** Rates again by the rules in force now. Charges stay as they were written; what changes stands beside them. */
export class Rerating {
  readonly #needs: ReratingNeeds;

  constructor(needs: ReratingNeeds) {
    this.#needs = needs;
  }

  /** All uses of a contract in a period. What differs goes on the next invoice; what had no price is tried again. */
  async rerate(contract: ContractId, period: Period, request: RerateRequest): Promise<Rerated> {
    const { clock, database } = this.#needs;
    return database.transaction('rerate', async (tx) => {
      const row = await tx
        .selectFrom('contract')
        .selectAll()
        .where('contract_id', '=', contract)
        .forNoKeyUpdate()
        .executeTakeFirstOrThrow();
      const held = await readContract(tx, row);
      const nowMs = clock.now();
      const priced = await this.#priceUnrated(tx, contract, period, nowMs);
      if (row.closed_period < period.name) await this.#settle(tx, held, period, nowMs);
      const { adjustments, unpriced } = await this.#adjust(tx, held, period, request, nowMs);
      return { adjustments, priced, unpriced };
    });
  }

  /** Adjustments of a contract, oldest first, as they were decided. */
  async list(contract: ContractId) {
    return this.#needs.database.db
      .selectFrom('adjustment')
      .selectAll()
      .where('contract_id', '=', contract)
      .orderBy('decided_at_ms')
      .orderBy('adjustment_id')
      .execute();
  }

  async #adjust(
    tx: Tx,
    contract: Contract,
    period: Period,
    request: RerateRequest,
    nowMs: number,
  ): Promise<{ readonly adjustments: readonly Adjustment[]; readonly unpriced: number }> {
    const uses = await chargedUses(tx, contract.id, period);
    const order = { id: request.order, reason: request.reason, decidedAt: instant(nowMs) };
    const { adjustments, unpriced } = this.#needs.rules.rerate(contract, uses, order);
    const account = this.#needs.accounts.of(contract.id);
    for (const one of adjustments) {
      const done = await tx
        .insertInto('adjustment')
        .values({
          contract_id: contract.id,
          adjustment_id: one.id,
          order_id: one.order,
          call_id: one.use,
          used_at_ms: one.usedAt,
          decided_at_ms: one.decidedAt,
          reason: one.reason,
          before: JSON.stringify(one.before),
          after: JSON.stringify(one.after),
          difference_micro_yen: one.differenceMicroYen,
          trace: JSON.stringify(one.trace),
          document: null,
        })
        .onConflict((conflict) => conflict.columns(['contract_id', 'adjustment_id']).doNothing())
        .executeTakeFirst();
      if ((done.numInsertedOrUpdatedRows ?? 0n) === 0n) continue;
      await addToSpend(tx, account, { atMs: one.usedAt, amountMicroYen: one.differenceMicroYen }, nowMs);
    }
    return { adjustments, unpriced: unpriced.length };
  }

  /** Counted uses have a passing price until their invoice: an adjustment to that one would be billed beside the settling. */
  async #settle(tx: Tx, contract: Contract, period: Period, nowMs: number): Promise<void> {
    const { accounts, rules } = this.#needs;
    const amountMicroYen = await settlePeriod(tx, contract, period, rules);
    await addToSpend(tx, accounts.of(contract.id), { atMs: period.from, amountMicroYen }, nowMs);
  }

  /** The key of the charge is what makes a second one impossible; the note that there was no price stays. */
  async #priceUnrated(tx: Tx, contract: ContractId, period: Period, nowMs: number): Promise<number> {
    const rows = await tx
      .selectFrom('unrated_call as u')
      .leftJoin('charge as c', (join) =>
        join.onRef('c.contract_id', '=', 'u.contract_id').onRef('c.call_id', '=', 'u.call_id'),
      )
      .select(['u.call_id', 'u.facts'])
      .where('u.contract_id', '=', contract)
      .where('u.facts', 'is not', null)
      .where('c.call_id', 'is', null)
      .orderBy('u.call_id')
      .execute();
    let priced = 0;
    for (const { call_id, facts } of rows) {
      const columns = facts as UsageRow;
      if (periodOf(instant(columns.at_ms)).name !== period.name) continue;
      const inner =
        typeof columns.facts === 'string' ? (JSON.parse(columns.facts) as unknown) : columns.facts;
      const usage = usageFrom({ ...columns, facts: inner });
      const what = { call: call_id, source: 'feed', usage, startedAtMs: columns.at_ms } as const;
      const account = this.#needs.accounts.of(contract);
      if (!(await writeCharge(tx, account, what, nowMs))) continue;
      await countPieces(tx, account, what, period);
      priced++;
    }
    return priced;
  }
}

/** What is counted moves its counter, as it would have on arrival: what comes late is priced on top of it. [S0-104] */
async function countPieces(
  tx: Tx,
  account: Account,
  { call, usage }: Chargeable,
  period: Period,
): Promise<void> {
  if (!isCounted(usage)) return;
  const rated = rateCounted(account.rater.stream(account.allowance), usage);
  if (rated === undefined || rated.counter === null || rated.pieces === null) return;
  const { counter, pieces } = rated;
  await tx
    .updateTable('charge')
    .set({ counter, pieces })
    .where('contract_id', '=', account.contract)
    .where('call_id', '=', call)
    .execute();
  await tx
    .insertInto('allowance_use')
    .values({ contract_id: account.contract, period: period.name, counter, pieces })
    .onConflict((conflict) =>
      conflict
        .columns(['contract_id', 'period', 'counter'])
        .doUpdateSet({ pieces: sql<number>`allowance_use.pieces + excluded.pieces` }),
    )
    .execute();
}

/**
 * Uses of a period with the charge that holds for each: the one in the books and all adjustments beside it. Not what the
 * newest adjustment named: settling, or the switch's charge for a box's, may have moved the charge below it since.
 */
async function chargedUses(tx: Tx, contract: string, period: Period): Promise<readonly ChargedUsage[]> {
  const rows = await tx
    .selectFrom('charge')
    .selectAll()
    .where('contract_id', '=', contract)
    .where('at_ms', '>=', period.from)
    .where('at_ms', '<', period.until)
    .execute();
  const newest = await sql<{ call_id: string; after: Charge; moved: number }>`
    select distinct on (call_id) call_id, after,
      sum(difference_micro_yen) over (partition by call_id)::int8 as moved
    from adjustment
    where contract_id = ${contract} and used_at_ms >= ${period.from} and used_at_ms < ${period.until}
    order by call_id, decided_at_ms desc, adjustment_id desc`.execute(tx);
  const adjusted = new Map(newest.rows.map((row) => [row.call_id, row]));
  return rows.map((row) => {
    const beside = adjusted.get(row.call_id);
    const { units, item, category } = beside?.after ?? row;
    const amount = microYen(row.amount_micro_yen + (beside?.moved ?? 0));
    return { id: row.call_id, usage: usageFrom(row), charge: { amount, units, item, category } };
  });
}
