import { unreachable } from '../../lib/base/errors.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import {
  CALLER_GAVE_UP,
  dropAll,
  dropLate,
  finish,
  gaveUp,
  isLive,
  PREEMPTED,
  RESTART,
  refuse,
  stay,
  talkMsOf,
  withLeg,
} from './call-ends.ts';
import { afterSound, endHeadStart, enter, notAnswered, soundOf, stepOver } from './call-plan.ts';
import type {
  Call,
  CallEffect,
  CallInput,
  CallSetup,
  CallStep,
  Course,
  DropReason,
  Leg,
  LegFailure,
  Refusal,
  Surroundings,
} from './call-types.ts';
import { PARK_FOR_MS } from './parking.ts';

/** A call whose record is about to be begun. */
export function newCall(setup: CallSetup): Call {
  return { at: 'opening', setup, givenUp: null };
}

/** What a call that looks at nothing else sees: a free channel, and everybody there. */
const OPEN: Surroundings = { channelFree: true, reachable: () => true };

/**
 * Pure: the next state of a call and what to do about it. The plan is a tree that is walked from its root and never back
 * up, so every call passes through `finish` exactly once; after that the only effect is to drop a leg whose answer
 * crossed our CANCEL.
 */
export function step(call: Call, input: CallInput, nowMs: number, around: Surroundings = OPEN): CallStep {
  switch (call.at) {
    case 'opening':
      return opening(call, input, nowMs, around);
    case 'offering':
      return offering(call, input, nowMs, around);
    case 'playing':
      return playing(call, input, nowMs, around);
    case 'answering':
      return answering(call, input, nowMs);
    case 'talking':
      return talking(call, input, nowMs);
    case 'parked':
      return parked(call, input, nowMs);
    case 'over':
      return input.type === 'answered' ? { call, effects: dropLate(input.leg) } : stay(call);
    default:
      return unreachable(call);
  }
}

type In<At extends Call['at']> = Extract<Call, { at: At }>;

function opening(call: In<'opening'>, input: CallInput, nowMs: number, around: Surroundings): CallStep {
  const { setup, givenUp } = call;
  const channel = 'takesChannel' in setup.plan && setup.plan.takesChannel;
  const course: Course = { setup, legs: [], answeredMs: null, channel };
  switch (input.type) {
    case 'opened': {
      if (givenUp === null) return enter(course, setup.plan, nowMs, around);
      const because = `${RESTART.rule}; ${RESTART.say}`;
      const how = givenUp === 'stop' ? { end: RESTART.end, because } : CALLER_GAVE_UP;
      return finish(course, [], { ...how, talkMs: 0 });
    }
    case 'openFailed': {
      const refusal = failure('switch.cannotOpen', input.say);
      if (givenUp === null) return refuse(course, refusal, nowMs);
      return finish(course, [], { end: refusal.end, because: `${refusal.rule}; ${refusal.say}`, talkMs: 0 });
    }
    case 'callerCancelled':
    case 'callerEnded':
      return { call: { ...call, givenUp: givenUp ?? 'caller' }, effects: [] };
    case 'stop':
    case 'preempted': {
      if (givenUp !== null) return stay(call);
      const refusal = input.type === 'stop' ? RESTART : PREEMPTED;
      return { call: { ...call, givenUp: 'stop' }, effects: [{ do: 'refuse', refusal }] };
    }
    default:
      return stay(call);
  }
}

function failure(rule: string, say: string): Refusal {
  return { status: 503, cause: 41, rule, say, end: 'interrupted' };
}

/** What every state before the talk does when the exchange stops or an emergency call needs the channel. */
function cutShort(course: Course, input: 'stop' | 'preempted', nowMs: number): CallStep {
  const dropped = dropAll(course.legs, input === 'stop' ? 'normal' : 'preempted');
  const refusal = input === 'stop' ? RESTART : PREEMPTED;
  return refuse({ ...course, legs: dropped.legs }, refusal, nowMs, dropped.effects);
}

function offering(call: In<'offering'>, input: CallInput, nowMs: number, around: Surroundings): CallStep {
  switch (input.type) {
    case 'progress':
      return progress(call, input);
    case 'answered':
      return answered(call, input.leg, nowMs);
    case 'failed':
    case 'legEnded': {
      if (!isLive(call.legs, input.leg)) return stay(call);
      const failed: LegFailure = input.type === 'failed' ? failureOf(input) : { status: 480, cause: 31 };
      const tentative = call.tentative === input.leg ? null : call.tentative;
      const legs = withLeg(call.legs, input.leg, { at: 'gone', failed });
      return legFailed({ ...call, legs, tentative }, nowMs, around);
    }
    case 'headStart':
      return call.tentative === null ? endHeadStart(call) : stay(call);
    case 'settled':
      return call.tentative === null ? stay(call) : won(call, call.tentative, nowMs);
    case 'callerCancelled':
    case 'callerEnded':
      return gaveUp(call, nowMs);
    case 'noAnswer': {
      if (call.tentative !== null) return won(call, call.tentative, nowMs);
      const dropped = dropAll(call.legs, 'noAnswer');
      return prepend(dropped.effects, stepOver({ ...call, legs: dropped.legs }, nowMs, around, true));
    }
    case 'stop':
    case 'preempted':
      return cutShort(call, input.type, nowMs);
    default:
      return stay(call);
  }
}

function failureOf({ status, cause, refusal }: CallInput & { type: 'failed' }): LegFailure {
  return refusal === undefined ? { status, cause } : { status, cause, refusal };
}

function prepend(effects: readonly CallEffect[], next: CallStep): CallStep {
  return { call: next.call, effects: [{ do: 'disarm' }, ...effects, ...next.effects] };
}

/** The last one that could answer makes the step over; the last one of those with a head start lets the others ring. */
function legFailed(call: In<'offering'>, nowMs: number, around: Surroundings): CallStep {
  const { legs, tentative } = call;
  if (tentative !== null && !isAhead(call, tentative)) return won(call, tentative, nowMs);
  if (tentative !== null || legs.some((leg) => leg.at === 'trying' || leg.at === 'ringing'))
    return stay(call);
  if (legs.some((leg) => leg.at === 'waiting')) return endHeadStart(call);
  return prepend([], stepOver(call, nowMs, around, false));
}

/** Two answers within this time count as simultaneous: a button cannot be pressed more exactly. */
const SAME_MOMENT_MS = 50;

/** The first answer wins; one that comes while a desk phone still rings before it waits a moment for that. [S0-078] */
function answered(call: In<'offering'>, leg: number, nowMs: number): CallStep {
  const { tentative } = call;
  if (!isLive(call.legs, leg)) return { call, effects: dropLate(leg) };
  if (tentative !== null) return won(call, Math.min(tentative, leg), nowMs);
  if (!isAhead(call, leg)) return won(call, leg, nowMs);
  const legs = withLeg(call.legs, leg, { at: 'up' });
  return {
    call: { ...call, legs, tentative: leg },
    effects: [{ do: 'arm', timer: 'settled', afterMs: SAME_MOMENT_MS }],
  };
}

/** True when a party with the head start still rings before this leg. */
function isAhead({ plan, legs, first }: In<'offering'>, leg: number): boolean {
  const lead = plan.verb === 'ring' ? (plan.headStart?.members ?? []) : [];
  return legs.slice(first, leg).some(({ target, at }) => {
    return target.kind === 'member' && lead.includes(target.id) && (at === 'trying' || at === 'ringing');
  });
}

function won(call: In<'offering'>, leg: number, nowMs: number): CallStep {
  const { setup, answeredMs, channel, plan } = call;
  const others = dropAll(call.legs, 'elsewhere', leg);
  const legs = withLeg(others.legs, leg, { at: 'up' });
  return {
    call: { at: 'answering', setup, legs, answeredMs, channel, plan, winner: leg, legAnsweredMs: nowMs },
    effects: [{ do: 'disarm' }, ...others.effects, { do: 'write', leg }],
  };
}

function progress(call: In<'offering'>, input: CallInput & { type: 'progress' }): CallStep {
  if (!isLive(call.legs, input.leg) || input.status < 180) return stay(call);
  const legs = withLeg(call.legs, input.leg, { at: 'ringing' });
  const rung = { ...call, legs, rang: true };
  // Early media makes sense with one party only; several phones would play over each other.
  const single = call.plan.verb === 'network' || call.plan.verb === 'forward';
  if (input.earlyMedia && single && call.answeredMs === null) {
    return { call: rung, effects: [{ do: 'progress', earlyMediaOf: input.leg }] };
  }
  if (call.rang) return { call: rung, effects: [] };
  if (call.answeredMs === null) return { call: rung, effects: [{ do: 'progress', earlyMediaOf: null }] };
  return {
    call: rung,
    effects: [{ do: 'play', sound: { kind: 'tone', tone: 'ringback', forMs: call.setup.longestMs } }],
  };
}

function playing(call: In<'playing'>, input: CallInput, nowMs: number, around: Surroundings): CallStep {
  const { plan, writing } = call;
  switch (input.type) {
    case 'written':
      if (!writing) return stay(call);
      return {
        call: { ...call, writing: false, answeredMs: nowMs },
        effects: [{ do: 'answer', leg: null }, soundOf(plan)],
      };
    case 'writeFailed':
      if (!writing) return stay(call);
      return refuse(call, cannotWrite(input.say), nowMs);
    case 'played':
      return writing ? stay(call) : afterSound(courseOf(call), plan, nowMs, around);
    case 'answered':
      return { call, effects: dropLate(input.leg) };
    case 'callerCancelled':
    case 'callerEnded':
      return gaveUp(call, nowMs);
    case 'stop':
    case 'preempted':
      return cutShort(call, input.type, nowMs);
    default:
      return stay(call);
  }
}

function courseOf({ setup, legs, answeredMs, channel }: Course): Course {
  return { setup, legs, answeredMs, channel };
}

function cannotWrite(say: string): Refusal {
  return failure('switch.cannotWrite', `the answer could not be written down: ${say}`);
}

function answering(call: In<'answering'>, input: CallInput, nowMs: number): CallStep {
  const { setup, legs, winner, plan, channel } = call;
  switch (input.type) {
    case 'written': {
      const effects: CallEffect[] = [
        { do: 'answer', leg: winner },
        { do: 'arm', timer: 'tooLong', afterMs: setup.longestMs },
      ];
      const guidance = plan.verb === 'network' ? undefined : plan.guidance;
      if (guidance !== undefined) effects.push({ do: 'guide', guidance });
      const answeredMs = call.answeredMs ?? call.legAnsweredMs;
      return { call: { at: 'talking', setup, legs, answeredMs, channel, winner }, effects };
    }
    case 'writeFailed': {
      const dropped = dropAll(legs, 'lost');
      return refuse({ ...call, legs: dropped.legs }, cannotWrite(input.say), nowMs, dropped.effects);
    }
    case 'callerCancelled':
    case 'callerEnded':
      return gaveUp(call, nowMs);
    case 'legEnded':
    case 'failed': {
      if (input.leg !== winner) return stay(call);
      const say = 'the other side hung up at the moment of the answer';
      const left = withLeg(legs, winner, { at: 'gone' });
      return refuse({ ...call, legs: left }, { ...notAnswered(plan, call), say }, nowMs);
    }
    case 'answered':
      return input.leg === winner ? stay(call) : { call, effects: dropLate(input.leg) };
    case 'stop':
    case 'preempted':
      return cutShort(call, input.type, nowMs);
    default:
      return stay(call);
  }
}

function talking(call: In<'talking'>, input: CallInput, nowMs: number): CallStep {
  const { legs, winner } = call;
  const talkMs = talkMsOf(call, nowMs);
  const end = (why: DropReason, who: 'leg' | 'caller' | 'both', how: string): CallStep => {
    const dropped =
      who === 'caller' ? { legs: withLeg(legs, winner, { at: 'gone' }), effects: [] } : dropAll(legs, why);
    const caller: CallEffect[] = who === 'leg' ? [] : [{ do: 'dropCaller', why }];
    const effects = [...dropped.effects, ...caller];
    return finish({ ...call, legs: dropped.legs }, effects, { talkMs, ...endOf(how) });
  };
  switch (input.type) {
    case 'callerEnded':
      return input.by === 'peer'
        ? end('normal', 'leg', 'callerHungUp')
        : end('lost', 'leg', 'the caller was lost');
    case 'callerCancelled':
      return end('normal', 'leg', 'callerHungUp');
    case 'legEnded':
      if (input.leg !== winner) return stay(call);
      return input.by === 'peer'
        ? end('normal', 'caller', 'calleeHungUp')
        : end('lost', 'caller', 'the called party was lost');
    case 'failed':
      return input.leg === winner ? end('lost', 'caller', 'the called party was lost') : stay(call);
    case 'answered':
      return input.leg === winner ? stay(call) : { call, effects: dropLate(input.leg) };
    case 'parked':
      return park(call, input);
    case 'silent':
      return end('lost', 'both', 'no audio came any more');
    case 'tooLong':
      return end('normal', 'both', 'the call reached the longest time that is allowed');
    case 'preempted':
      return end('preempted', 'both', PREEMPTED.say);
    case 'stop':
      return end('normal', 'both', RESTART.say);
    default:
      return stay(call);
  }
}

/** Whoever parks leaves; the other one waits, on the channel and the account of the call. [S0-081] [S0-059] */
function park(call: In<'talking'>, { who, by }: CallInput & { type: 'parked' }): CallStep {
  const { winner, legs, ...rest } = call;
  const arm: CallEffect = { do: 'arm', timer: 'parkOver', afterMs: PARK_FOR_MS };
  const waits = who === 'caller' ? 'leg' : 'caller';
  if (who === 'caller') {
    return {
      call: { ...rest, at: 'parked', legs, winner, waits, by },
      effects: [{ do: 'dropCaller', why: 'normal' }, arm],
    };
  }
  const left = withLeg(legs, winner, { at: 'gone' });
  return {
    call: { ...rest, at: 'parked', legs: left, winner, waits, by },
    effects: [{ do: 'drop', leg: winner, why: 'normal' }, arm],
  };
}

function parked(call: In<'parked'>, input: CallInput, nowMs: number): CallStep {
  const { waits, winner, legs, by } = call;
  const talkMs = talkMsOf(call, nowMs);
  const over = (why: DropReason, hangUp: boolean, how: string): CallStep => {
    const dropped = hangUp
      ? dropAll(legs, why)
      : { legs: withLeg(legs, winner, { at: 'gone' }), effects: [] };
    const caller: CallEffect[] = hangUp && waits === 'caller' ? [{ do: 'dropCaller', why }] : [];
    const effects: CallEffect[] = [{ do: 'callOff' }, ...dropped.effects, ...caller];
    return finish({ ...call, legs: dropped.legs }, effects, { talkMs, ...endOf(how) });
  };
  switch (input.type) {
    case 'taken':
      return taken(call, input.by);
    case 'parkOver':
      return { call, effects: [{ do: 'recall', by }] };
    case 'recallFailed':
      return { call, effects: [{ do: 'arm', timer: 'parkOver', afterMs: PARK_FOR_MS }] };
    case 'callerEnded':
    case 'callerCancelled':
      return waits === 'caller' ? over('normal', false, 'callerHungUp') : stay(call);
    case 'legEnded':
    case 'failed': {
      if (waits === 'caller' || input.leg !== winner) return stay(call);
      const hungUp = input.type === 'legEnded' && input.by === 'peer';
      return over('normal', false, hungUp ? 'calleeHungUp' : 'the parked party was lost');
    }
    case 'answered':
      return { call, effects: dropLate(input.leg) };
    case 'silent':
      return over('lost', true, 'the box of the parked party is gone');
    case 'tooLong':
      return over('normal', true, 'the call reached the longest time that is allowed');
    case 'preempted':
      return over('preempted', true, PREEMPTED.say);
    case 'stop':
      return over('normal', true, RESTART.say);
    default:
      return stay(call);
  }
}

/** A new party in the free place: as a leg of its own, or as the caller. */
function taken(call: In<'parked'>, by: ServiceId): CallStep {
  const { waits, by: _parker, ...rest } = call;
  const { legs, setup } = rest;
  const effects: CallEffect[] = [{ do: 'disarm' }, { do: 'arm', timer: 'tooLong', afterMs: setup.longestMs }];
  if (waits === 'leg') return { call: { ...rest, at: 'talking' }, effects };
  const guest: Leg = { target: { kind: 'member', id: by }, at: 'up', failed: null };
  return { call: { ...rest, at: 'talking', legs: [...legs, guest], winner: legs.length }, effects };
}

function endOf(how: string) {
  if (how === 'callerHungUp')
    return { end: 'answeredThenCallerHungUp', because: 'the caller hung up' } as const;
  if (how === 'calleeHungUp') {
    return { end: 'answeredThenCalleeHungUp', because: 'the called party hung up' } as const;
  }
  return { end: 'interrupted', because: how } as const;
}
