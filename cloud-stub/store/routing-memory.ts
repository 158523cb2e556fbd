import { sql } from 'kysely';
import { type Instant, instant } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import { japanDate, japanDay, japanMidnight } from '../../lib/base/japan-time.ts';
import { periodOf } from '../billing/index.ts';
import type { Turn } from '../routing/types.ts';
import type { SwitchCallStart } from '../switch/ports.ts';
import type { Db, Tx } from './database.ts';

/** Something that a person should know, and since when. */
export interface AlertView {
  readonly alert: string;
  /** The period of a ceiling, or the ID and day of one that calls often. */
  readonly about: string;
  /** The call that raised it; null when the books did. */
  readonly call: string | null;
  readonly at: Instant;
  readonly facts: readonly string[];
  readonly say: string;
}

/**
 * What routing wants to be remembered of a call, in the transaction that writes the call down: the turn that it had
 * [S2-033], and what a person should know. Most calls have neither.
 */
export async function rememberRouting(tx: Tx, contract: string, start: SwitchCallStart): Promise<void> {
  const { nextTurn, alerts = [] } = start.decision;
  if (nextTurn !== undefined) await writeTurn(tx, contract, nextTurn);
  for (const { alert, facts, say } of alerts) {
    const day = japanDate(start.startedAt);
    const about =
      alert === 'highFrequency' ? `${start.id ?? ''} ${day}` : periodOf(instant(start.startedAt)).name;
    await tx
      .insertInto('routing_alert')
      .values({
        contract_id: contract,
        alert,
        about,
        call_id: start.call,
        at_ms: start.startedAt,
        facts: JSON.stringify(facts),
        say,
      })
      .onConflict((conflict) => conflict.columns(['contract_id', 'alert', 'about']).doNothing())
      .execute();
  }
}

async function writeTurn(tx: Tx, contract: string, { key, shares, given, calls = 0 }: Turn): Promise<void> {
  await tx
    .insertInto('routing_turn')
    .values({ contract_id: contract, turn_key: key, shares, given, calls })
    .onConflict((conflict) =>
      conflict
        .columns(['contract_id', 'turn_key'])
        .doUpdateSet({ shares, given, calls })
        .where('routing_turn.calls', '<', calls),
    )
    .execute();
}

/** Where every distribution stands. */
export async function readTurns(db: Db): Promise<readonly Turn[]> {
  const rows = await db.selectFrom('routing_turn').selectAll().execute();
  return rows.map(({ turn_key: key, shares, given, calls }) => ({ key, shares, given, calls }));
}

/**
 * How many calls out each ID has made on the day of `now` in Japan, as the records say: those that were let out into the
 * network, emergency calls apart.
 */
export async function readCallsToday(
  db: Db,
  contracts: readonly { readonly id: ContractId }[],
  now: Instant,
): Promise<ReadonlyMap<ServiceId, number>> {
  const { year, month, day } = japanDay(now);
  const rows = await sql<{ id: ServiceId; calls: number }>`
    select service_id as id, count(*) as calls from call_record
    where contract_id = any(${contracts.map(({ id }) => id)}) and started_at_ms >= ${japanMidnight(year, month, day)}
      and direction = 'out' and service_id is not null
      and plan->>'verb' = 'network' and plan->>'emergency' = 'false'
    group by service_id`.execute(db);
  return new Map(rows.rows.map(({ id, calls }) => [id, calls]));
}

/** What a contract's calls and bills have raised, newest first. */
export async function readAlerts(db: Db, contract: string): Promise<readonly AlertView[]> {
  const raised = await db
    .selectFrom('routing_alert')
    .selectAll()
    .where('contract_id', '=', contract)
    .execute();
  const booked = await db
    .selectFrom('spend_notice')
    .selectAll()
    .where('contract_id', '=', contract)
    .execute();
  const views: AlertView[] = raised.map((row) => ({
    alert: row.alert,
    about: row.about,
    call: row.call_id,
    at: instant(row.at_ms),
    facts: row.facts as readonly string[],
    say: row.say,
  }));
  for (const row of booked) {
    const alert = row.level === 'reached' ? 'ceilingReached' : 'ceilingWarning';
    const of = `${row.spent_micro_yen / 1e6} of ${row.limit_micro_yen / 1e6} yen`;
    const next = row.level === 'reached' ? 'chargeable calls are refused' : 'the customer is warned';
    const known = views.findIndex((one) => one.alert === alert && one.about === row.period);
    // The books know it first; a call that met the same ceiling later adds nothing.
    if (known >= 0) views.splice(known, 1);
    views.push({
      alert,
      about: row.period,
      call: null,
      at: instant(row.at_ms),
      facts: ['A-36', 'S3-032'],
      say: `${contract} has used ${of} this period: ${next}`,
    });
  }
  return views.sort((left, right) => right.at - left.at);
}
