import type { GatewayId } from '../../lib/base/ids.ts';
import { compareVersions, type UpdateReport } from '../../lib/contract/update.ts';
import type { FleetBox, NewOrder, Rollout, RolloutBox, RolloutPlan, Scope } from './types.ts';

/** How far a box's clock may be behind. */
const SKEW_MS = 600_000;
/** No box that knows the time says an earlier one: 2020-01-01. */
const SENSE_MS = 1_577_836_800_000;

/** Pure: whether a rollout is for a box. */
export function isFor(scope: Scope, { gateway, contract }: Pick<FleetBox, 'gateway' | 'contract'>): boolean {
  if (scope.kind === 'all') return true;
  return scope.kind === 'contracts' ? scope.contracts.includes(contract) : scope.gateways.includes(gateway);
}

/** Pure: whether everything that `inner` is for is what `outer` is for, whatever boxes there are. */
export function covers(outer: Scope, inner: Scope): boolean {
  if (outer.kind === 'all') return true;
  if (outer.kind === 'contracts') {
    return inner.kind === 'contracts' && inner.contracts.every((one) => outer.contracts.includes(one));
  }
  return inner.kind === 'gateways' && inner.gateways.every((one) => outer.gateways.includes(one));
}

/**
 * Pure: what a box itself has told. What the box before it under the same name told is not that; nor is it what a broker
 * keeps of that and tells again.
 */
export function toldBy({ enrolledAt, report }: FleetBox): UpdateReport | undefined {
  if (report === null || report.receivedAt < enrolledAt) return undefined;
  const { at } = report.report;
  return at >= SENSE_MS && at < enrolledAt - SKEW_MS ? undefined : report.report;
}

/** Who belongs to a rollout now. */
export interface Membership {
  readonly boxes: ReadonlyMap<GatewayId, RolloutBox>;
  /** Boxes that still have another order to install: they stand still until it is their turn. */
  readonly orders: readonly NewOrder[];
}

/** Pure: takes in boxes that have come or were claimed anew, and lets go those that are gone or belong to a later rollout. */
export function joinFleet(rollout: Rollout, fleet: readonly FleetBox[], now: number): Membership {
  const { plan } = rollout;
  const boxes = new Map(rollout.boxes);
  const orders: NewOrder[] = [];
  const there = new Set<GatewayId>();
  for (const each of fleet) {
    if (!isFor(plan.scope, each)) continue;
    there.add(each.gateway);
    const known = boxes.get(each.gateway);
    const fresh = known === undefined || known.enrolledAt !== each.enrolledAt;
    if (each.taken) {
      if (known !== undefined && !hasEnded(known)) boxes.set(each.gateway, leave(known, 'superseded', now));
      continue;
    }
    const told = toldBy(each);
    if (!fresh) {
      const box = sorted(known, plan, told, now);
      boxes.set(each.gateway, box.contract === each.contract ? box : { ...box, contract: each.contract });
    }
    if (!fresh || (known === undefined && told?.compatible !== plan.release.compatible)) continue;
    const { contract, enrolledAt, gateway } = each;
    const box = sorted({ gateway, contract, enrolledAt, now: { at: 'waiting' } }, plan, told, now);
    boxes.set(gateway, box);
    if (box.now.at === 'waiting' && mayStillInstall(each)) {
      orders.push({ gateway, contract, serial: (each.lastOrder?.serial ?? 0) + 1, action: 'hold' });
    }
  }
  for (const [gateway, box] of boxes) {
    if (!there.has(gateway) && !hasEnded(box)) boxes.set(gateway, leave(box, 'gone', now));
  }
  return { boxes, orders };
}

/** Whether it has come to its one end. */
export function hasEnded({ now }: RolloutBox): boolean {
  return now.at !== 'waiting' && now.at !== 'ordered';
}

/** Pure: the box with nothing more to be asked of it. */
export function leave(
  box: RolloutBox,
  why: 'newer' | 'superseded' | 'aborted' | 'gone',
  now: number,
): RolloutBox {
  return { ...box, now: { at: 'left', endedAt: now, why } };
}

/** A waiting box that need not wait: it runs that version, or a newer one. */
function sorted(
  box: RolloutBox,
  { allowOlder, release }: RolloutPlan,
  told: UpdateReport | undefined,
  now: number,
): RolloutBox {
  if (box.now.at !== 'waiting' || told === undefined || !told.running.confirmed) return box;
  if (told.compatible !== release.compatible) return box;
  const order = compareVersions(told.running.version, release.version);
  if (order === 0) return { ...box, now: { at: 'already', endedAt: now } };
  return order > 0 && !allowOlder ? leave(box, 'newer', now) : box;
}

/** Whether its last order tells it to install something, and it has not come to an end with that. */
function mayStillInstall({ lastOrder, report }: FleetBox): boolean {
  if (lastOrder?.action !== 'install') return false;
  const state = report?.report.serial === lastOrder.serial ? report.report.state.at : undefined;
  return state !== 'done' && state !== 'failed' && state !== 'rolledBack';
}
