import { sql } from 'kysely';
import { instant } from '../../lib/base/clock.ts';
import type { RatableCall } from '../rating/types.ts';
import type { DeviceClass, NumberClass } from '../routing/types.ts';
import type { Tx } from './database.ts';
import type { ServiceRules } from './rules.ts';

/** A call that is to be charged, from whichever record. */
export interface Chargeable {
  readonly contract: string;
  readonly call: string;
  readonly source: 'switch' | 'box';
  readonly kind: RatableCall['kind'];
  readonly id: string | null;
  readonly device: DeviceClass;
  readonly destination: NumberClass;
  readonly startedAtMs: number;
  readonly answeredAtMs: number | null;
  readonly talkMs: number;
  /** The far end of a call out. */
  readonly number: string | null;
}

/**
 * Rates a call and writes its charge, inside the transaction that settles the record. The key allows one charge a call.
 * A charge from the switch's record takes the place of one from a box (decision 10): a box that names somebody else's
 * call can neither add a charge to it nor make it free. True when this call of the function wrote the charge.
 */
export async function writeCharge(
  tx: Tx,
  rules: ServiceRules,
  what: Chargeable,
  nowMs: number,
): Promise<boolean> {
  const rating = rules.rate({
    kind: what.kind,
    device: what.device,
    destination: what.destination,
    answeredAt: what.answeredAtMs === null ? null : instant(what.answeredAtMs),
    talkMs: what.talkMs,
    ...(what.number === null ? {} : { number: what.number }),
  });
  const key = { contract_id: what.contract, call_id: what.call };
  if (!rating.ok) {
    await tx
      .insertInto('unrated_call')
      .values({
        ...key,
        code: rating.code,
        say: rating.say,
        trace: JSON.stringify(rating.trace),
        rated_at_ms: nowMs,
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'call_id']).doNothing())
      .execute();
    return false;
  }
  const { amount, units, item, category } = rating.charge;
  const values = {
    source: what.source,
    kind: what.kind,
    service_id: what.id,
    device: what.device,
    destination: what.destination,
    at_ms: what.answeredAtMs ?? what.startedAtMs,
    talk_ms: what.talkMs,
    amount_micro_yen: amount,
    units,
    item,
    category,
    trace: JSON.stringify(rating.trace),
    rated_at_ms: nowMs,
  };
  const done = await tx
    .insertInto('charge')
    .values({ ...key, ...values })
    .onConflict((conflict) => {
      const columns = conflict.columns(['contract_id', 'call_id']);
      return what.source === 'switch'
        ? columns.doUpdateSet(values).where(sql.ref('charge.source'), '=', 'box')
        : columns.doNothing();
    })
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
