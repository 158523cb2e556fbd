import type { Call, CallEffect, CallStep, Course, DropReason, Leg, Refusal } from './call-types.ts';

/** How a call ends, without the name of the effect. */
export type Ending = Omit<Extract<CallEffect, { do: 'finish' }>, 'do'>;

/** The exchange stops. */
export const RESTART: Refusal = {
  status: 503,
  cause: 41,
  rule: 'switch.stopping',
  say: 'the exchange is being restarted',
  end: 'interrupted',
};

/** Decision 11: with all channels taken the newest other call makes room. */
export const PREEMPTED: Refusal = {
  status: 503,
  cause: 8,
  rule: 'switch.preempted',
  say: 'the call made room for an emergency call',
  end: 'interrupted',
};

/** The caller hung up before anybody answered. */
export const CALLER_GAVE_UP = {
  end: 'callerGaveUp',
  because: 'the caller hung up before the answer',
} as const;

/** Nothing happens. */
export function stay(call: Call): CallStep {
  return { call, effects: [] };
}

export function isLive(legs: readonly Leg[], index: number): boolean {
  const leg = legs[index];
  return leg !== undefined && leg.at !== 'gone' && leg.at !== 'waiting';
}

/** One leg changed. */
export function withLeg(legs: readonly Leg[], index: number, change: Partial<Leg>): readonly Leg[] {
  return legs.map((leg, at) => (at === index ? { ...leg, ...change } : leg));
}

/** Hangs up every leg that is not gone, except one; those that wait are let go without a word. */
export function dropAll(
  legs: readonly Leg[],
  why: DropReason,
  except?: number,
): { readonly legs: readonly Leg[]; readonly effects: CallEffect[] } {
  const effects: CallEffect[] = [];
  const left = legs.map((leg, index): Leg => {
    if (leg.at === 'gone' || index === except) return leg;
    if (leg.at !== 'waiting') effects.push({ do: 'drop', leg: index, why });
    return { ...leg, at: 'gone' };
  });
  return { legs: left, effects };
}

/** An answer that comes after the race is won. */
export function dropLate(leg: number): CallEffect[] {
  return [{ do: 'drop', leg, why: 'elsewhere' }];
}

/** From the answer to now; 0 without one. */
export function talkMsOf(course: Course, nowMs: number): number {
  return course.answeredMs === null ? 0 : Math.max(0, Math.round(nowMs - course.answeredMs));
}

/** The caller is refused, or let go when a prompt has answered already. */
export function refuse(
  course: Course,
  refusal: Refusal,
  nowMs: number,
  before: readonly CallEffect[] = [],
): CallStep {
  const because = `${refusal.rule}; ${refusal.say}`;
  if (course.answeredMs === null) {
    const effects: CallEffect[] = [...before, { do: 'refuse', refusal }];
    return finish(course, effects, { end: refusal.end, because, talkMs: 0 });
  }
  const effects: CallEffect[] = [...before, { do: 'dropCaller', why: 'normal', cause: refusal.cause }];
  const end = refusal.end === 'interrupted' ? 'interrupted' : 'answeredThenCalleeHungUp';
  return finish(course, effects, { end, because, talkMs: talkMsOf(course, nowMs) });
}

/** The call is over; every leg that is not gone must have been dropped before. */
export function finish(course: Course, before: readonly CallEffect[], ending: Ending): CallStep {
  const { setup, legs, answeredMs } = course;
  return {
    call: { at: 'over', setup, legs, answeredMs, channel: false },
    effects: [{ do: 'disarm' }, ...before, { do: 'finish', ...ending }],
  };
}

/** The caller hung up while nobody talked with him. */
export function gaveUp(course: Course, nowMs: number): CallStep {
  const dropped = dropAll(course.legs, 'callerGaveUp');
  const answered = course.answeredMs !== null;
  const how = answered
    ? ({ end: 'answeredThenCallerHungUp', because: 'the caller hung up' } as const)
    : CALLER_GAVE_UP;
  const talkMs = talkMsOf(course, nowMs);
  return finish({ ...course, legs: dropped.legs }, dropped.effects, { ...how, talkMs });
}
