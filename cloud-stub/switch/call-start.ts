import type { Instant } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import type { CallRequest, Decision, DeviceClass, RoutePlan } from '../routing/types.ts';
import type { CallerIdentity } from './identity.ts';
import type { SwitchCallStart } from './ports.ts';

/** A plan that refuses. */
export type RejectPlan = RoutePlan & { verb: 'reject' };

/** The switch's own refusals, which come after the route plan. */
export const NO_AUDIO: RejectPlan = {
  verb: 'reject',
  rule: 'switch.noAudio',
  status: 488,
  cause: 65,
  say: 'the call offers no audio that can be relayed',
};
/** The call has come through too many hands: two services forward it to each other. */
export const TOO_MANY_HOPS: RejectPlan = {
  verb: 'reject',
  status: 483,
  cause: 25,
  rule: 'switch.hops',
  say: 'the call has been passed on too often; somewhere it goes in a circle',
};
export const FULL: RejectPlan = {
  verb: 'reject',
  rule: 'switch.full',
  status: 503,
  cause: 41,
  say: 'the exchange carries as many calls as it may',
};
export const STOPPING: RejectPlan = {
  verb: 'reject',
  rule: 'switch.stopping',
  status: 503,
  cause: 41,
  say: 'the exchange is being restarted',
};
export const FAULT: RejectPlan = {
  verb: 'reject',
  rule: 'switch.fault',
  status: 500,
  cause: 41,
  say: 'the exchange could not decide about this call',
};
/** The decision with the switch's own refusal in place of its plan, and the reason added to the trace. */
export function overruled(decision: Decision, refusal: RejectPlan): Decision {
  const { contract } = decision.plan;
  return {
    plan: contract === undefined ? refusal : { ...refusal, contract },
    trace: [...decision.trace, { rule: refusal.rule, facts: [], say: refusal.say }],
  };
}

/** What is written down before anybody rings. */
export function startOf(
  request: CallRequest,
  decision: Decision,
  startedAt: Instant,
  device: (id: ServiceId) => DeviceClass | undefined,
): SwitchCallStart {
  const { plan } = decision;
  const common = {
    call: request.call,
    contract: plan.contract ?? null,
    destination: plan.verb === 'network' ? plan.destination : ('unknown' as const),
    startedAt,
    decision,
  };
  if (request.direction === 'in') {
    const from = request.withheld ? '' : request.from;
    return { ...common, direction: 'in', id: null, device: null, from, to: request.to };
  }
  return {
    ...common,
    direction: 'out',
    id: request.id,
    device: device(request.id) ?? null,
    from: presentedBy(plan, request.id),
    to: plan.verb === 'network' ? plan.number : request.dialled,
  };
}

function presentedBy(plan: RoutePlan, id: ServiceId): string {
  if (plan.verb === 'network') return plan.presents;
  return 'called' in plan ? plan.called : id;
}

/** How a call from one device of an office to the office's own number is shown: as that number. */
export function ownCaller(plan: RoutePlan): CallerIdentity {
  const park = plan.verb === 'relay' ? plan.park : undefined;
  const called = 'called' in plan ? plan.called : '';
  const number = plan.verb === 'network' ? plan.presents : (park?.presents ?? called);
  return { number, withheld: false, payphone: false, display: '' };
}
