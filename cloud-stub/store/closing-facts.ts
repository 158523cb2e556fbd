import { type RawBuilder, sql } from 'kysely';
import { type Instant, instant } from '../../lib/base/clock.ts';
import { microYen } from '../../lib/base/units.ts';
import {
  type Period,
  periodNamed,
  periodOf,
  type RatedCall,
  type UsageSum,
  usageWindow,
} from '../billing/index.ts';
import { catalogue, taxPercentAt } from '../catalogue/index.ts';
import type { Contract } from '../contracts/index.ts';
import type { Adjustment } from '../rating/index.ts';
import type { Charge, RatableUsage, UsageCategory } from '../rating/types.ts';
import type { TraceLine } from '../routing/types.ts';
import { billedWith } from './charges.ts';
import type { Db, Tx } from './database.ts';
import { COUNTED } from './feed-rows.ts';
import type { ServiceRules } from './rules.ts';
import { type UsageRow, usageFrom } from './usage-row.ts';

/** A charge of the books whose price depends on what was used before, and its use. */
export interface BookedCharge extends RatedCall {
  readonly late: boolean;
  readonly usage: RatableUsage;
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

/** What of a contract's charges an invoice is made of. */
export interface Unbilled {
  /** What is counted against something included, one by one: its price depends on what was used before. */
  readonly counted: readonly BookedCharge[];
  /** Everything else, added up by the database. */
  readonly sums: readonly UsageSum[];
  /** Some came after the invoice of their own time, and are on this one. */
  readonly late: boolean;
}

/**
 * Every charge that the invoice of a period shows and none showed before: those of its time, toll-free ones of their
 * time, and those that came after their own invoice. Only what is counted is read one by one; a contract with a
 * million calls costs its worker a few rows. Whole yen of each use are rounded down, as the standard policy says.
 */
export async function unbilledCharges(
  db: Db | Tx,
  contract: string,
  closedPeriod: string,
  period: Period,
): Promise<Unbilled> {
  const due = dueOf(contract, windowOf(closedPeriod, period));
  const counted = await countedWhere(db, due);
  const starts = startsOf(period);
  const first = starts[0] ?? 0;
  const sums = await sql<SumRow>`
    select category, item, min(at_ms) as at_ms, count(*)::int8 as calls, sum(units)::int8 as units,
      sum(amount_micro_yen)::int8 as exact, sum(amount_micro_yen / 1000000)::int8 as per_use, bool_or(late) as late
    from charge where ${due} and answered and kind not in (${sql.join(COUNTED)})
    group by category, item, width_bucket(at_ms, ${starts}::int8[]),
      case when at_ms < ${first} then (at_ms + ${JAPAN_AHEAD_MS}) / ${DAY_MS} else 0 end
    order by category, item, min(at_ms)`.execute(db);
  return {
    counted,
    sums: sums.rows.map((row) => ({
      category: row.category,
      item: row.item,
      period: periodOf(instant(row.at_ms)).name,
      taxPercent: taxPercentAt(catalogue, instant(row.at_ms)) ?? 0,
      calls: row.calls,
      units: row.units,
      exactMicroYen: microYen(row.exact),
      perUseYen: row.per_use,
    })),
    late: counted.some(({ late }) => late) || sums.rows.some(({ late }) => late),
  };
}

/** What is counted of a period whose invoice is still to be made; what is late is never settled. */
export function countedCharges(
  db: Db | Tx,
  contract: string,
  { from, until }: Period,
): Promise<readonly BookedCharge[]> {
  return countedWhere(
    db,
    sql<boolean>`contract_id = ${contract} and at_ms >= ${from} and at_ms < ${until} and not late`,
  );
}

async function countedWhere(db: Db | Tx, chosen: RawBuilder<boolean>): Promise<readonly BookedCharge[]> {
  const { rows } = await sql<CountedRow>`
    select call_id, at_ms, answered, amount_micro_yen, units, item, category, kind, service_id, own_number, talk_ms,
      facts, late
    from charge where ${chosen} and kind in (${sql.join(COUNTED)})`.execute(db);
  return rows.map(bookedOf);
}

interface CountedRow extends Omit<UsageRow, 'device' | 'destination' | 'number'> {
  readonly call_id: string;
  readonly amount_micro_yen: number;
  readonly units: number;
  readonly item: string;
  readonly category: UsageCategory;
  readonly late: boolean;
}

interface SumRow {
  readonly category: UsageCategory;
  readonly item: string;
  readonly at_ms: number;
  readonly calls: number;
  readonly units: number;
  readonly exact: number;
  readonly per_use: number;
  readonly late: boolean;
}

function dueOf(contract: string, window: Window): RawBuilder<boolean> {
  const { ordinaryFrom, ordinaryUntil, tollFreeFrom, tollFreeUntil } = window;
  return sql<boolean>`contract_id = ${contract} and (
    (at_ms >= ${Math.min(ordinaryFrom, tollFreeFrom)} and at_ms < ${ordinaryUntil} and not late and (
      (category <> ${TOLL_FREE} and at_ms >= ${ordinaryFrom})
      or (category = ${TOLL_FREE} and at_ms >= ${tollFreeFrom} and at_ms < ${tollFreeUntil})))
    or (late and billed_in is null))`;
}

function bookedOf(row: CountedRow): BookedCharge {
  return {
    call: row.call_id,
    answeredAt: row.answered ? instant(row.at_ms) : null,
    charge: {
      amount: microYen(row.amount_micro_yen),
      units: row.units,
      item: row.item,
      category: row.category,
    },
    late: row.late,
    usage: usageFrom({ ...row, device: 'app', destination: 'unknown', number: null }),
  };
}

/** Japan's clocks are so far ahead; periods and tax rates begin at midnight there. */
const JAPAN_AHEAD_MS = 9 * 3_600_000;
const DAY_MS = 86_400_000;
/** Older charges are added up by the day, which is exact too. */
const PERIODS_BACK = 24;

/** Moments at which period or tax rate changes: between two of them all charges of an item are one sum. */
function startsOf(period: Period): readonly number[] {
  const starts: number[] = [];
  let one = period;
  for (let back = 0; back <= PERIODS_BACK; back++) {
    starts.push(one.from);
    one = periodOf(instant(one.from - 1));
  }
  const oldest = Math.min(...starts);
  const taxes = catalogue.taxRates
    .map(({ validFrom }) => validFrom)
    .filter((at) => at > oldest && at < period.until);
  return [...new Set([...starts, ...taxes])].sort((a, b) => a - b);
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
  const counted = booked.filter((one) => !one.late && one.answeredAt !== null);
  if (counted.length === 0) return { charges: booked, settled: [] };
  const rater = rules.rater(contract.product ?? 'cloudPhone');
  const streams = new Map<string, ReturnType<typeof rater.stream>>();
  const now = new Map<string, Charge>();
  for (const { call, answeredAt, usage } of [...counted].sort(byAnswer)) {
    if (answeredAt === null) continue;
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
