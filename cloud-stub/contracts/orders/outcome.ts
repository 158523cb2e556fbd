import type { Instant } from '../../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import { type Calendar, dueDay } from '../calendar.ts';
import type { RuleRow } from '../rule-table.ts';
import type { Contract, Held } from '../types.ts';
import { type OrderRule, orderRules } from './rule-table.ts';
import type { OrderNote, OrderOutcome, OrderPromise, OrderRefusal } from './types.ts';

/** An order accepted, or the rule that refuses it. */
export type OrderResult = Result<OrderOutcome, OrderRefusal>;

/** An order accepted. */
export function accepted(
  contract: Contract,
  notes: readonly OrderNote[] = [],
  promises: readonly OrderPromise[] = [],
): OrderResult {
  return ok({ contract, notes, promises });
}

/** An order refused: `say` tells what is wrong and what to do. */
export function refused(code: OrderRule, say: string): { readonly ok: false; readonly error: OrderRefusal } {
  const row: RuleRow = orderRules[code];
  return refuse({ code, fault: 'caller', facts: row.facts, say });
}

/** Held from now on. */
export function fromNow(now: Instant): Held {
  return { from: now, until: null };
}

/** Business days within which phones and adapters leave the house. [S0-177] */
export const SHIPPED_WITHIN_DAYS = 2;

/** A device is sent within two business days of its order. [S0-177] */
export function shipped(device: string, now: Instant, calendar: Calendar): OrderPromise {
  const by = dueDay(now, SHIPPED_WITHIN_DAYS, calendar);
  return { what: 'shipped', on: device, by, businessDays: SHIPPED_WITHIN_DAYS, facts: ['S0-177', 'A-26'] };
}

/** Business days until a toll-free number works: new, or ported in. [S0-187] [S0-188] */
export const TOLL_FREE_DAYS = { new: 12, portIn: 20 } as const;

/** A toll-free number opens about so many business days after its order. [S0-187] [S0-188] */
export function tollFreeOpens(
  number: string,
  how: keyof typeof TOLL_FREE_DAYS,
  now: Instant,
  calendar: Calendar,
): OrderPromise {
  const days = TOLL_FREE_DAYS[how];
  const facts = [how === 'new' ? 'S0-187' : 'S0-188', 'A-26'];
  return { what: 'tollFreeOpens', on: number, by: dueDay(now, days, calendar), businessDays: days, facts };
}
