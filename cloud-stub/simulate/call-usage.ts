import { type Instant, instant } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { classify } from '../numbering/index.ts';
import type { NamedUsage } from '../rating/index.ts';
import { callKind, legKind } from '../routing/index.ts';
import type { Decision, DeviceClass, RoutePlan } from '../routing/types.ts';
import type { PlannedLeg, Unanswered } from './legs.ts';

/** After a leg began to ring it takes so long until somebody answers it. */
const ANSWER_AFTER_MS = 3_000;

/** A call whose plan is known, and what its parties do. */
export interface DecidedCall {
  /** Names its uses. */
  readonly name: string;
  readonly at: Instant;
  readonly direction: 'in' | 'out';
  readonly decision: Decision;
  readonly unanswered: Unanswered;
  readonly device: (id: string) => DeviceClass | undefined;
  readonly answeredBy: string | null;
  readonly talkMs: number | null;
}

/** What a call leaves to rate, and until when it holds a channel of the office. */
export interface CallOutcome {
  readonly uses: readonly NamedUsage[];
  /** Null: it never held one. */
  readonly channelUntil: Instant | null;
}

/** Verbs in which the cloud itself answers. */
const CLOUD_ANSWERS: ReadonlySet<RoutePlan['verb']> = new Set([
  'voicemail',
  'bot',
  'fax',
  'play',
  'collect',
  'tone',
]);

/**
 * The uses of a call as the service would write them down: the call itself, and by itself each leg outside that somebody
 * answered. A leg to a line where a toll-free number ends is part of the call. Refuses what cannot happen under the plan.
 */
export function usesOfCall(call: DecidedCall): Result<CallOutcome, CodedError> {
  const { plan } = call.decision;
  if (plan.verb === 'reject') return impossible(call, call.answeredBy !== null || call.talkMs !== null);
  return plan.verb === 'network' ? networkCall(call, plan) : rungCall(call);
}

function networkCall(
  call: DecidedCall,
  plan: Extract<RoutePlan, { verb: 'network' }>,
): Result<CallOutcome, CodedError> {
  if (call.answeredBy !== null && call.answeredBy !== plan.number) {
    return refused(`nobody calls ${call.answeredBy}; the call goes to ${plan.number}`);
  }
  const answeredAt = call.talkMs === null ? null : instant(call.at + ANSWER_AFTER_MS);
  const freePartner = call.decision.outgoing?.freePartner === true;
  return ok({
    uses: [
      {
        id: call.name,
        usage: {
          kind: callKind('out', plan),
          device: call.device(plan.id) ?? 'adapter',
          destination: plan.destination,
          answeredAt,
          talkMs: call.talkMs ?? 0,
          number: plan.number,
          id: plan.id,
          ...(freePartner ? { freePartner } : {}),
        },
      },
    ],
    channelUntil: plan.takesChannel ? endOf(call, answeredAt) : null,
  });
}

function rungCall(call: DecidedCall): Result<CallOutcome, CodedError> {
  const { answeredBy, decision, unanswered, talkMs } = call;
  const leg = unanswered.legs.find(({ to }) => to === answeredBy);
  if (answeredBy !== null && leg === undefined) {
    const rung = unanswered.legs.map(({ to }) => to).join(', ') || 'nobody';
    return refused(`${answeredBy} cannot answer: the plan rings ${rung}`);
  }
  if (answeredBy !== null && talkMs === null)
    return refused('"answeredBy" needs "talkS", the length of the talk');
  const byCloud = answeredBy === null && talkMs !== null;
  if (byCloud && !CLOUD_ANSWERS.has(unanswered.end)) {
    return refused(`nobody answers, so "talkS" has no meaning: the call ends in "${unanswered.end}"`);
  }
  const answeredAt =
    talkMs === null ? null : instant(call.at + (leg?.afterMs ?? ringsForMs(unanswered)) + ANSWER_AFTER_MS);
  const { tollFree, plan } = decision;
  const whole: NamedUsage = {
    id: call.name,
    usage: {
      kind: callKind(call.direction, plan, tollFree),
      device: (leg === undefined ? undefined : call.device(leg.to)) ?? 'adapter',
      destination: tollFree?.callerClass ?? 'unknown',
      answeredAt,
      talkMs: talkMs ?? 0,
    },
  };
  const holds = byCloud ? unanswered.end === 'bot' : unanswered.legs.length > 0;
  return ok({
    uses: [whole, ...legUse(call, leg, answeredAt)],
    channelUntil: holds ? endOf(call, answeredAt) : null,
  });
}

/** The leg that was answered, where it is paid by itself. */
function legUse(
  { name, decision, talkMs }: DecidedCall,
  leg: PlannedLeg | undefined,
  answeredAt: Instant | null,
): readonly NamedUsage[] {
  if (leg === undefined || leg.presents === null || answeredAt === null) return [];
  if (decision.tollFree?.lines.includes(leg.to) === true) return [];
  const { class: destination, national } = classify(leg.to, answeredAt);
  const usage = {
    kind: legKind(leg),
    device: 'app',
    destination,
    answeredAt,
    talkMs: talkMs ?? 0,
    number: national,
  } as const;
  return [{ id: `${name}/1`, usage }];
}

function endOf(call: DecidedCall, answeredAt: Instant | null): Instant {
  return answeredAt === null
    ? instant(call.at + Math.max(ANSWER_AFTER_MS, ringsForMs(call.unanswered)))
    : instant(answeredAt + (call.talkMs ?? 0));
}

function ringsForMs({ legs }: Unanswered): number {
  return legs.reduce((most, { afterMs }) => Math.max(most, afterMs), 0);
}

function impossible(call: DecidedCall, talks: boolean): Result<CallOutcome, CodedError> {
  const { plan } = call.decision;
  if (talks && plan.verb === 'reject') return refused(`the call is refused, ${plan.say}; nobody can talk`);
  return ok({ uses: [], channelUntil: null });
}

function refused(say: string): Result<never, CodedError> {
  return refuse({ code: 'simulate.call', fault: 'caller', say });
}
