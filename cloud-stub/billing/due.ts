import { type Catalogue, itemAt } from '../catalogue/index.ts';
import type { Subscription } from '../contracts/index.ts';
import type { Period } from './period.ts';
import type { BillingPolicy } from './policy.ts';

/** The subscriptions that a period has to look at, each as often as it may cost something. */
export function dueSubscriptions(
  catalogue: Catalogue,
  period: Period,
  subscriptions: readonly Subscription[],
  policy: BillingPolicy,
): readonly Subscription[] {
  const kept = once(catalogue, withoutReplaced(subscriptions, policy), policy);
  const touching = kept.filter((one) => touches(one, period));
  return policy.proration === 'daily' ? touching : withoutReturned(catalogue, touching);
}

/** Held for a moment of the period, from the application on, whether it could be used yet or not. [S0-162] */
function touches(subscription: Subscription, period: Period): boolean {
  const begun = subscription.from < period.until;
  return begun && (subscription.until === null || subscription.until > period.from);
}

/**
 * What was given up and taken again in one period is one thing, and costs its month once; what is held twice at the
 * same time is two. Days are counted as they are, so a prorated month needs none of this.
 */
function withoutReturned(
  catalogue: Catalogue,
  subscriptions: readonly Subscription[],
): readonly Subscription[] {
  const ends = new Map<string, (number | null)[]>();
  return [...subscriptions].sort(byTime).filter((one) => {
    const kind = itemAt(catalogue, one.item, one.from)?.kind;
    if (kind !== 'recurring' && kind !== 'discount') return true;
    const key = `${one.item} ${one.on}`;
    const lanes = ends.get(key) ?? [];
    ends.set(key, lanes);
    const free = lanes.findIndex((end) => end !== null && end <= one.from);
    if (free < 0) lanes.push(one.until);
    else lanes[free] = one.until;
    return free < 0;
  });
}

/** One-time fees that another one takes the place of, under the policy that says so. */
function withoutReplaced(
  subscriptions: readonly Subscription[],
  policy: BillingPolicy,
): readonly Subscription[] {
  return subscriptions.filter(
    (one) =>
      !policy.insteadOf.some(
        ({ item, drops }) =>
          drops === one.item &&
          subscriptions.some(
            (other) => other.item === item && other.on === one.on && other.from === one.from,
          ),
      ),
  );
}

/**
 * What is priced by the order is due once for an application, however many things it is for; in the other reading once
 * for each monthly function that begins with it. [A-28] [S2-002]
 */
function once(
  catalogue: Catalogue,
  subscriptions: readonly Subscription[],
  policy: BillingPolicy,
): readonly Subscription[] {
  const seen = new Set<string>();
  return [...subscriptions].sort(byTime).flatMap((one) => {
    const entry = itemAt(catalogue, one.item, one.from);
    if (entry?.per !== 'order') return [one];
    const key = `${one.item} ${one.from}`;
    if (seen.has(key)) return [];
    seen.add(key);
    if (policy.construction === 'perOrder') return [one];
    const functions = subscriptions.filter((other) => {
      const item = itemAt(catalogue, other.item, other.from);
      const paid = item?.kind === 'recurring' && item.priceMicroYen > 0;
      return paid && item.product === entry.product && other.from === one.from;
    });
    return functions.length === 0 ? [one] : functions.map((other) => ({ ...one, on: other.on }));
  });
}

function byTime(a: Subscription, b: Subscription): number {
  return a.from - b.from || (a.on < b.on ? -1 : a.on > b.on ? 1 : 0);
}
