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

/** What became of an order to wipe. */
export interface WipeView extends ResetView {
  /** The service has taken the identity back; null for a box that had none. */
  readonly told: boolean | null;
  /** Why it could not be told. */
  readonly say: string;
}

/** A reset of the running box. */
export interface ResetTools {
  view(): ResetView;
  /** Has the service take the identity back, as far as it can be reached, and then the box forget everything. */
  wipe(records: boolean): Promise<Result<WipeView>>;
  /** Orders it and restarts the agent, which carries it out before anything else. */
  reset(order: ResetOrder): Result<ResetView>;
}

/** The answer is on its way before the agent ends. */
const RESTART_AFTER_MS = 300;

export function resetTools(parts: {
  readonly folder: string;
  readonly view: () => ResetView;
  readonly restart: (() => void) | undefined;
  /** Gives the identity back; undefined for a box that has none. */
  readonly leave: () => Promise<Result<void>> | undefined;
  /** The storage is made anew at the next start, which comes at once. */
  readonly orderWipe: () => Result<void>;
  readonly clock: Clock;
  readonly log: Logger;
}): ResetTools {
  const { folder, view, restart, clock, log } = parts;
  const inTheWay = (now: ResetView, records: boolean): Result<never, CodedError> | undefined => {
    if (now.calls > 0) {
      const calls = now.calls === 1 ? 'A call is' : `${now.calls} calls are`;
      return no('reset.calls', `${calls} up: the box is reset when nobody talks.`);
    }
    return now.records > 0 && !records ? no('reset.records', recordsWait(now.records)) : undefined;
  };
  return {
    view,
    async wipe(records) {
      const before = inTheWay(view(), records);
      if (before !== undefined) return before;
      const left = await parts.leave();
      // Whoever began to talk meanwhile goes on; the box has no identity then, and can be wiped after it.
      const since = inTheWay(view(), records);
      if (since !== undefined) return since;
      const ordered = parts.orderWipe();
      if (!ordered.ok) return ordered;
      const told = left === undefined ? null : left.ok;
      log.warn({ told }, 'the box is wiped');
      return ok({ ...view(), told, say: left?.ok === false ? left.error.say : '' });
    },
    reset(order) {
      const now = view();
      const stands = inTheWay(now, order.records);
      if (stands !== undefined) return stands;
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
