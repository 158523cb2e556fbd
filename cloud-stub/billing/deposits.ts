import type { Instant } from '../../lib/base/clock.ts';
import { MICRO_YEN_PER_YEN } from '../../lib/base/units.ts';
import { type Catalogue, itemAt } from '../catalogue/index.ts';
import type { Subscription } from '../contracts/index.ts';
import { inPeriod, type Period } from './period.ts';
import type { DepositLine } from './types.ts';

/**
 * Deposits that move in a period: taken when one begins, given back when it ends; one that is raised ends and begins
 * again, so the difference is left. Held for the customer: neither revenue nor taxed. [A-40] [S0-025] [S0-152] [S0-166]
 */
export function depositLines(
  catalogue: Catalogue,
  period: Period,
  subscriptions: readonly Subscription[],
): readonly DepositLine[] {
  const lines = new Map<string, DepositLine>();
  for (const subscription of subscriptions) {
    const entry = itemAt(catalogue, subscription.item, subscription.from);
    if (entry?.kind !== 'deposit') continue;
    const amountYen = Math.floor((subscription.amountMicroYen ?? entry.priceMicroYen) / MICRO_YEN_PER_YEN);
    const moved = signs(subscription.from, subscription.until, period) * amountYen;
    if (moved === 0) continue;
    const key = `${entry.id} ${subscription.on}`;
    const before = lines.get(key)?.amountYen ?? 0;
    const { id: item, name, facts } = entry;
    lines.set(key, { item, name, facts, on: subscription.on, amountYen: before + moved });
  }
  return [...lines]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, line]) => line)
    .filter((line) => line.amountYen !== 0);
}

function signs(from: Instant, until: Instant | null, period: Period): number {
  const taken = inPeriod(period, from) ? 1 : 0;
  const returned = until !== null && inPeriod(period, until) ? 1 : 0;
  return taken - returned;
}
