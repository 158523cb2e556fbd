import { unreachable } from '../../lib/base/errors.ts';
import type { FleetBox, Ordered, RolloutPlan, Trouble } from './types.ts';

/** How far a box has come, in what concerns its silence. */
type Depth = 'unheard' | 'patient' | 'fetching' | 'within';

/**
 * Pure: whether a wave goes on without a box, and why. Nothing is held against a box for the time before `watchingSince`, in
 * which it could not have been heard.
 */
export function troubleOf(
  plan: RolloutPlan,
  box: Ordered,
  there: Pick<FleetBox, 'online' | 'since'> | undefined,
  watchingSince: number,
  now: number,
): Trouble | null {
  const depth = depthOf(box);
  const { online, since } = there ?? { online: false, since: watchingSince };
  const last = Math.max(box.orderedAt, box.heard?.at ?? 0, watchingSince);
  const silent = now - Math.max(last, since) >= plan.silentMs;
  const patience = now - box.orderedAt >= plan.patienceMs ? 'late' : null;
  if (!silent || (online && depth === 'patient')) return patience;
  if (online) return 'silent';
  return depth === 'within' ? 'lost' : 'away';
}

function depthOf({ heard }: Ordered): Depth {
  if (heard === null) return 'unheard';
  const { state } = heard;
  switch (state.at) {
    case 'waiting':
      return 'patient';
    case 'idle':
      return 'unheard';
    case 'downloading':
      return 'fetching';
    case 'installing':
    case 'restarting':
    case 'probation':
    case 'done':
    case 'failed':
    case 'rolledBack':
      return 'within';
    default:
      return unreachable(state);
  }
}
