import { unreachable } from '../../lib/base/errors.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import { heardFrom, isGivenUp } from './heard.ts';
import { hasEnded, joinFleet, leave, toldBy } from './membership.ts';
import { provedOf, quotaOf, type Tally, tallyOf, tooManyWrong, wrongOf } from './tally.ts';
import { troubleOf } from './trouble.ts';
import { afterOrders, lastMinute, turnsNow } from './turns.ts';
import type { FleetBox, NewOrder, Rollout, RolloutBox, RolloutInput, RolloutPlan, Stepped } from './types.ts';

type Boxes = ReadonlyMap<GatewayId, RolloutBox>;
type Look = Extract<RolloutInput, { readonly kind: 'look' }>;

/** A rollout before its first look. */
export function newRollout(id: string, plan: RolloutPlan, startedAt: number): Rollout {
  const state = { at: 'running' } as const;
  return { id, plan, startedAt, state, wave: 0, soakFrom: null, recent: [], boxes: new Map() };
}

/**
 * Pure: a rollout after something happened at `now` (epoch ms), and what is to be told to whom because of it. What is ordered
 * is written down in the rollout that comes back: whoever keeps both together and publishes then loses nothing by dying.
 */
export function stepRollout(rollout: Rollout, input: RolloutInput, now: number): Stepped {
  switch (input.kind) {
    case 'look':
      return look(rollout, input, now);
    case 'reports': {
      const boxes = new Map(rollout.boxes);
      for (const { gateway, report } of input.reports) {
        const box = boxes.get(gateway);
        if (box !== undefined) boxes.set(gateway, heardFrom(rollout, box, report, now));
      }
      return settled({ ...rollout, boxes }, now);
    }
    case 'pause':
      if (rollout.state.at !== 'running' && rollout.state.at !== 'complete') return nothing(rollout);
      return standStill({ ...rollout, state: { at: 'paused', why: input.why } });
    case 'resume':
      if (rollout.state.at !== 'paused') return nothing(rollout);
      return settled({ ...rollout, state: { at: 'running' } }, now);
    case 'abort':
      return isGivenUp(rollout) ? nothing(rollout) : giveUp(rollout, input.why, 'operator', now);
    case 'supersede': {
      if (isGivenUp(rollout)) return nothing(rollout);
      const boxes = mapped(rollout.boxes, (box) => (hasEnded(box) ? box : leave(box, 'superseded', now)));
      return nothing({ ...rollout, boxes, state: { at: 'superseded', by: input.by } });
    }
    default:
      return unreachable(input);
  }
}

function look(before: Rollout, { fleet, watchingSince }: Look, now: number): Stepped {
  const givenUp = isGivenUp(before);
  const { boxes: joined, orders: holds } = givenUp
    ? { boxes: before.boxes, orders: [] }
    : joinFleet(before, fleet, now);
  const there = new Map(fleet.map((each) => [each.gateway, each]));
  const boxes = mapped(joined, (box) => seen(before, box, there.get(box.gateway), watchingSince, now));
  const looked = settled({ ...before, boxes, recent: lastMinute(before.recent, now) }, now);
  if (looked.rollout.state.at !== 'running') return { ...looked, orders: [...holds, ...looked.orders] };
  const tally = tallyOf(boxes.values());
  const waved = nextWave(looked.rollout, tally, now);
  if (waved.soakFrom !== null) return { rollout: waved, orders: holds };
  const held = new Set(holds.map(({ gateway }) => gateway));
  const turns = turnsNow(waved, fleet, tally, now, held);
  const recent = [...waved.recent, ...turns.map(() => now)];
  const rollout = { ...waved, recent, boxes: afterOrders(boxes, turns, now) };
  return { rollout, orders: [...holds, ...turns] };
}

/** A box after a look: what it told last, should that have been missed, and whether it is in trouble. */
function seen(
  rollout: Rollout,
  box: RolloutBox,
  there: FleetBox | undefined,
  watchingSince: number,
  now: number,
): RolloutBox {
  if (box.now.at !== 'ordered') return box;
  const told = there && toldBy(there);
  const at = there?.report?.receivedAt ?? now;
  const heard = told === undefined ? box : heardFrom(rollout, box, told, at);
  if (heard.now.at !== 'ordered' || heard.now.held || isGivenUp(rollout)) return heard;
  const trouble = troubleOf(rollout.plan, heard.now, there, watchingSince, now);
  return trouble === heard.now.trouble ? heard : { ...heard, now: { ...heard.now, trouble } };
}

/**
 * Given up when too much has gone wrong: of what there is, or at the end of a wave, however small that was. Complete when nobody
 * is left to be asked; running again when somebody has come.
 */
function settled(rollout: Rollout, now: number): Stepped {
  const { boxes, plan, state, wave } = rollout;
  if (isGivenUp(rollout)) return nothing(rollout);
  const tally = tallyOf(boxes.values());
  const all = boxes.size > 0 && [...boxes.values()].every(hasEnded);
  if (tooManyWrong(rollout, tally, all || isThrough(rollout, wave, tally))) {
    const why = `${wrongOf(tally)} of ${provedOf(tally)} boxes went wrong; at ${plan.abort.sharePercent} % a rollout ends.`;
    return giveUp(rollout, why, 'share', now);
  }
  const at = all ? 'complete' : 'running';
  return nothing(state.at === 'paused' || at === state.at ? rollout : { ...rollout, state: { at } });
}

/** Through the wave that runs, and through its soak: the next one. Waves that are through already cost no time. */
function nextWave(rollout: Rollout, tally: Readonly<Tally>, now: number): Rollout {
  const { plan } = rollout;
  if (rollout.wave >= plan.waves.length) return rollout;
  const soakFrom = rollout.soakFrom ?? (isThrough(rollout, rollout.wave, tally) ? now : null);
  if (soakFrom === null) return rollout;
  if (now - soakFrom < plan.soakMs) return { ...rollout, soakFrom };
  let wave = rollout.wave + 1;
  while (wave < plan.waves.length && isThrough(rollout, wave, tally)) wave++;
  return { ...rollout, wave, soakFrom: null };
}

function isThrough({ plan }: Rollout, wave: number, tally: Readonly<Tally>): boolean {
  if (wave >= plan.waves.length || tally.underWay > 0) return false;
  const proved = provedOf(tally);
  return proved >= quotaOf(plan.waves, wave, tally) && proved > 0;
}

function giveUp(rollout: Rollout, why: string, by: 'operator' | 'share', now: number): Stepped {
  const state = { at: 'aborted', why, by } as const;
  const boxes = mapped(rollout.boxes, (box) => {
    if (box.now.at === 'waiting') return leave(box, 'aborted', now);
    const state = box.now.at === 'ordered' && box.now.held ? box.now.heard?.state : undefined;
    return state?.at === 'waiting' && state.for === 'held' ? leave(box, 'aborted', now) : box;
  });
  return standStill({ ...rollout, state, boxes });
}

/** Every box that could be stopped is told to stand still. Who restarts already, or is tried, goes on. */
function standStill(rollout: Rollout): Stepped {
  const orders: NewOrder[] = [];
  const boxes = mapped(rollout.boxes, (box) => {
    const { contract, gateway, now } = box;
    if (now.at !== 'ordered' || now.held) return box;
    if (now.heard?.state.at === 'restarting' || now.heard?.state.at === 'probation') return box;
    const serial = now.serial + 1;
    orders.push({ gateway, contract, serial, action: 'hold' });
    return { ...box, now: { ...now, serial, held: true, trouble: null } };
  });
  return { rollout: { ...rollout, boxes }, orders };
}

function mapped(boxes: Boxes, change: (box: RolloutBox) => RolloutBox): Boxes {
  return new Map([...boxes].map(([gateway, box]) => [gateway, change(box)]));
}

function nothing(rollout: Rollout): Stepped {
  return { rollout, orders: [] };
}
