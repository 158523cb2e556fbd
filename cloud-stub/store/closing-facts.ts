import { type Instant, instant } from '../../lib/base/clock.ts';
import { microYen } from '../../lib/base/units.ts';
import { type Period, periodNamed, type RatedCall, usageWindow } from '../billing/index.ts';
import type { Contract } from '../contracts/index.ts';
import type { Adjustment } from '../rating/index.ts';
import type { Charge, RatableUsage, UsageCategory } from '../rating/types.ts';
import type { TraceLine } from '../routing/types.ts';
import { billedWith } from './charges.ts';
import type { Db, Tx } from './database.ts';
import { isCounted } from './feed-rows.ts';
import type { ServiceRules } from './rules.ts';
import { usageFrom } from './usage-row.ts';

/** A charge of the books, and its use where the price depends on what was used before. */
export interface BookedCharge extends RatedCall {
  readonly late: boolean;
  readonly counted: RatableUsage | undefined;
}

/** From where on nothing is billed yet. */
interface Window {
  readonly ordinaryFrom: number;
  readonly tollFreeFrom: number;
  readonly ordinaryUntil: number;
  readonly tollFreeUntil: number;
}

function windowOf(closedPeriod: string, period: Period): Window {
  const until = usageWindow(period);
  const last = periodNamed(closedPeriod);
  const from = last === undefined ? undefined : usageWindow(last);
  return {
    ordinaryFrom: from?.ordinaryUntil ?? 0,
    tollFreeFrom: from?.tollFreeUntil ?? 0,
    ...until,
  };
}

const TOLL_FREE: UsageCategory = 'tollFreeIn';

/**
 * Every charge that the invoice of a period shows and none showed before: those of its time, toll-free ones of their
 * time, and those that came after their own invoice.
 */
export async function unbilledCharges(
  db: Db | Tx,
  contract: string,
  closedPeriod: string,
  period: Period,
): Promise<readonly BookedCharge[]> {
  const window = windowOf(closedPeriod, period);
  const rows = await db
    .selectFrom('charge')
    .select(['call_id', 'at_ms', 'answered', 'amount_micro_yen', 'units', 'item', 'category', 'kind'])
    .select(['service_id', 'own_number', 'talk_ms', 'facts', 'late'])
    .where('contract_id', '=', contract)
    .where((is) =>
      is.or([
        is.and([
          is('at_ms', '>=', Math.min(window.ordinaryFrom, window.tollFreeFrom)),
          is('at_ms', '<', window.ordinaryUntil),
          is('late', '=', false),
          is.or([
            is.and([is('category', '<>', TOLL_FREE), is('at_ms', '>=', window.ordinaryFrom)]),
            is.and([
              is('category', '=', TOLL_FREE),
              is('at_ms', '>=', window.tollFreeFrom),
              is('at_ms', '<', window.tollFreeUntil),
            ]),
          ]),
        ]),
        is.and([is('late', '=', true), is('billed_in', 'is', null)]),
      ]),
    )
    .execute();
  return rows.map((row) => ({
    call: row.call_id,
    answeredAt: row.answered ? instant(row.at_ms) : null,
    charge: {
      amount: microYen(row.amount_micro_yen),
      units: row.units,
      item: row.item,
      category: row.category,
    },
    late: row.late,
    counted: isCounted(row)
      ? usageFrom({ ...row, device: 'app', destination: 'unknown', number: null })
      : undefined,
  }));
}

/** A charge that settling changed. */
export interface Settled {
  readonly call: string;
  readonly charge: Charge;
}

/**
 * What is counted against something included (free sheets, bot items, answered calls) is charged by the order of the
 * answers, whatever order the records came in. Answers all charges as they are to be billed, and those that differ from
 * what was booked on arrival. What came late is counted on top, as it was when it came: no sent invoice changes.
 */
export function settleCounted(
  booked: readonly BookedCharge[],
  contract: Contract,
  rules: ServiceRules,
  periodNameOf: (at: Instant) => string,
): { readonly charges: readonly RatedCall[]; readonly settled: readonly Settled[] } {
  const counted = booked.filter((one) => one.counted !== undefined && !one.late && one.answeredAt !== null);
  if (counted.length === 0) return { charges: booked, settled: [] };
  const rater = rules.rater(contract.product ?? 'cloudPhone');
  const streams = new Map<string, ReturnType<typeof rater.stream>>();
  const now = new Map<string, Charge>();
  for (const { call, answeredAt, counted: usage } of [...counted].sort(byAnswer)) {
    if (answeredAt === null || usage === undefined) continue;
    const period = periodNameOf(answeredAt);
    const stream = streams.get(period) ?? rater.stream(rules.allowance(contract));
    streams.set(period, stream);
    const charge = stream.chargeOf(usage);
    if (charge !== undefined) now.set(call, charge);
  }
  const settled: Settled[] = [];
  const charges = booked.map((one) => {
    const charge = now.get(one.call);
    if (charge === undefined || same(charge, one.charge)) return one;
    settled.push({ call: one.call, charge });
    return { ...one, charge };
  });
  return { charges, settled };
}

function byAnswer(a: BookedCharge, b: BookedCharge): number {
  return (a.answeredAt ?? 0) - (b.answeredAt ?? 0) || (a.call < b.call ? -1 : 1);
}

function same(a: Charge, b: Charge): boolean {
  return a.amount === b.amount && a.units === b.units && a.item === b.item && a.category === b.category;
}

/** Adjustments that no document carries yet and whose usage the invoice of the period shows, or one before did. */
export async function openAdjustments(
  db: Db | Tx,
  contract: string,
  period: Period,
): Promise<readonly Adjustment[]> {
  const rows = await db
    .selectFrom('adjustment')
    .selectAll()
    .where('contract_id', '=', contract)
    .where('document', 'is', null)
    .where('used_at_ms', '<', period.until)
    .orderBy('adjustment_id')
    .execute();
  return rows
    .map((row): Adjustment => {
      const at = instant(row.used_at_ms);
      return {
        id: row.adjustment_id,
        order: row.order_id,
        use: row.call_id,
        usedAt: at,
        decidedAt: instant(row.decided_at_ms),
        reason: row.reason,
        before: row.before as Charge,
        after: row.after as Charge,
        differenceMicroYen: microYen(row.difference_micro_yen),
        trace: row.trace as readonly TraceLine[],
      };
    })
    .filter(({ before, after, usedAt }) =>
      [before, after].every(({ category }) => billedWith(category, usedAt) <= period.name),
    );
}
