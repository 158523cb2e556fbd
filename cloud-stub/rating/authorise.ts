import type { Instant } from '../../lib/base/clock.ts';
import { formatYen, type MicroYen, microYen } from '../../lib/base/units.ts';
import type { TraceLine } from '../routing/types.ts';
import { noAllowance } from './allowance.ts';
import type { Rater } from './rate.ts';
import { type Spend, type SpendCeiling, spendLevel } from './spend.ts';
import type { Allowance, RatableCall } from './types.ts';

/** A call that wants to begin. */
export type CallToAuthorise = Omit<RatableCall, 'answeredAt' | 'talkMs' | 'networkReleasedAt' | 'startedAt'>;

/** What is known of the account at that moment. */
export interface Account {
  readonly spend: Spend;
  readonly ceiling: SpendCeiling | null;
  readonly allowance?: Allowance;
}

/** Whether a call may begin, what its first unit costs, and why. */
export type Authorisation =
  | {
      readonly granted: true;
      /** What the first instant of talk costs. */
      readonly firstUnit: MicroYen;
      readonly trace: readonly TraceLine[];
    }
  | {
      readonly granted: false;
      readonly rule: 'authorise.ceiling' | 'authorise.noPrice';
      readonly say: string;
      readonly trace: readonly TraceLine[];
    };

/**
 * Whether a call may begin now. It is rated as if it were answered this moment and had lasted one millisecond, by the
 * very function that rates it afterwards: the first unit cannot be forgotten. At the ceiling, chargeable calls are
 * refused, free and emergency ones never; what runs is not asked again.
 */
export function authorise(
  call: CallToAuthorise,
  account: Account,
  rater: Rater,
  now: Instant,
): Authorisation {
  const rating = rater.rate({ ...call, answeredAt: now, talkMs: 1 }, account.allowance ?? noAllowance);
  if (!rating.ok) {
    return { granted: false, rule: 'authorise.noPrice', say: rating.say, trace: rating.trace };
  }
  const firstUnit = rating.charge.amount;
  const first: TraceLine = {
    rule: 'authorise.firstUnit',
    facts: ['A-36', 'A-44'],
    say: `the first unit costs ${formatYen(firstUnit)} yen`,
  };
  const trace = [...rating.trace, first];
  const { ceiling, spend } = account;
  if (ceiling === null) return { granted: true, firstUnit, trace };
  const level = spendLevel(spend, ceiling);
  const state = `${formatYen(spend.microYen)} of ${formatYen(ceiling.limitMicroYen)} yen are used this period`;
  if (firstUnit > 0 && level === 'reached') {
    const say = `${state}: chargeable calls are refused until the next period or a higher ceiling.`;
    const facts = ['A-36', 'S3-032'];
    const why = { rule: 'authorise.ceiling', facts, say };
    return { granted: false, rule: 'authorise.ceiling', say, trace: [...trace, why] };
  }
  const free = level === 'reached' ? '; the call is free and goes through' : '';
  const why: TraceLine = { rule: `authorise.${level}`, facts: ['A-36'], say: `${state}${free}` };
  return { granted: true, firstUnit: microYen(firstUnit), trace: [...trace, why] };
}
