import { unreachable } from '../../lib/base/errors.ts';
import type { UpdateReport } from '../../lib/contract/update.ts';
import type { Rollout, RolloutBox } from './types.ts';

/**
 * Pure: a box of a rollout after a report. Only reports of orders that this rollout gave this box count, so that what an
 * earlier box of the same name has left at a broker is no news; an end is an end.
 */
export function heardFrom(
  rollout: Pick<Rollout, 'id' | 'plan' | 'state'>,
  box: RolloutBox,
  report: UpdateReport,
  at: number,
): RolloutBox {
  const { now } = box;
  const { serial, state } = report;
  if (now.at !== 'ordered' || report.rollout !== rollout.id || serial === null) return box;
  if (serial < now.firstSerial || serial > now.serial) return box;
  switch (state.at) {
    case 'done':
      if (report.version !== rollout.plan.release.version) return box;
      return { ...box, now: { at: 'done', endedAt: at } };
    case 'failed':
    case 'rolledBack':
      return { ...box, now: { at: state.at, endedAt: at, reason: state.reason } };
    case 'idle':
    case 'downloading':
    case 'waiting':
    case 'installing':
    case 'restarting':
    case 'probation': {
      const standing = state.at === 'idle' || (state.at === 'waiting' && state.for === 'held');
      if (standing && isGivenUp(rollout)) return { ...box, now: { at: 'left', endedAt: at, why: 'aborted' } };
      // The same report may come by several ways.
      if (now.heard !== null && now.heard.at >= at) return box;
      return { ...box, now: { ...now, heard: { state, at }, trouble: null } };
    }
    default:
      return unreachable(state);
  }
}

/** Whether a rollout orders nothing any more, for good. */
export function isGivenUp({ state }: Pick<Rollout, 'state'>): boolean {
  return state.at === 'aborted' || state.at === 'superseded';
}
