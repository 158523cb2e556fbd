import type { Instant } from '../../../lib/base/clock.ts';
import { isoInstant } from '../../../lib/base/clock.ts';
import { ok, type Result } from '../../../lib/base/errors.ts';
import type { Contract } from '../types.ts';
import { applyOrder } from './apply-order.ts';
import { refused } from './outcome.ts';
import type { Order, OrderContext, OrderOutcome, OrderRefusal } from './types.ts';

/** An order that was accepted, and when. Entries are never changed and never taken out. */
export interface OrderEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly at: Instant;
  readonly order: Order;
}

/** All accepted orders of a contract, oldest first. */
export type OrderHistory = readonly OrderEntry[];

/** A history with one more entry, and what that did. */
export interface Recorded {
  readonly history: OrderHistory;
  readonly outcome: OrderOutcome;
}

/** What replaying an order needs; questions about other contracts were answered when it was accepted. */
export type ReplayContext = Omit<OrderContext, 'now' | 'hadTrial' | 'taken' | 'answeredFor'>;

/**
 * Judges an order against the contract that the history led to, and adds it. A refused order leaves the history as it is.
 */
export function record(
  history: OrderHistory,
  contract: Contract | null,
  order: Order,
  context: OrderContext,
): Result<Recorded, OrderRefusal> {
  const last = history.at(-1);
  if (last !== undefined && context.now < last.at) {
    const say = `The order is of ${isoInstant(context.now)}, before the last one of ${isoInstant(last.at)}; orders follow each other.`;
    return refused('order.inThePast', say);
  }
  const outcome = applyOrder(contract, order, context);
  if (!outcome.ok) return outcome;
  const entry: OrderEntry = { seq: (last?.seq ?? 0) + 1, at: context.now, order };
  return ok({ history: [...history, entry], outcome: outcome.value });
}

/**
 * The contract as its orders had made it at a moment, that moment included; null before the application. The same
 * history, catalogue and calendar always give the same contract.
 */
export function replay(
  history: OrderHistory,
  until: Instant,
  context: ReplayContext,
): Result<Contract | null, OrderRefusal> {
  let contract: Contract | null = null;
  for (const { at, order } of history) {
    if (at > until) break;
    const done = applyOrder(contract, order, { ...context, now: at });
    if (!done.ok) return done;
    contract = done.value.contract;
  }
  return ok(contract);
}
