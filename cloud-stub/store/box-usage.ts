import { instant } from '../../lib/base/clock.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';
import type { RatableCall } from '../rating/types.ts';
import type { Account } from './accounts.ts';
import { FIRST_PHONE_LINE } from './box-doubt.ts';
import { callUsage } from './charges.ts';
import type { ServiceRules } from './rules.ts';

/** A leg with the outside, as its box tells of it. */
export interface BoxLeg {
  readonly direction: 'out' | 'in';
  readonly serviceId: string;
  readonly line: number;
  readonly to: string;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly talkMs: number;
}

/** Pure: what a call is rated as where the switch knows nothing of it. */
export function boxUsage(rules: Pick<ServiceRules, 'classify'>, leg: BoxLeg): RatableCall {
  const far =
    leg.direction === 'out'
      ? rules.classify(leg.to, instant(leg.startedAt))
      : { destination: 'unknown' as const, national: null };
  return callUsage({
    kind: leg.direction,
    id: leg.serviceId,
    // By the line that it was on: the ID may be on an app by now, which has other prices.
    device: leg.line >= FIRST_PHONE_LINE ? 'deskPhone' : 'adapter',
    destination: far.destination,
    answeredAtMs: leg.answeredAt,
    talkMs: leg.talkMs,
    number: far.national,
  });
}

/**
 * Pure: what a record is counted as while it waits for the switch's. Its box forgets the call once the record is acknowledged:
 * between that and the charge it would be nobody's, and a ceiling could be spent twice.
 */
export function heldFor(
  rules: Pick<ServiceRules, 'classify'>,
  { rater, allowance }: Pick<Account, 'rater' | 'allowance'>,
  record: BoxRecord,
): number {
  const { direction } = record;
  if (direction !== 'out' || record.answeredAt === null) return 0;
  return rater.amountOf(boxUsage(rules, { ...record, direction }), allowance) ?? 0;
}
