import type { Instant } from '../../lib/base/clock.ts';
import { decideIn } from './incoming.ts';
import { decideOut } from './outgoing.ts';
import { defaultPolicy, type RoutingPolicy } from './policy.ts';
import type { CallRequest, Decision, RoutingSnapshot } from './types.ts';

/**
 * What to do with a call, and why. Pure and total: it reads the request, the snapshot, the moment and the policy,
 * always ends in a plan, and the trace names every rule on the way. `busyChannels` in the snapshot does not count
 * the call that asks.
 */
export function decide(
  request: CallRequest,
  snapshot: RoutingSnapshot,
  now: Instant,
  policy: RoutingPolicy = defaultPolicy,
): Decision {
  return request.direction === 'in'
    ? decideIn(request, snapshot, now, policy)
    : decideOut(request, snapshot, now, policy);
}
