import { createHash } from 'node:crypto';
import type { Instant } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { DatedOrder, OfficeFile } from '../offices/index.ts';
import type { HistoryEntry, ServiceRules, Store } from '../store/index.ts';
import type { OrdersRefusal, TakenOrder } from './books-source.ts';

/** Whom the books name for what came this way. */
export const OPERATOR = 'operator';

/** What taking orders needs. */
export interface OrderBooks {
  readonly orders: Pick<Store['orders'], 'apply' | 'history'>;
  readonly offices: Pick<Store['offices'], 'one'>;
  readonly rules: Pick<ServiceRules, 'applyOrder'>;
  readonly now: () => Instant;
}

/**
 * Takes the orders of a file. First all of them are judged, so that a refusal leaves nothing; then each is written in a
 * transaction of its own. Each has a name made from what it says and where it stands: a file that is sent again changes
 * nothing. What only the books know (a number that is somebody else's) may still stop it in between; `taken` says where.
 */
export async function takeOrders(
  file: OfficeFile,
  books: OrderBooks,
): Promise<Result<readonly TakenOrder[], OrdersRefusal>> {
  const named = file.orders.map((one, index) => ({ ...one, orderId: nameOf(one, index) }));
  const known = new Set((await books.orders.history(file.contract)).map((one: HistoryEntry) => one.orderId));
  let contract = (await books.offices.one(file.contract)) ?? null;
  for (const [index, { order, at, orderId }] of named.entries()) {
    if (known.has(orderId)) continue;
    const judged = books.rules.applyOrder(contract, order, { now: at ?? books.now() });
    if (!judged.ok) return refusal(judged.error, index, 0);
    contract = judged.value.contract;
  }
  const taken: TakenOrder[] = [];
  for (const [index, { order, at, orderId }] of named.entries()) {
    const done = await books.orders.apply({
      contract: file.contract,
      order,
      orderId,
      by: OPERATOR,
      ...(at === null ? {} : { at }),
    });
    if (!done.ok) return refusal(done.error, index, taken.length);
    const { contract: _result, ...rest } = done.value;
    taken.push({ ...rest, kind: order.kind });
  }
  return ok(taken);
}

function nameOf({ at, order }: DatedOrder, index: number): string {
  const said = JSON.stringify([index, at, order]);
  return `file-${createHash('sha256').update(said).digest('hex').slice(0, 24)}`;
}

function refusal(error: CodedError, index: number, taken: number): Result<never, OrdersRefusal> {
  const facts = 'facts' in error && Array.isArray(error.facts) ? error.facts.map(String) : [];
  const cited = facts.map((fact) => ` [${fact}]`).join('');
  const say = `orders.${index}.order: ${error.say}${cited}${taken === 0 ? '' : ` The ${taken} orders before it are taken.`}`;
  return refuse({ code: error.code, fault: 'caller', say, facts, taken });
}
