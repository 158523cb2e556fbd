import { sql } from 'kysely';
import type { Instant } from '../../lib/base/clock.ts';
import { type Period, periodOf, type RatedCall } from '../billing/index.ts';
import type { Contract } from '../contracts/index.ts';
import { countedCharges, type Settled, settleCounted } from './closing-facts.ts';
import type { Tx } from './database.ts';
import type { ServiceRules } from './rules.ts';

/** All of a contract in one statement: in a month with many counted uses there are as many to settle. */
export async function writeSettled(tx: Tx, contract: string, settled: readonly Settled[]): Promise<void> {
  if (settled.length === 0) return;
  const of = <Value>(take: (charge: Settled['charge']) => Value): readonly Value[] =>
    settled.map(({ charge }) => take(charge));
  await sql`update charge c set amount_micro_yen = s.amount, units = s.units, item = s.item, category = s.category
    from unnest(${settled.map(({ call }) => call)}::text[], ${of((one) => one.amount)}::int8[],
      ${of((one) => one.units)}::int8[], ${of((one) => one.item)}::text[], ${of((one) => one.category)}::text[])
      as s (call_id, amount, units, item, category)
    where c.contract_id = ${contract} and c.call_id = s.call_id`.execute(tx);
}

/**
 * Settles what is counted in a period that no invoice shows yet, as its closing will: closing then finds nothing to
 * settle, and what is written beside the charges meanwhile starts from the prices that it bills. The
 * contract is held by the caller. Answers by how much the charges moved, in micro-yen.
 */
export async function settlePeriod(
  tx: Tx,
  contract: Contract,
  period: Period,
  rules: ServiceRules,
): Promise<number> {
  const booked = await countedCharges(tx, contract.id, period);
  const nameOf = (at: Instant): string => periodOf(at).name;
  const { charges, settled } = settleCounted(booked, contract, rules, nameOf);
  await writeSettled(tx, contract.id, settled);
  return total(charges) - total(booked);
}

function total(charges: readonly RatedCall[]): number {
  return charges.reduce((sum, { charge }) => sum + charge.amount, 0);
}
