import type { Instant } from '../../../lib/base/clock.ts';
import type { AnswerGroup } from '../../contracts/index.ts';
import { type CallerOrigin, callerOrigin } from '../../numbering/index.ts';
import { ceilingOf } from '../ceiling.ts';
import { contractClosed } from '../contract-state.ts';
import { defaultPolicy, type RoutingPolicy } from '../policy.ts';
import { CAUSE, Trace } from '../steps.ts';
import type { CallRequest, Decision, RoutePlan, RoutingSnapshot, TollFreeView, Turn } from '../types.ts';
import {
  callerClass,
  groupOf,
  type NotTaken,
  placeName,
  refusedByNumber,
  refusedByService,
  refusedMedia,
} from './acceptance.ts';
import { type Candidates, deliver, linesOf, type TollFreeCase } from './deliver.ts';
import { type Opening, openingOf } from './hours.ts';
import { AFTER_HOURS_TIMES, TOLL_FREE_PROMPTS } from './prompts.ts';
import { takeTurn } from './turns.ts';

type Incoming = Extract<CallRequest, { direction: 'in' }>;

/** Where percentages stand, by {@link Turn.key}. */
export type Turns = (key: string) => Turn | undefined;

/** Nothing was given out yet. */
const BEGINNING: Turns = () => undefined;

/**
 * A call to a toll-free number. Order: contract, service, customer's acceptance, answer group by region, after-hours
 * guidance, change of destination, percentage or busy detour. The callee pays in every case. `nextTurn` of the decision
 * is to be kept and handed in through `turns` with the next call. [S2-019]
 */
export function decideTollFree(
  request: Incoming,
  feature: TollFreeView,
  snapshot: RoutingSnapshot,
  now: Instant,
  turns: Turns = BEGINNING,
  policy: RoutingPolicy = defaultPolicy,
  trace: Trace = new Trace(),
): Decision {
  const { setting } = feature;
  const contract = snapshot.contract(feature.contract);
  trace.of(feature.contract);
  const closed = contractClosed(trace, contract, setting.number);
  if (closed !== undefined) return closed;
  if (contract === undefined) throw new Error('a running contract is not there');
  trace.note('in.tollFree', ['S0-145', 'S2-019'], () => {
    return `${setting.number} is a toll-free number of ${contract.id}: the callee pays, whoever calls and why`;
  });
  const caller = callerOrigin({ from: request.from, withheld: request.withheld, ...networkOf(request) }, now);
  trace.note('in.tollFree.caller', caller.facts, () => `the caller is ${caller.say}`);
  const one: TollFreeCase = { request, trace, snapshot, policy, now, contract, setting };
  const product = contract.product ?? 'cloudPhone';
  const carried = refusedMedia(product, request.media ?? 'voice');
  if (carried !== undefined) return trace.reject(carried.rule, carried.facts, 488, CAUSE.bearer, carried.say);
  const unwanted = refusedByService(product, caller) ?? refusedByNumber(setting, caller);
  if (unwanted !== undefined) return notTaken(one, unwanted);
  const ceiling = ceilingOf(contract, snapshot);
  if (ceiling?.reached === true) {
    const say = `${ceiling.alert.say}; toll-free calls are chargeable`;
    return {
      ...trace.reject('in.tollFree.ceiling', ceiling.alert.facts, 403, CAUSE.rejected, say),
      alerts: [ceiling.alert],
    };
  }
  const group = groupOf(setting, caller);
  if (group === undefined) {
    const say = `no answer group of ${setting.number} takes ${placeName(caller)}`;
    return notTaken(one, {
      rule: 'in.tollFree.noGroup',
      facts: ['S2-031', 'S2-041', 'A-32'],
      say,
      guidance: true,
    });
  }
  trace.note(
    'in.tollFree.group',
    ['S2-031', 'A-33'],
    () => `${placeName(caller)} belongs to answer group "${group.id}"`,
  );
  const made = toGroup(one, caller, group, turns);
  return ceiling === undefined ? made : { ...made, alerts: [ceiling.alert] };
}

function networkOf({ origin }: Incoming): { readonly network?: NonNullable<Incoming['origin']> } {
  return origin === undefined ? {} : { network: origin };
}

/** Refused, with the restriction guidance where the number has it: before the answer, so that it costs nothing. [S2-025] */
function notTaken(one: TollFreeCase, { rule, facts, say, guidance }: NotTaken): Decision {
  const { trace, setting, contract } = one;
  if (!guidance || !setting.guidance.restriction) return trace.reject(rule, facts, 403, CAUSE.rejected, say);
  trace.note(rule, facts, `${say}: the caller hears the restriction guidance`);
  return trace.decide({
    verb: 'play',
    contract: contract.id,
    called: setting.number,
    prompt: TOLL_FREE_PROMPTS.restriction,
    times: 1,
    answers: false,
    next: null,
    release: { status: 403, cause: CAUSE.rejected },
  });
}

function toGroup(one: TollFreeCase, caller: CallerOrigin, group: AnswerGroup, turns: Turns): Decision {
  const { trace, setting, now, policy } = one;
  const opening = openingOf(setting, group, now, policy.holidays);
  const nothingOpen = opening.sources.length === 0 && opening.detour.length === 0;
  if (nothingOpen && setting.guidance.afterHours) {
    return trace.decide(afterHours(one, opening));
  }
  if (opening.changedTo !== null) {
    const { changedTo } = opening;
    trace.note('in.tollFree.changed', ['S2-034', 'S2-030'], () => {
      return `the destination is changed to ${changedTo.join(', then ')} at this time; options of that number do not apply`;
    });
    return through(one, caller, group, { numbers: changedTo, changed: true });
  }
  if (group.distribution.by === 'order') {
    return through(one, caller, group, { numbers: inOrder(one, group, opening), changed: false });
  }
  const key = `${setting.number}/${group.id}`;
  const turn = takeTurn(key, group.distribution.shares, opening.sources, turns(key));
  if (turn === undefined) {
    // Shares that name nothing that is open: better the first open number than nobody.
    return through(one, caller, group, { numbers: opening.sources.slice(0, 1), changed: false });
  }
  const { number, next } = turn;
  trace.note('in.tollFree.percentage', ['S2-033', 'S2-042'], () => {
    return `${number} has the turn (${next.shares}); there is no busy detour beside percentages`;
  });
  return { ...through(one, caller, group, { numbers: [number], changed: false }), nextTurn: next };
}

/** The first open number of the group, then the detour; targets of other regions are no hindrance. [S2-032] */
function inOrder({ trace, setting }: TollFreeCase, group: AnswerGroup, opening: Opening): readonly string[] {
  const { sources, detour } = opening;
  const numbers = [...sources.slice(0, 1), ...detour];
  if (sources.length === 0) {
    trace.note('in.tollFree.detourOpen', ['S2-043'], () => {
      return `every number of "${group.id}" is closed, but the detour is open: ${detour.join(', ')}`;
    });
  }
  if (numbers.length > 1) {
    const facts = setting.groups.length > 1 ? ['S2-032', 'A-29'] : ['S2-032'];
    trace.note('in.tollFree.detour', facts, () => {
      return `${numbers[0]} busy: the call goes on to ${numbers.slice(1).join(', then ')}, whatever the caller's region`;
    });
  }
  return numbers;
}

/** Played twice, then the call is cut; it outweighs a change of destination. [S2-035] [S2-037] [S2-043] [S2-044] */
function afterHours({ trace, setting, contract }: TollFreeCase, opening: Opening): RoutePlan {
  const facts = ['S2-035', 'S2-037'];
  if (opening.hasDetour) facts.push('S2-043');
  if (opening.changedTo !== null) facts.push('S2-044');
  trace.note('in.tollFree.afterHours', facts, () => {
    const over = opening.changedTo === null ? '' : '; it outweighs the change of destination';
    return `every number that could answer is closed: the guidance plays ${AFTER_HOURS_TIMES} times and the call is cut${over}`;
  });
  return {
    verb: 'play',
    contract: contract.id,
    called: setting.number,
    prompt: TOLL_FREE_PROMPTS.afterHours,
    times: AFTER_HOURS_TIMES,
    answers: false,
    next: null,
    release: { status: 480, cause: CAUSE.subscriberAbsent },
  };
}

function through(
  one: TollFreeCase,
  caller: CallerOrigin,
  group: AnswerGroup,
  candidates: Candidates,
): Decision {
  const { trace, setting } = one;
  const { numbers } = candidates;
  noteConnection(one);
  const plan = deliver(one, candidates);
  if (plan.verb === 'reject') return trace.decide(plan);
  const pays = callerClass(caller);
  trace.note(
    'in.tollFree.payer',
    ['S2-019', 'S0-051', 'A-61'],
    () => `the callee pays, as for a caller of the class ${pays}`,
  );
  return {
    ...trace.decide(plan),
    tollFree: {
      number: setting.number,
      payer: 'callee',
      callerClass: pays,
      group: group.id,
      answeredBy: numbers[0] ?? null,
      lines: linesOf(one, numbers),
    },
  };
}

/** Who hears before the talk that it is toll-free. [S2-024] */
function noteConnection({ trace, setting }: TollFreeCase): void {
  const { connection } = setting.guidance;
  if (connection === 'nobody') return;
  trace.note(
    'in.tollFree.connection',
    ['S2-024'],
    `${connection} will hear that the connection is toll-free`,
  );
}
