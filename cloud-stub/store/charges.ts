import { sql } from 'kysely';
import { type Instant, instant } from '../../lib/base/clock.ts';
import { periodOf, standardBillingPolicy } from '../billing/index.ts';
import type { RatableCall, RatableUsage, UsageCategory } from '../rating/types.ts';
import type { Account } from './accounts.ts';
import type { Tx } from './database.ts';
import { addToSpend } from './spend-book.ts';
import { usageColumns } from './usage-row.ts';

/** A call or a leg that is to be charged, from whichever record. */
export interface Chargeable {
  readonly call: string;
  readonly source: 'switch' | 'box' | 'feed';
  readonly usage: RatableUsage;
  readonly startedAtMs: number;
}

/**
 * Rates a call and writes its charge, inside the transaction that settles the record. The key allows one charge a call.
 * A charge from the switch's record takes the place of one from a box (decision 10): a box that names somebody else's
 * call can neither add a charge to it nor make it free. True when this call of the function wrote the charge. What the
 * contract has used moves along.
 */
export async function writeCharge(
  tx: Tx,
  account: Account,
  what: Chargeable,
  nowMs: number,
): Promise<boolean> {
  const { call, source, usage, startedAtMs } = what;
  const rating = account.rater.rate(usage, account.allowance);
  const key = { contract_id: account.contract as string, call_id: call };
  const { facts, ...columns } = usageColumns(usage, startedAtMs);
  if (!rating.ok) {
    await tx
      .insertInto('unrated_call')
      .values({
        ...key,
        code: rating.code,
        say: rating.say,
        trace: JSON.stringify(rating.trace),
        rated_at_ms: nowMs,
        facts: JSON.stringify({ ...columns, facts }),
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'call_id']).doNothing())
      .execute();
    return false;
  }
  const { amount, units, item, category } = rating.charge;
  const values = {
    ...columns,
    facts,
    source,
    amount_micro_yen: amount,
    units,
    item,
    category,
    trace: JSON.stringify(rating.trace),
    rated_at_ms: nowMs,
    counter: null,
    pieces: null,
    late: await isLate(tx, account.contract, category, columns.at_ms),
  };
  const before = source === 'switch' ? await chargeOfBox(tx, key) : undefined;
  const done = await tx
    .insertInto('charge')
    .values({ ...key, ...values })
    .onConflict((conflict) => {
      const columns = conflict.columns(['contract_id', 'call_id']);
      return source === 'switch'
        ? columns.doUpdateSet(values).where(sql.ref('charge.source'), '=', 'box')
        : columns.doNothing();
    })
    .executeTakeFirst();
  const written = (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
  if (!written) return false;
  if (before !== undefined) {
    const undone = { atMs: before.at_ms, amountMicroYen: -before.amount_micro_yen };
    await addToSpend(tx, account, undone, nowMs);
  }
  await addToSpend(tx, account, { atMs: columns.at_ms, amountMicroYen: amount }, nowMs);
  return true;
}

/** The period whose invoice shows a use: its own; toll-free calls come some periods later. [A-25] [S0-165] */
export function billedWith(category: UsageCategory, at: Instant): string {
  let period = periodOf(at);
  if (category !== 'tollFreeIn') return period.name;
  for (let n = 0; n < standardBillingPolicy.tollFreeLatePeriods; n++) period = periodOf(period.until);
  return period.name;
}

/**
 * Whether the invoice that would show the use is closed. Holds the contract against closing until the transaction ends,
 * so that the answer stays true.
 */
async function isLate(tx: Tx, contract: string, category: UsageCategory, atMs: number): Promise<boolean> {
  const row = await tx
    .selectFrom('contract')
    .select('closed_period')
    .where('contract_id', '=', contract)
    .forShare()
    .executeTakeFirst();
  return row !== undefined && billedWith(category, instant(atMs)) <= row.closed_period;
}

/** The box's charge that is about to be replaced. */
async function chargeOfBox(
  tx: Tx,
  key: { readonly contract_id: string; readonly call_id: string },
): Promise<{ readonly at_ms: number; readonly amount_micro_yen: number } | undefined> {
  return tx
    .selectFrom('charge')
    .select(['at_ms', 'amount_micro_yen'])
    .where('contract_id', '=', key.contract_id)
    .where('call_id', '=', key.call_id)
    .where('source', '=', 'box')
    .forUpdate()
    .executeTakeFirst();
}

/** The facts of a call, without what is not known. */
export function callUsage(call: {
  readonly kind: RatableCall['kind'];
  readonly device: RatableCall['device'];
  readonly destination: RatableCall['destination'];
  readonly answeredAtMs: number | null;
  readonly talkMs: number;
  readonly number: string | null;
  readonly id: string | null;
}): RatableCall {
  const { kind, device, destination, answeredAtMs, talkMs, number, id } = call;
  return {
    kind,
    device,
    destination,
    answeredAt: answeredAtMs === null ? null : instant(answeredAtMs),
    talkMs,
    ...(number === null ? {} : { number }),
    ...(id === null ? {} : { id }),
  };
}
