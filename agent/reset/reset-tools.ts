import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { orderReset, type ResetOrder, recordsWait } from './reset-folder.ts';

/** What stands in the way of a reset. */
export interface ResetView {
  /** What a person types who means this box; its serial number where it is none. */
  readonly gateway: string;
  /** Calls that are up. */
  readonly calls: number;
  /** Call records that the service does not have yet. */
  readonly records: number;
}

/** A reset of the running box. */
export interface ResetTools {
  view(): ResetView;
  /** Orders it and restarts the agent, which carries it out before anything else. */
  reset(order: ResetOrder): Result<ResetView>;
}

/** The answer is on its way before the agent ends. */
const RESTART_AFTER_MS = 300;

export function resetTools(parts: {
  readonly folder: string;
  readonly view: () => ResetView;
  readonly restart: (() => void) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}): ResetTools {
  const { folder, view, restart, clock, log } = parts;
  return {
    view,
    reset(order) {
      const now = view();
      if (now.calls > 0) {
        const calls = now.calls === 1 ? 'A call is' : `${now.calls} calls are`;
        return no('reset.calls', `${calls} up: the box is reset when nobody talks.`);
      }
      if (now.records > 0 && !order.records) return no('reset.records', recordsWait(now.records));
      if (restart === undefined) return no('reset.notHere', 'This agent cannot restart itself.');
      try {
        orderReset(folder, order);
      } catch (error) {
        return no('reset.disk', `The reset cannot be ordered on disk: ${String(error)}.`);
      }
      log.warn({ ...order }, 'the box is reset to factory');
      clock.after(RESTART_AFTER_MS, 'reset', restart);
      return ok(now);
    },
  };
}

function no(code: string, say: string) {
  return refuse<CodedError>({ code, fault: 'caller', say });
}
