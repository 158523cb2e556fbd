import { type CallName, callsOf, type Desk } from '../features/index.ts';
import { type Draft, endsOf } from './draft.ts';
import { endFromHere } from './end-call.ts';
import type { Leg, LegId } from './model.ts';
import { endOfTalk } from './reasons.ts';
import { ring } from './ringing.ts';

/**
 * Line `port` hangs up between two calls: the two go on without it. Each leg keeps its record and its payer; of two legs
 * that become one, the internal one ends.
 */
export function transfer(draft: Draft, port: number, heldId: LegId, activeId: LegId): void {
  const held = draft.leg(heldId);
  const active = draft.leg(activeId);
  if (held === undefined || active === undefined) return;
  if (held.direction === 'internal') passActiveOn(draft, port, held, active);
  else if (active.direction === 'internal') passHeldOn(draft, port, held, active);
  else bridge(draft, port, held, active);
}

/** The colleague who was on hold takes over the call with whoever was asked. */
function passActiveOn(draft: Draft, port: number, held: Leg, active: Leg): void {
  const to = endsOf(held).find((end) => end !== port);
  if (to === undefined || endsOf(active).includes(to)) {
    endFromHere(draft, active, port);
    endFromHere(draft, held, port);
    return;
  }
  moveEnd(draft, active, port, to);
  swapCall(draft, to, held.id, active.id);
  finishPassed(draft, held, `line ${port} passed the call on`);
}

/** The caller who was on hold goes to the colleague who was asked, or rings there. */
function passHeldOn(draft: Draft, port: number, held: Leg, active: Leg): void {
  const to = endsOf(active).find((end) => end !== port);
  if (to === undefined) {
    endFromHere(draft, active, port);
    endFromHere(draft, held, port);
    return;
  }
  const moved = moveEnd(draft, held, port, to);
  swapCall(draft, to, active.id, held.id);
  const answered = active.stage === 'talking';
  finishPassed(draft, active, `line ${port} passed the caller on`);
  if (answered) return;
  draft.update({ ...moved, passedBy: port });
  draft.push({ type: 'ringTimer', leg: held.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
}

/** Both are outside: their sessions are joined in the box, and both legs go on holding their channels. */
function bridge(draft: Draft, port: number, held: Leg, active: Leg): void {
  draft.update({ ...held, seat: { at: 'bridged', other: active.id }, passedBy: port });
  draft.update({ ...active, seat: { at: 'bridged', other: held.id }, passedBy: port });
  draft.note('two calls with the outside go on without a line', { port, leg: held.id });
  draft.push({ type: 'journalKeep', leg: held.id }, { type: 'journalKeep', leg: active.id });
}

/** The leg of the one who passed a call on is over; nobody is told, because nobody loses anybody. */
function finishPassed(draft: Draft, leg: Leg, because: string): void {
  const end = leg.stage === 'talking' ? endOfTalk('internal', 'line').end : 'callerGaveUp';
  draft.finish(leg, end, because);
}

/** One end of a leg moves from line to line. */
export function moveEnd(draft: Draft, leg: Leg, from: number, to: number): Leg {
  const moved =
    leg.direction === 'internal' && leg.peerPort === from ? { ...leg, peerPort: to } : { ...leg, port: to };
  draft.push({ type: 'journalKeep', leg: leg.id });
  return draft.update(moved);
}

/** A desk has another call in the place of one. */
function swapCall(draft: Draft, port: number, before: CallName, after: CallName): void {
  const swap = (name: CallName): CallName => (name === before ? after : name);
  const desk = draft.desk(port);
  const next: Desk = (() => {
    switch (desk.at) {
      case 'none':
        return desk;
      case 'one':
        return { ...desk, active: swap(desk.active) };
      case 'announced':
        return {
          ...desk,
          active: desk.active === null ? null : swap(desk.active),
          waiting: swap(desk.waiting),
        };
      case 'asking':
        return { ...desk, held: swap(desk.held) };
      case 'two':
        return { ...desk, active: swap(desk.active), held: swap(desk.held) };
      case 'three':
        return { ...desk, active: swap(desk.active), other: swap(desk.other) };
    }
  })();
  draft.setDesk(port, next);
}

/** Calls that were passed on and have lost their other half. */
export function settlePassedOn(draft: Draft): void {
  for (const leg of [...draft.state.legs.values()]) {
    if (leg.seat.at !== 'bridged' || draft.leg(leg.seat.other) !== undefined) continue;
    const neverJoined = leg.stage === 'talking' && leg.farHears.to !== 'session';
    if (neverJoined && callBack(draft, leg)) continue;
    endFromHere(draft, leg, leg.port);
  }
}

/** A call that was passed on and not taken rings the one who passed it on, once. False when he is not free. */
export function callBack(draft: Draft, leg: Leg): boolean {
  const { passedBy } = leg;
  const state = passedBy === null ? undefined : draft.state.ports.get(passedBy);
  if (passedBy === null || state === undefined || state.leaving) return false;
  if (state.line.at !== 'onHook' || callsOf(state.desk).length > 0) return false;
  const back = draft.update({ ...leg, seat: { at: 'line' }, port: passedBy, passedBy: null });
  draft.deskStep(passedBy, { type: 'placed', call: leg.id });
  ring(draft, passedBy, back);
  draft.push({ type: 'ringTimer', leg: leg.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
  return true;
}
