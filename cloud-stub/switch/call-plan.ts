import { unreachable } from '../../lib/base/errors.ts';
import type { PlanMember, PlayPlan, RingPlan, RoutePlan, TonePlan } from '../routing/types.ts';
import { refuse } from './call-ends.ts';
import type {
  CallEffect,
  CallStep,
  Course,
  Leg,
  LegTarget,
  OfferPlan,
  Refusal,
  Surroundings,
} from './call-types.ts';
import { notYet } from './later-verbs.ts';
import { endOfReject, networkRefusal, ringRefusal } from './refusals.ts';

/** Enters a verb of the plan: takes or gives back the channel, then does what the verb says. */
export function enter(course: Course, plan: RoutePlan, nowMs: number, around: Surroundings): CallStep {
  const wants = 'takesChannel' in plan && plan.takesChannel;
  if (wants && !course.channel && !around.channelFree) {
    const instead = 'onNoChannel' in plan ? plan.onNoChannel : undefined;
    if (instead !== undefined) return enter(course, instead, nowMs, around);
    return refuse(course, NO_CHANNEL, nowMs);
  }
  const effects: CallEffect[] = wants === course.channel ? [] : [{ do: 'channel', take: wants }];
  const next = begin({ ...course, channel: wants }, plan, nowMs, around);
  return { call: next.call, effects: [...effects, ...next.effects] };
}

const NO_CHANNEL: Refusal = {
  status: 486,
  cause: 34,
  rule: 'switch.noChannel',
  say: 'all channels of the contract are in use',
  end: 'noChannel',
};

const NOT_INSIDE: Refusal = {
  status: 501,
  cause: 79,
  rule: 'switch.parkInside',
  say: 'a call that runs cannot go on with a slot',
  end: 'refused',
};

function begin(course: Course, plan: RoutePlan, nowMs: number, around: Surroundings): CallStep {
  switch (plan.verb) {
    case 'ring':
    case 'relay':
    case 'forward':
    case 'network':
      return offer(course, plan, nowMs, around);
    case 'play':
      return play(course, plan);
    case 'tone':
      return tone(course, plan, nowMs);
    case 'reject':
      return refuse(course, { ...plan, end: endOfReject(plan) }, nowMs);
    case 'voicemail':
    case 'bot':
    case 'collect':
    case 'record':
    case 'fax':
      return refuse(course, notYet(plan), nowMs);
    // No plan goes on with these: the switch carries them out for calls that begin with them.
    case 'park':
    case 'take':
      return refuse(course, NOT_INSIDE, nowMs);
    default:
      return unreachable(plan);
  }
}

/** Who is called in a step of a verb, in order. */
function targetsOf(plan: OfferPlan, step: number): readonly LegTarget[] {
  switch (plan.verb) {
    case 'ring': {
      const members = plan.members.map((id): LegTarget => ({ kind: 'member', id }));
      return [...members, ...(plan.externals ?? []).map((one): LegTarget => ({ kind: 'external', ...one }))];
    }
    case 'relay':
      return (plan.steps[step]?.members ?? []).map(memberTarget);
    case 'forward':
      return [{ kind: 'forward', ...plan.to }];
    case 'network':
      return [{ kind: 'network' }];
    default:
      return unreachable(plan);
  }
}

function memberTarget(member: PlanMember): LegTarget {
  return 'id' in member ? { kind: 'member', id: member.id } : { kind: 'external', ...member };
}

function forMsOf(course: Course, plan: OfferPlan, step: number): number {
  if (plan.verb === 'network') return course.setup.ringForMs;
  return plan.verb === 'relay' ? (plan.steps[step]?.forMs ?? 0) : plan.forMs;
}

function offer(course: Course, plan: OfferPlan, nowMs: number, around: Surroundings): CallStep {
  return offerStep(course, plan, { step: 0, first: course.legs.length, rang: false }, nowMs, around);
}

/** Calls everybody of a step; a member without a flow has failed before it was tried. */
function offerStep(
  course: Course,
  plan: OfferPlan,
  place: { readonly step: number; readonly first: number; readonly rang: boolean },
  nowMs: number,
  around: Surroundings,
): CallStep {
  const start = course.legs.length;
  const targets = targetsOf(plan, place.step);
  const there = (target: LegTarget): boolean => target.kind !== 'member' || around.reachable(target.id);
  const lead = plan.verb === 'ring' ? headStartOf(plan, targets, there) : undefined;
  const added = targets.map((target): Leg => {
    if (!there(target)) return { target, at: 'gone', failed: { status: 480, cause: 20 } };
    const waits = lead !== undefined && !(target.kind === 'member' && lead.members.includes(target.id));
    return { target, at: waits ? 'waiting' : 'trying', failed: null };
  });
  const legs = [...course.legs, ...added];
  const call = { ...course, legs, at: 'offering', plan, ...place, tentative: null } as const;
  if (added.every((leg) => leg.at === 'gone')) return stepOver(call, nowMs, around, false);
  const effects: CallEffect[] = [
    { do: 'arm', timer: 'noAnswer', afterMs: forMsOf(course, plan, place.step) },
  ];
  if (lead !== undefined) effects.push({ do: 'arm', timer: 'headStart', afterMs: lead.ms });
  for (const [index, leg] of added.entries()) {
    if (leg.at === 'trying') effects.push({ do: 'invite', leg: start + index, target: leg.target });
  }
  return { call, effects };
}

/** Who rings first: nobody in particular when none of them is there, or all of them are it. */
function headStartOf(
  plan: RingPlan,
  targets: readonly LegTarget[],
  there: (target: LegTarget) => boolean,
): RingPlan['headStart'] {
  const { headStart } = plan;
  if (headStart === undefined || headStart.ms <= 0) return undefined;
  const leads = targets.filter((target) => target.kind === 'member' && headStart.members.includes(target.id));
  const some = leads.some(there);
  return some && leads.length < targets.length ? headStart : undefined;
}

type Offering = Extract<CallStep['call'], { at: 'offering' }>;

/** The others ring too: the head start is over, or all who had it have failed. */
export function endHeadStart(call: Offering): CallStep {
  const effects: CallEffect[] = [];
  const legs = call.legs.map((leg, index): Leg => {
    if (leg.at !== 'waiting') return leg;
    effects.push({ do: 'invite', leg: index, target: leg.target });
    return { ...leg, at: 'trying' };
  });
  return { call: { ...call, legs }, effects };
}

/**
 * Nobody of this step can answer any more: on to the next step of a relay, to the way on from the verb, or to the
 * refusal that fits. `timedOut`: somebody rang until the time was up.
 */
export function stepOver(call: Offering, nowMs: number, around: Surroundings, timedOut: boolean): CallStep {
  const { plan, step, first, rang, ...rest } = call;
  const { setup, legs, answeredMs, channel } = rest;
  const course: Course = { setup, legs, answeredMs, channel };
  if (plan.verb === 'relay' && step + 1 < plan.steps.length) {
    return offerStep(course, plan, { step: step + 1, first, rang }, nowMs, around);
  }
  const tried = legs.slice(first);
  const statuses = tried.map((leg) => leg.failed?.status);
  const busy =
    !timedOut && statuses.length > 0 && statuses.every((status) => status === 486 || status === 600);
  if (plan.verb !== 'network') {
    const next = (busy ? plan.onBusy : undefined) ?? plan.onNoAnswer;
    if (next !== undefined) return enter(course, next, nowMs, around);
  }
  return refuse(course, refusalOf(plan, tried, course, timedOut), nowMs);
}

function refusalOf(plan: OfferPlan, tried: readonly Leg[], course: Course, timedOut: boolean): Refusal {
  if (timedOut) return notAnswered(plan, course);
  if (plan.verb === 'ring' || plan.verb === 'relay') return ringRefusal(tried);
  const failed = tried.at(-1)?.failed ?? { status: 480, cause: 20 };
  return networkRefusal(failed, plan.verb === 'forward' ? plan.to.external : plan.number);
}

/** Nobody answered in time. */
export function notAnswered(plan: OfferPlan, course: Course): Refusal {
  const steps = plan.verb === 'relay' ? plan.steps : [{ forMs: forMsOf(course, plan, 0) }];
  const seconds = Math.round(steps.reduce((sum, one) => sum + one.forMs, 0) / 1_000);
  return {
    status: 480,
    cause: 19,
    rule: 'ring.noAnswer',
    say: `nobody answered within ${seconds} s`,
    end: 'notAnswered',
  };
}

/** A prompt that answers the call is written down first, as any answer is. */
function play(course: Course, plan: PlayPlan): CallStep {
  const writing = plan.answers && course.answeredMs === null;
  const effects: CallEffect[] = writing ? [{ do: 'write', leg: null }] : [soundOf(plan)];
  return { call: { ...course, at: 'playing', plan, writing }, effects };
}

/** Before the answer a tone is said by status and cause: the caller's own exchange plays it. */
function tone(course: Course, plan: TonePlan, nowMs: number): CallStep {
  if (course.answeredMs === null) return refuse(course, toneRefusal(plan), nowMs);
  return { call: { ...course, at: 'playing', plan, writing: false }, effects: [soundOf(plan)] };
}

/** What a verb sounds like. */
export function soundOf(plan: PlayPlan | TonePlan): CallEffect {
  if (plan.verb === 'tone') {
    return { do: 'play', sound: { kind: 'tone', tone: plan.tone, forMs: plan.forMs } };
  }
  return { do: 'play', sound: { kind: 'prompt', prompt: plan.prompt, times: plan.times } };
}

function toneRefusal(plan: TonePlan): Refusal {
  const { cause, rule, say } = plan;
  const busy = cause === 17 || cause === 34;
  const end = cause === 34 ? 'noChannel' : cause === 17 ? 'busy' : 'refused';
  return { status: busy ? 486 : 480, cause, rule, say, end };
}

/** What follows a prompt or a tone: the next verb, or the release. [S2-037] */
export function afterSound(
  course: Course,
  plan: PlayPlan | TonePlan,
  nowMs: number,
  around: Surroundings,
): CallStep {
  if (plan.verb === 'tone') return refuse(course, toneRefusal(plan), nowMs);
  if (plan.next !== null) return enter(course, plan.next, nowMs, around);
  const { status, cause } = plan.release ?? { status: 480, cause: 16 };
  const say = `the announcement ${plan.prompt} was played to its end`;
  const end = cause === 34 ? 'noChannel' : cause === 17 ? 'busy' : 'refused';
  return refuse(course, { status, cause, rule: 'play.over', say, end }, nowMs);
}
