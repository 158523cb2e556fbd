import { sql } from 'kysely';
import { type Instant, instant } from '../../lib/base/clock.ts';
import { microYen } from '../../lib/base/units.ts';
import { periodOf } from '../billing/index.ts';
import { spendLevel } from '../rating/index.ts';
import type { Account } from './accounts.ts';
import type { Db, Tx } from './database.ts';

/** One thing that was charged. */
export interface Spent {
  readonly atMs: number;
  readonly amountMicroYen: number;
}

/**
 * Adds a charge to what the contract has used in its period, in the transaction that writes the charge, and notes once
 * for each period that the warning share or the ceiling was reached. [A-36] [S3-032]
 */
export async function addToSpend(tx: Tx, account: Account, spent: Spent, nowMs: number): Promise<void> {
  if (spent.amountMicroYen === 0) return;
  const period = periodOf(instant(spent.atMs)).name;
  const row = await tx
    .insertInto('spend')
    .values({ contract_id: account.contract, period, micro_yen: spent.amountMicroYen })
    .onConflict((conflict) =>
      conflict
        .columns(['contract_id', 'period'])
        .doUpdateSet({ micro_yen: sql<number>`spend.micro_yen + excluded.micro_yen` }),
    )
    .returning('micro_yen')
    .executeTakeFirstOrThrow();
  await noteLevel(tx, account, period, row.micro_yen, nowMs);
}

async function noteLevel(
  tx: Tx,
  account: Account,
  period: string,
  spentMicroYen: number,
  nowMs: number,
): Promise<void> {
  for (const { level, limitMicroYen } of levelsReached(account.ceiling, spentMicroYen)) {
    await tx
      .insertInto('spend_notice')
      .values({
        contract_id: account.contract,
        period,
        level,
        at_ms: nowMs,
        spent_micro_yen: spentMicroYen,
        limit_micro_yen: limitMicroYen,
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'period', 'level']).doNothing())
      .execute();
  }
}

/** Levels of a ceiling that an amount has reached. */
export function levelsReached(
  ceiling: Account['ceiling'],
  spentMicroYen: number,
): readonly { readonly level: 'warned' | 'reached'; readonly limitMicroYen: number }[] {
  if (ceiling === null || ceiling === undefined) return [];
  const { limitMicroYen } = ceiling;
  switch (spendLevel({ microYen: microYen(spentMicroYen) }, ceiling)) {
    case 'below':
      return [];
    case 'warned':
      return [{ level: 'warned', limitMicroYen }];
    case 'reached':
      return [
        { level: 'warned', limitMicroYen },
        { level: 'reached', limitMicroYen },
      ];
  }
}

/**
 * What contracts have used in the period of a moment, in micro-yen without tax: what is charged, and what records of boxes hold
 * that wait for the switch's. One statement, so that a record that is charged meanwhile is seen either way, and once.
 */
export async function readUsed(
  db: Db | Tx,
  contracts: readonly string[],
  at: Instant,
): Promise<ReadonlyMap<string, number>> {
  const { name, from, until } = periodOf(at);
  const { rows } = await sql<{ contract: string; used: number }>`
    select c.id as contract,
      coalesce((select s.micro_yen from spend s where s.contract_id = c.id and s.period = ${name}), 0)
      + coalesce((
          select sum(b.held_micro_yen)::int8 from box_record b
          where b.contract_id = c.id and b.settled = 'waiting'
            and b.answered_at_ms >= ${from} and b.answered_at_ms < ${until}
        ), 0) as used
    from unnest(${[...contracts]}::text[]) as c (id)`.execute(db);
  return new Map(rows.map(({ contract, used }) => [contract, used]));
}
