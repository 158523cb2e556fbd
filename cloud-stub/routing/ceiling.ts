import { formatYen, microYen } from '../../lib/base/units.ts';
import type { ContractView, RoutingAlert, RoutingSnapshot } from './types.ts';

/** Where a contract stands against its ceiling, when that is worth a word. */
export interface CeilingState {
  /** New chargeable calls are refused; emergency and free ones never are, and what runs is not asked again. */
  readonly reached: boolean;
  readonly alert: RoutingAlert;
}

/**
 * Undefined below the warning, and for contracts without a ceiling. A warning at 80 per cent of the chargeable use of the
 * period, the stop at 100. [S3-032]
 */
export function ceilingOf(contract: ContractView, snapshot: RoutingSnapshot): CeilingState | undefined {
  const { ceiling, id } = contract;
  if (ceiling === undefined) return undefined;
  const spent = snapshot.spentMicroYen?.(id) ?? 0;
  const { limitMicroYen: limit, warnPercent } = ceiling;
  // Both sides times 100: no fraction of a micro-yen decides.
  if (spent * 100 < limit * warnPercent && spent < limit) return undefined;
  const reached = spent >= limit;
  const state = `${id} has used ${formatYen(microYen(spent))} of ${formatYen(limit)} yen this period`;
  const say = reached ? `${state}: chargeable calls are refused` : `${state}: the customer is warned`;
  const alert = reached ? 'ceilingReached' : 'ceilingWarning';
  return { reached, alert: { alert, contract: id, facts: ['A-36', 'S3-032'], say } };
}
