import type { Instant } from '../../../lib/base/clock.ts';
import { emptyFeatures, type TollFreeNumber } from '../../contracts/index.ts';
import { onChannel, refusal } from '../endings.ts';
import { type InCase, inCase } from '../in-case.ts';
import { planForNumber } from '../number-plan.ts';
import { outsideLeg } from '../outside-leg.ts';
import type { RoutingPolicy } from '../policy.ts';
import { rejected } from '../reject-list.ts';
import { CAUSE, type Trace } from '../steps.ts';
import type {
  CallRequest,
  ContractView,
  ForwardPlan,
  NumberView,
  RoutePlan,
  RoutingSnapshot,
} from '../types.ts';
import { TOLL_FREE_PROMPTS } from './prompts.ts';

/** Everything that the steps of one toll-free call look at. */
export interface TollFreeCase {
  readonly request: Extract<CallRequest, { direction: 'in' }>;
  readonly trace: Trace;
  readonly snapshot: RoutingSnapshot;
  readonly policy: RoutingPolicy;
  readonly now: Instant;
  readonly contract: ContractView;
  readonly setting: TollFreeNumber;
}

/** Answer numbers that are tried one after the other while the one before is busy. */
export interface Candidates {
  readonly numbers: readonly string[];
  /** The destination was changed: options of the number that it was changed to do not apply. [S2-034] */
  readonly changed: boolean;
}

/** The plan that tries the answer numbers in their order: the next one only when the one before is busy. [S2-032] */
export function deliver(one: TollFreeCase, { numbers, changed }: Candidates): RoutePlan {
  let plan: RoutePlan | undefined;
  for (const number of [...numbers].reverse()) plan = toNumber(one, number, changed, plan);
  if (plan !== undefined) return dress(plan, one.setting);
  const say = `${one.setting.number} has no number that answers`;
  return refusal(
    caseFor(one, lineView(one, '')),
    'in.tollFree.nobody',
    ['S2-030'],
    480,
    CAUSE.subscriberAbsent,
    say,
  );
}

/** Legs to these lines outside are part of the toll-free call. */
export function linesOf(one: TollFreeCase, numbers: readonly string[]): readonly string[] {
  return numbers.filter((number) => one.snapshot.number(number)?.contract !== one.contract.id);
}

function toNumber(
  one: TollFreeCase,
  number: string,
  changed: boolean,
  next: RoutePlan | undefined,
): RoutePlan {
  const view = one.snapshot.number(number);
  if (view?.contract !== one.contract.id) return toLine(one, number, next);
  if (changed) return planForNumber(caseFor(one, withoutOptions(view), next));
  const own = caseFor(one, view, next);
  const unwanted = rejected(own, one.request);
  if (unwanted === undefined) return planForNumber(own);
  return refusal(own, 'in.rejectList', ['S0-077'], 403, CAUSE.rejected, unwanted);
}

/** A line outside, which the office does not forward to: it is where the toll-free number ends. */
function toLine(one: TollFreeCase, number: string, next: RoutePlan | undefined): RoutePlan {
  const { setting, policy, contract } = one;
  const line = caseFor(one, lineView(one, setting.number), next);
  const leg = outsideLeg(line, number, setting.number);
  if (leg === undefined) {
    if (next !== undefined) return next;
    const say = `${setting.number} is answered by ${number}, which calls cannot be sent to`;
    return refusal(line, 'in.tollFree.line', ['S2-030'], 480, CAUSE.subscriberAbsent, say);
  }
  // A contract of lines alone has no IDs and so no channels to count. [S0-059]
  const takesChannel = policy.forwardTakesChannel && contract.channels > 0;
  const plan: ForwardPlan = {
    verb: 'forward',
    contract: contract.id,
    called: setting.number,
    to: leg,
    forMs: policy.forwardForMs,
    takesChannel,
    partOfCall: true,
    ...(next === undefined ? {} : { onBusy: next }),
  };
  return takesChannel ? onChannel(line, ['A-63', 'S0-059'], () => plan) : plan;
}

function caseFor(one: TollFreeCase, view: NumberView, next?: RoutePlan): InCase {
  const made = inCase(one, one.contract, view);
  return next === undefined ? made : { ...made, busyInstead: next };
}

/** The toll-free number in the place of a number of the office: it has no settings of that kind. */
function lineView({ contract }: TollFreeCase, number: string): NumberView {
  return { number, contract: contract.id, role: 'additional', rings: [], features: NOTHING_SET };
}

const NOTHING_SET = emptyFeatures();

/** A number that calls were diverted to rings, and that is all. */
function withoutOptions(view: NumberView): NumberView {
  const { group, deskFirstMs } = view.features ?? NOTHING_SET;
  return { ...view, features: { ...NOTHING_SET, group, deskFirstMs }, options: [] };
}

/**
 * Who is rung hears that the call is toll-free, where that is set, and sees the toll-free number as the one that was
 * called. [S2-024] [S0-061]
 */
function dress(plan: RoutePlan, setting: TollFreeNumber): RoutePlan {
  const { connection } = setting.guidance;
  const guidance =
    connection === 'nobody' ? {} : { guidance: { prompt: TOLL_FREE_PROMPTS.connection, to: connection } };
  const called = setting.number;
  switch (plan.verb) {
    case 'ring':
    case 'relay':
    case 'forward': {
      const ways = plan.onBusy === undefined ? {} : { onBusy: dress(plan.onBusy, setting) };
      return { ...plan, called, ...guidance, ...ways };
    }
    case 'record':
      return { ...plan, plan: dress(plan.plan, setting) };
    case 'fax':
      return plan.onVoice === null ? plan : { ...plan, onVoice: dress(plan.onVoice, setting) };
    default:
      return plan;
  }
}
