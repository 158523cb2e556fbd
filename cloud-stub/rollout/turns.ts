import type { GatewayId } from '../../lib/base/ids.ts';
import { toldBy } from './membership.ts';
import { perMinuteNow, provedOf, quotaOf, type Tally } from './tally.ts';
import type { FleetBox, NewOrder, Rollout, RolloutBox } from './types.ts';
import { inWindow } from './window.ts';

const MINUTE_MS = 60_000;
/** A minute's orders do not go out all at once: as many in a sixth of it as belong there. */
const SLICE_MS = 10_000;
const SLICES = MINUTE_MS / SLICE_MS;

/** Pure: the moments of `recent` that count for the rate at `now`. */
export function lastMinute(recent: readonly number[], now: number): readonly number[] {
  // What lies in the future was written before somebody set the clock back.
  return recent.filter((at) => at > now - MINUTE_MS && at <= now);
}

/** Pure: whose turn it is, in order. */
export function turnsNow(
  rollout: Rollout,
  fleet: readonly FleetBox[],
  tally: Readonly<Tally>,
  now: number,
  skip: ReadonlySet<GatewayId>,
): readonly NewOrder[] {
  const room = Math.min(roomOf(rollout, tally), allowanceOf(rollout, tally, now));
  if (room <= 0) return [];
  const ready = fleet.flatMap((there) => {
    const box = rollout.boxes.get(there.gateway);
    if (box === undefined || skip.has(there.gateway) || !isReady(rollout, box, there, now)) return [];
    return [{ box, there, place: placeOf(rollout.id, box) }];
  });
  ready.sort((one, other) => one.place - other.place || (one.box.gateway < other.box.gateway ? -1 : 1));
  return ready.slice(0, room).map(({ box, there }) => {
    const known = Math.max(there.lastOrder?.serial ?? 0, box.now.at === 'ordered' ? box.now.serial : 0);
    const { contract, gateway } = box;
    return { gateway, contract, serial: known + 1, action: 'install' };
  });
}

/** Pure: the boxes after these orders. */
export function afterOrders(
  boxes: ReadonlyMap<GatewayId, RolloutBox>,
  orders: readonly NewOrder[],
  now: number,
): ReadonlyMap<GatewayId, RolloutBox> {
  const next = new Map(boxes);
  for (const { gateway, serial } of orders) {
    const box = next.get(gateway);
    if (box === undefined) continue;
    const firstSerial = box.now.at === 'ordered' ? box.now.firstSerial : serial;
    const heard = box.now.at === 'ordered' ? box.now.heard : null;
    next.set(gateway, {
      ...box,
      now: { at: 'ordered', firstSerial, serial, orderedAt: now, held: false, heard, trouble: null },
    });
  }
  return next;
}

function isReady({ plan }: Rollout, box: RolloutBox, there: FleetBox, now: number): boolean {
  const open = box.now.at === 'waiting' || (box.now.at === 'ordered' && box.now.held);
  if (!open || !there.online || there.taken || there.enrolledAt !== box.enrolledAt) return false;
  if (toldBy(there)?.compatible !== plan.release.compatible) return false;
  const own = plan.windows[box.contract];
  return inWindow(own === undefined ? plan.window : own, plan.leadMs, now);
}

/** How many more the wave has room for. Boxes that are away or late have given their place to others. */
function roomOf({ plan, wave }: Rollout, tally: Readonly<Tally>): number {
  return quotaOf(plan.waves, wave, tally) - provedOf(tally) - tally.underWay;
}

function allowanceOf({ plan, recent }: Rollout, { done }: Readonly<Tally>, now: number): number {
  const perMinute = perMinuteNow(plan.rate, done);
  const slice = recent.filter((at) => at > now - SLICE_MS).length;
  return Math.min(perMinute - recent.length, Math.ceil(perMinute / SLICES) - slice);
}

/** Whoever was told to wait goes first; the rest come in an order that is another one in each rollout (FNV-1a). */
function placeOf(rollout: string, { gateway, now }: RolloutBox): number {
  if (now.at === 'ordered') return -1;
  let hash = 0x811c9dc5;
  for (const letter of `${rollout}/${gateway}`) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  // FNV-1a alone leaves names that differ in their last letter beside each other.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
