import type { RatableCall } from '../rating/types.ts';
import type { CallRequest, RoutePlan, TollFreeCall } from './types.ts';

/**
 * How rating sees a call that was routed so. A device that calls its own office, by the number, an extension or a
 * reception button, is led to the other devices of the office: that call never left it and is an internal one, whatever
 * legs to the outside it gets. [S0-050] A call to a toll-free number is paid by the office. [S2-019]
 */
export function callKind(
  direction: CallRequest['direction'],
  plan: RoutePlan,
  tollFree?: TollFreeCall,
): RatableCall['kind'] {
  if (direction === 'in') return tollFree === undefined ? 'in' : 'tollFreeIn';
  return plan.verb === 'network' || plan.verb === 'reject' ? 'out' : 'internal';
}

/** How rating sees a leg outside that the contract pays for by itself. [S0-047] [S0-052] [S1-003] */
export function legKind(leg: { readonly answering?: true | undefined }): RatableCall['kind'] {
  return leg.answering === true ? 'forwardedToAnswering' : 'forwarded';
}
