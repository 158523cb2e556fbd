import { instant } from '../../lib/base/clock.ts';
import { type Period, periodAfter, periodNamed, periodOf } from '../billing/index.ts';
import type { Tx } from './database.ts';

/** Why a period cannot be closed. */
export interface ClosingRefusal {
  readonly code: 'closing.periodOpen' | 'closing.outOfOrder' | 'closing.earlierFailed' | 'closing.refused';
  readonly fault: 'caller' | 'us';
  readonly say: string;
}

/** Where a contract's history begins: with its application, or with its opening. */
const FIRST_ENTRY = 1;

/**
 * Fixed fees and deposits are on the invoice of their own period or on none: unlike calls they are never late. So the periods of
 * a contract are closed one after the other, from the one in which it came to us, and none is left out. [S0-160] [S0-162]
 * [A-22] [A-40]
 */
export async function outOfTurn(
  tx: Tx,
  row: { readonly contract_id: string; readonly closed_period: string },
  { name }: Period,
): Promise<ClosingRefusal | undefined> {
  const { contract_id: id, closed_period: closed } = row;
  if (closed > name) {
    const say = `${closed} of ${id} is closed already, and ${name} before it gets no invoice any more. Its calls are on a later one; fixed fees of ${name} that were on no invoice by then stay unbilled.`;
    return { code: 'closing.outOfOrder', fault: 'caller', say };
  }
  const failed = await earlierFailed(tx, id, closed, name);
  if (failed !== undefined) {
    const say = `The earlier period ${failed} of ${id} could not be closed; close it first, or what it costs would be on no invoice of its own.`;
    return { code: 'closing.earlierFailed', fault: 'caller', say };
  }
  const next = await nextPeriod(tx, id, closed);
  if (next === undefined || next.name >= name) return undefined;
  const say = `${id} has no invoice of ${next.name} yet; close that period first, or its fixed fees and deposits would be on none.`;
  return { code: 'closing.outOfOrder', fault: 'caller', say };
}

/**
 * Refuses a period as a whole while some contract has neither an invoice nor a job of the one before. What has a job is not
 * skipped: it waits, or says why it failed. The earliest period that is missing is named.
 */
export async function skipping(tx: Tx, period: Period): Promise<ClosingRefusal | undefined> {
  const before = periodAfter(period, -1).name;
  const { closed, began } = await tx
    .selectFrom('contract as c')
    .leftJoin('contract_order as o', (join) =>
      join.onRef('o.contract_id', '=', 'c.contract_id').on('o.seq', '=', FIRST_ENTRY),
    )
    .select((each) => [
      each.fn.min('c.closed_period').filterWhere('c.closed_period', '<>', '').as('closed'),
      each.fn.min('o.at_ms').filterWhere('c.closed_period', '=', '').as('began'),
    ])
    .where((each) =>
      each.or([
        each('c.closed_period', '<>', '').and('c.closed_period', '<', before),
        each('c.closed_period', '=', '').and('o.at_ms', '<', period.from),
      ]),
    )
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('closing_job as job')
            .select('job.contract_id')
            .whereRef('job.contract_id', '=', 'c.contract_id')
            .where('job.period', '=', before),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  const last = periodNamed(closed ?? '');
  const missing = [
    ...(last === undefined ? [] : [periodAfter(last, 1).name]),
    ...(began === null ? [] : [periodOf(instant(began)).name]),
  ];
  const [first] = missing.toSorted();
  if (first === undefined) return undefined;
  const say = `The period ${first} was never closed for all contracts; close it before ${period.name}, or its fixed fees and deposits would be on no invoice.`;
  return { code: 'closing.outOfOrder', fault: 'caller', say };
}

/**
 * The first period that a contract has no invoice of: the one after its last, or the one in which it came to us, by application
 * or taken over; who billed it before has billed its time until then. Undefined for one that was written before there were
 * orders.
 */
async function nextPeriod(tx: Tx, contract: string, closed: string): Promise<Period | undefined> {
  const last = periodNamed(closed);
  if (last !== undefined) return periodAfter(last, 1);
  const first = await tx
    .selectFrom('contract_order')
    .select('at_ms')
    .where('contract_id', '=', contract)
    .where('seq', '=', FIRST_ENTRY)
    .executeTakeFirst();
  return first === undefined ? undefined : periodOf(instant(first.at_ms));
}

/**
 * A period after the last closed one and before this one whose job has failed. One before the last closed one has been overtaken
 * for good, and holds nobody up.
 */
async function earlierFailed(
  tx: Tx,
  contract: string,
  closed: string,
  name: string,
): Promise<string | undefined> {
  const job = await tx
    .selectFrom('closing_job')
    .select('period')
    .where('contract_id', '=', contract)
    .where('state', '=', 'failed')
    .where('period', '>', closed)
    .where('period', '<', name)
    .orderBy('period')
    .limit(1)
    .executeTakeFirst();
  return job?.period;
}
