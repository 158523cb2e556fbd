import { formatYen, type MicroYen, microYen } from '../../lib/base/units.ts';
import type { TraceLine } from '../routing/types.ts';
import type { Charge } from './types.ts';

/** A ceiling of chargeable use in a period. [S3-032] */
export interface SpendCeiling {
  readonly limitMicroYen: MicroYen;
  /** A warning is due at this share of it: 80. */
  readonly warnPercent: number;
}

/** What one contract has used in one period, without tax. */
export interface Spend {
  readonly microYen: MicroYen;
}

/** Where a spend stands. */
export type SpendLevel = 'below' | 'warned' | 'reached';

/** Nothing used. */
export const noSpend: Spend = { microYen: microYen(0) };

/** Where a spend stands against its ceiling; without one it is always below. */
export function spendLevel(spend: Spend, ceiling: SpendCeiling | null): SpendLevel {
  if (ceiling === null) return 'below';
  if (spend.microYen >= ceiling.limitMicroYen) return 'reached';
  // Both sides times 100: no fraction of a micro-yen decides.
  return spend.microYen * 100 >= ceiling.limitMicroYen * ceiling.warnPercent ? 'warned' : 'below';
}

/**
 * Adds a charge (or the difference of an adjustment). `notice` is given exactly once for each level that is newly
 * reached: the warning at 80 %, the stop at 100 %.
 */
export function addSpend(
  spend: Spend,
  charge: Pick<Charge, 'amount'>,
  ceiling: SpendCeiling | null,
): { readonly spend: Spend; readonly notice: TraceLine | null } {
  const after: Spend = { microYen: microYen(spend.microYen + charge.amount) };
  const [was, is] = [spendLevel(spend, ceiling), spendLevel(after, ceiling)];
  const newly = was !== is && charge.amount > 0;
  return { spend: after, notice: newly && ceiling !== null ? noticeOf(is, after, ceiling) : null };
}

function noticeOf(level: SpendLevel, spend: Spend, ceiling: SpendCeiling): TraceLine | null {
  const state = `${formatYen(spend.microYen)} of ${formatYen(ceiling.limitMicroYen)} yen are used`;
  switch (level) {
    case 'below':
      return null;
    case 'warned':
      return { rule: 'spend.warning', facts: ['A-36', 'S3-032'], say: `${state}: warn the customer` };
    case 'reached':
      return { rule: 'spend.ceiling', facts: ['A-36', 'S3-032'], say: `${state}: no more chargeable calls` };
  }
}
