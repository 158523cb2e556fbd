import { unreachable } from '../../lib/base/errors.ts';
import type {
  Call,
  CallEffect,
  CallInput,
  CallSetup,
  CallStep,
  DropReason,
  Leg,
  Refusal,
} from './call-types.ts';
import { networkRefusal, ringRefusal } from './refusals.ts';

/** A call whose record is about to be begun. */
export function newCall(setup: CallSetup): Call {
  return { at: 'opening', setup, givenUp: null };
}

/**
 * Pure: the next state of a call and what to do about it. Every call passes through `finish` exactly once; after that
 * the only effect is to drop a leg whose answer crossed our CANCEL.
 */
export function step(call: Call, input: CallInput, nowMs: number): CallStep {
  switch (call.at) {
    case 'opening':
      return opening(call, input);
    case 'offering':
      return offering(call, input, nowMs);
    case 'answering':
      return answering(call, input);
    case 'talking':
      return talking(call, input, nowMs);
    case 'over':
      return over(call, input);
    default:
      return unreachable(call);
  }
}

type In<At extends Call['at']> = Extract<Call, { at: At }>;

const CALLER_GAVE_UP = {
  end: 'callerGaveUp',
  because: 'the caller hung up before the answer',
} as const;

const RESTART: Refusal = {
  status: 503,
  cause: 41,
  rule: 'switch.stopping',
  say: 'the exchange is being restarted',
  end: 'interrupted',
};

function opening(call: In<'opening'>, input: CallInput): CallStep {
  switch (input.type) {
    case 'opened':
      if (call.givenUp === null) return invite(call.setup);
      return finish(
        call.setup,
        [],
        [],
        call.givenUp === 'stop' ? ended(RESTART) : { ...CALLER_GAVE_UP, talkMs: 0 },
      );
    case 'openFailed': {
      const refusal: Refusal = {
        status: 503,
        cause: 41,
        rule: 'switch.cannotOpen',
        say: input.say,
        end: 'interrupted',
      };
      const effects: CallEffect[] = call.givenUp === null ? [{ do: 'refuse', refusal }] : [];
      return finish(call.setup, [], effects, ended(refusal));
    }
    case 'callerCancelled':
    case 'callerEnded':
      return { call: { ...call, givenUp: call.givenUp ?? 'caller' }, effects: [] };
    case 'stop':
      if (call.givenUp !== null) return stay(call);
      return { call: { ...call, givenUp: 'stop' }, effects: [{ do: 'refuse', refusal: RESTART }] };
    default:
      return stay(call);
  }
}

/** Everybody rings at once; a member without a flow has failed before it was tried. */
function invite(setup: CallSetup): CallStep {
  const { plan } = setup;
  const members = plan.verb === 'ring' ? plan.members : [null];
  const legs = members.map((member): Leg => {
    const there = member === null || setup.reachable.includes(member);
    return { member, at: there ? 'trying' : 'gone', failed: there ? null : { status: 480, cause: 20 } };
  });
  if (legs.every((leg) => leg.at === 'gone')) return refuse(setup, legs, ringRefusal(legs));
  return {
    call: { at: 'offering', setup, legs, rang: false },
    effects: [
      { do: 'arm', timer: 'noAnswer', afterMs: setup.ringForMs },
      ...legs.flatMap((leg, index): CallEffect[] =>
        leg.at === 'gone' ? [] : [{ do: 'invite', leg: index, member: leg.member }],
      ),
    ],
  };
}

function offering(call: In<'offering'>, input: CallInput, nowMs: number): CallStep {
  const { setup, legs } = call;
  switch (input.type) {
    case 'progress':
      return progress(call, input);
    case 'answered': {
      if (!isLive(legs, input.leg)) return { call, effects: dropLate(input.leg) };
      const others = dropAll(legs, 'elsewhere', input.leg);
      return {
        call: {
          at: 'answering',
          setup,
          legs: others.legs.map((leg, index) => (index === input.leg ? { ...leg, at: 'up' } : leg)),
          winner: input.leg,
          answeredMs: nowMs,
        },
        effects: [{ do: 'disarm' }, ...others.effects, { do: 'write', leg: input.leg }],
      };
    }
    case 'failed':
    case 'legEnded': {
      if (!isLive(legs, input.leg)) return stay(call);
      const failed =
        input.type === 'failed' ? { status: input.status, cause: input.cause } : { status: 480, cause: 31 };
      const left = legs.map(
        (leg, index): Leg => (index === input.leg ? { ...leg, at: 'gone', failed } : leg),
      );
      if (left.some((leg) => leg.at !== 'gone')) return { call: { ...call, legs: left }, effects: [] };
      const { plan } = setup;
      return refuse(
        setup,
        left,
        plan.verb === 'ring' ? ringRefusal(left) : networkRefusal(failed, plan.number),
      );
    }
    case 'callerCancelled':
    case 'callerEnded': {
      const dropped = dropAll(legs, 'callerGaveUp');
      return finish(setup, dropped.legs, dropped.effects, { ...CALLER_GAVE_UP, talkMs: 0 });
    }
    case 'noAnswer': {
      const dropped = dropAll(legs, 'noAnswer');
      return refuse(setup, dropped.legs, notAnswered(setup), dropped.effects);
    }
    case 'stop': {
      const dropped = dropAll(legs, 'normal');
      return refuse(setup, dropped.legs, RESTART, dropped.effects);
    }
    default:
      return stay(call);
  }
}

function progress(call: In<'offering'>, input: CallInput & { type: 'progress' }): CallStep {
  if (!isLive(call.legs, input.leg) || input.status < 180) return stay(call);
  const legs = call.legs.map((leg, index): Leg => (index === input.leg ? { ...leg, at: 'ringing' } : leg));
  // Early media makes sense with one party only; several phones would play over each other.
  if (input.earlyMedia && call.setup.plan.verb === 'network') {
    return { call: { ...call, legs, rang: true }, effects: [{ do: 'progress', earlyMediaOf: input.leg }] };
  }
  if (call.rang) return { call: { ...call, legs }, effects: [] };
  return { call: { ...call, legs, rang: true }, effects: [{ do: 'progress', earlyMediaOf: null }] };
}

function answering(call: In<'answering'>, input: CallInput): CallStep {
  const { setup, legs, winner } = call;
  switch (input.type) {
    case 'written':
      return {
        call: { at: 'talking', setup, legs, winner, answeredMs: call.answeredMs },
        effects: [
          { do: 'answer', leg: winner },
          { do: 'arm', timer: 'tooLong', afterMs: setup.longestMs },
        ],
      };
    case 'writeFailed': {
      const dropped = dropAll(legs, 'lost');
      const say = `the answer could not be written down: ${input.say}`;
      const refusal: Refusal = {
        status: 503,
        cause: 41,
        rule: 'switch.cannotWrite',
        say,
        end: 'interrupted',
      };
      return refuse(setup, dropped.legs, refusal, dropped.effects);
    }
    case 'callerCancelled':
    case 'callerEnded': {
      const dropped = dropAll(legs, 'callerGaveUp');
      return finish(setup, dropped.legs, dropped.effects, { ...CALLER_GAVE_UP, talkMs: 0 });
    }
    case 'legEnded':
    case 'failed':
      if (input.leg !== winner) return stay(call);
      return refuse(setup, gone(legs, winner), {
        ...notAnswered(setup),
        say: 'the other side hung up at the moment of the answer',
      });
    case 'answered':
      return input.leg === winner ? stay(call) : { call, effects: dropLate(input.leg) };
    case 'stop': {
      const dropped = dropAll(legs, 'normal');
      return refuse(setup, dropped.legs, RESTART, dropped.effects);
    }
    default:
      return stay(call);
  }
}

function talking(call: In<'talking'>, input: CallInput, nowMs: number): CallStep {
  const { setup, legs, winner } = call;
  const talkMs = Math.max(0, Math.round(nowMs - call.answeredMs));
  const end = (
    why: DropReason,
    who: 'leg' | 'caller' | 'both',
    how: 'callerHungUp' | 'calleeHungUp' | string,
  ) => {
    const dropped = who === 'caller' ? { legs: gone(legs, winner), effects: [] } : dropAll(legs, why);
    const caller: CallEffect[] = who === 'leg' ? [] : [{ do: 'dropCaller', why }];
    return finish(setup, dropped.legs, [...dropped.effects, ...caller], {
      talkMs,
      ...endOf(how),
    });
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
    case 'silent':
      return end('lost', 'both', 'no audio came any more');
    case 'tooLong':
      return end('normal', 'both', 'the call reached the longest time that is allowed');
    case 'stop':
      return end('normal', 'both', RESTART.say);
    default:
      return stay(call);
  }
}

function over(call: In<'over'>, input: CallInput): CallStep {
  return input.type === 'answered' ? { call, effects: dropLate(input.leg) } : stay(call);
}

function endOf(how: string): Pick<Ending, 'end' | 'because'> {
  if (how === 'callerHungUp') return { end: 'answeredThenCallerHungUp', because: 'the caller hung up' };
  if (how === 'calleeHungUp') return { end: 'answeredThenCalleeHungUp', because: 'the called party hung up' };
  return { end: 'interrupted', because: how };
}

function notAnswered(setup: CallSetup): Refusal {
  const seconds = Math.round(setup.ringForMs / 1_000);
  return {
    status: 480,
    cause: 19,
    rule: 'ring.noAnswer',
    say: `nobody answered within ${seconds} s`,
    end: 'notAnswered',
  };
}

function stay(call: Call): CallStep {
  return { call, effects: [] };
}

function isLive(legs: readonly Leg[], index: number): boolean {
  const leg = legs[index];
  return leg !== undefined && leg.at !== 'gone';
}

function gone(legs: readonly Leg[], index: number): readonly Leg[] {
  return legs.map((leg, at): Leg => (at === index ? { ...leg, at: 'gone' } : leg));
}

/** Hangs up every leg that is not gone, except one. */
function dropAll(
  legs: readonly Leg[],
  why: DropReason,
  except?: number,
): { readonly legs: readonly Leg[]; readonly effects: CallEffect[] } {
  const effects: CallEffect[] = [];
  const left = legs.map((leg, index): Leg => {
    if (leg.at === 'gone' || index === except) return leg;
    effects.push({ do: 'drop', leg: index, why });
    return { ...leg, at: 'gone' };
  });
  return { legs: left, effects };
}

function dropLate(leg: number): CallEffect[] {
  return [{ do: 'drop', leg, why: 'elsewhere' }];
}

type Ending = Omit<Extract<CallEffect, { do: 'finish' }>, 'do'>;

function ended(refusal: Refusal): Ending {
  return { end: refusal.end, because: `${refusal.rule}; ${refusal.say}`, talkMs: 0 };
}

function refuse(
  setup: CallSetup,
  legs: readonly Leg[],
  refusal: Refusal,
  before: readonly CallEffect[] = [],
): CallStep {
  return finish(setup, legs, [...before, { do: 'refuse', refusal }], ended(refusal));
}

function finish(
  setup: CallSetup,
  legs: readonly Leg[],
  before: readonly CallEffect[],
  ending: Ending,
): CallStep {
  return {
    call: { at: 'over', setup, legs },
    effects: [{ do: 'disarm' }, ...before, { do: 'finish', ...ending }],
  };
}
