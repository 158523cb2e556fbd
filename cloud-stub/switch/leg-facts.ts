import type { Instant } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { DeviceClass } from '../routing/types.ts';
import type { DropReason, LegTarget, OfferPlan } from './call-types.ts';
import type { SwitchCallStart, SwitchLegStart } from './ports.ts';

/** How a leg that the switch dropped ended; undefined: as its call does. */
export const LEG_ENDS: Readonly<Record<DropReason, EndReason | undefined>> = {
  elsewhere: 'answeredElsewhere',
  callerGaveUp: 'callerGaveUp',
  noAnswer: 'notAnswered',
  normal: undefined,
  lost: undefined,
  preempted: 'interrupted',
};

/** How a leg that failed with a final status ended. */
export function endOfFailure(status: number): EndReason {
  switch (status) {
    case 404:
    case 410:
    case 604:
      return 'unallocated';
    case 486:
    case 600:
      return 'busy';
    case 408:
    case 480:
    case 503:
    case 504:
      return 'unreachable';
    default:
      return 'refused';
  }
}

/** A leg as it is written down. `leg` counts from 0 here and from 1 in the record. */
export function legStartOf(
  start: SwitchCallStart,
  leg: number,
  plan: OfferPlan,
  target: LegTarget,
  startedAt: Instant,
  device: (id: ServiceId) => DeviceClass | undefined,
): SwitchLegStart {
  const common = { call: start.call, leg: leg + 1, contract: plan.contract, startedAt };
  const called = plan.verb === 'network' ? plan.number : plan.called;
  if (target.kind === 'member') {
    return {
      ...common,
      kind: 'member',
      id: target.id,
      device: device(target.id) ?? null,
      called,
      to: target.id,
      presents: start.from,
      destination: 'unknown',
    };
  }
  if (target.kind === 'network') {
    const { number, presents, destination } = plan.verb === 'network' ? plan : NOTHING;
    return { ...common, kind: 'network', id: null, device: null, called, to: number, presents, destination };
  }
  const { external, presents, destination } = target;
  // Where a toll-free number ends, the leg costs what the call costs. [S2-019]
  const partOfCall = plan.verb === 'forward' && plan.partOfCall === true;
  const kind = partOfCall ? 'member' : target.answering === true ? 'answering' : target.kind;
  return { ...common, kind, id: null, device: null, called, to: external, presents, destination };
}

const NOTHING = { number: '', presents: '', destination: 'unknown' } as const;
