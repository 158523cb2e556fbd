import type { Instant } from '../../lib/base/clock.ts';
import { decideIn } from './incoming.ts';
import { decideInternal } from './internal.ts';
import { decideOut } from './outgoing.ts';
import { decidePark } from './park.ts';
import { defaultPolicy, type RoutingPolicy } from './policy.ts';
import { Trace, type Tracing } from './steps.ts';
import type { CallRequest, Decision, RoutingSnapshot } from './types.ts';

/**
 * What to do with a call, and why. Pure and total: it reads the request, the snapshot, the moment and the policy,
 * always ends in a plan, and the trace names every rule on the way. `busyChannels` in the snapshot does not count
 * the call that asks. With `none` the same plan is made and the trace stays empty.
 */
export function decide(
  request: CallRequest,
  snapshot: RoutingSnapshot,
  now: Instant,
  policy: RoutingPolicy = defaultPolicy,
  tracing: Tracing = 'full',
): Decision {
  const trace = new Trace(tracing);
  if (request.direction === 'in') return decideIn(request, snapshot, now, policy, trace);
  const inside =
    decidePark(request, snapshot, trace) ?? decideInternal(request, snapshot, now, policy, trace);
  return inside ?? decideOut(request, snapshot, now, policy, trace);
}
