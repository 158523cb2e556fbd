import type { Instant } from '../../lib/base/clock.ts';
import { type AllowanceView, grantAt } from './allowance.ts';
import { freeOutcome, type Outcome, refusedBad, refusedUnpriced } from './outcome.ts';
import type { RatingPolicy } from './policy.ts';
import { findPrice, type PriceTable } from './price-table.ts';
import { settleFax, settlePiece } from './settle-use.ts';
import { chargedTalkMs, decidingMoment } from './talk-time.ts';
import type { CallPrice, Grant, RatableCall, RatableUsage } from './types.ts';
import { startedUnits } from './units.ts';

const unanswered = freeOutcome('unanswered');
const internal = freeOutcome('internal');
const incoming = freeOutcome('incoming');

/**
 * The one place where a price is computed: rating, the fast stream and the authorisation of a call that has only begun
 * all come through here. Pure: the allowance is read, what it loses is part of the answer.
 */
export function settle(
  usage: RatableUsage,
  table: PriceTable,
  allowance: AllowanceView,
  policy: RatingPolicy,
): Outcome {
  switch (usage.kind) {
    case 'fax':
      return settleFax(usage, table, allowance, policy);
    case 'botItem':
    case 'answeredCall':
    case 'listing':
      return settlePiece(usage, table, allowance, policy);
    default:
      return settleCall(usage, table, allowance, policy);
  }
}

function settleCall(
  call: RatableCall,
  table: PriceTable,
  allowance: AllowanceView,
  policy: RatingPolicy,
): Outcome {
  const talkMs = chargedTalkMs(call);
  if (!isLength(talkMs)) return refusedBad;
  const at = decidingMoment(call, policy.decidedBy);
  if (at === null || talkMs === 0) return unanswered;
  if (call.kind === 'internal') return internal;
  if (call.kind === 'in') return incoming;
  const price = priceOf(call, call.kind, table, at, policy);
  if (price === undefined) return refusedUnpriced;
  const grant = freeMinutes(call, price, allowance, at);
  const chargedMs = grant === undefined ? talkMs : beyond(talkMs, grant.count * 1_000, policy.tenMinutes);
  const units = startedUnits(chargedMs, price.unitMs);
  const amount = units * price.pricePerUnit;
  if (!Number.isSafeInteger(amount)) return refusedBad;
  return { how: 'timed', price, amount, units, talkMs, chargedMs, grant };
}

/** A caller with an 050 number has a row of its own; the other readings look at another class. */
function priceOf(
  call: RatableCall,
  kind: 'out' | 'forwarded' | 'forwardedToAnswering' | 'tollFreeIn',
  table: PriceTable,
  at: Instant,
  policy: RatingPolicy,
): CallPrice | undefined {
  const own = findPrice(table, kind, call, call.destination, at);
  if (kind !== 'tollFreeIn' || call.destination !== 'ip050' || own === undefined) return own;
  switch (policy.tollFreeFrom050) {
    case 'mobile':
      return own;
    case 'fixed':
      return findPrice(table, kind, call, 'geographic', at);
    case 'unpriced':
      return undefined;
  }
}

function freeMinutes(
  call: RatableCall,
  price: CallPrice,
  allowance: AllowanceView,
  at: Instant,
): Grant | undefined {
  if (price.tenMinutes !== true || call.id === undefined) return undefined;
  return grantAt(allowance, call.id, 'secondsPerCall', at);
}

/** What is charged of a talk of which the beginning is free: exactly ten minutes are free. [S0-091] */
function beyond(talkMs: number, freeMs: number, policy: RatingPolicy['tenMinutes']): number {
  if (talkMs <= freeMs) return 0;
  return policy === 'excess' ? talkMs - freeMs : talkMs;
}

/** True for a length that can be and that is still counted exactly. */
function isLength(talkMs: number): boolean {
  return talkMs >= 0 && Number.isSafeInteger(Math.ceil(talkMs));
}
